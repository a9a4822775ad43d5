// How far an import got, on disk, so that the next run goes on there.
//
// Covers only the records before `offset` of which none failed, all answered for by the node. Written beside the
// old one and renamed over it; a state that is damaged or of another input counts as none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "outcome.h"
#include "tally.h"

namespace ashlar::cli::import {

struct State {
    std::string identity;  ///< of input, way of reading and target: must be equal to go on
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
    std::string csv_header;
    Tally tally;
};

std::string state_text(const State& state);
std::optional<State> state_from(std::string_view text);

/// Nothing when there is no file. A failure when it cannot be read; a damaged one is nothing.
Outcome<std::optional<State>> load_state(const std::string& path);
Outcome<Done> save_state(const std::string& path, const State& state);

}  // namespace ashlar::cli::import
