// The line a node logs when it begins to serve: what the start found, and how long it took.
//
// A value and its words; any thread.
#pragma once

#include <string>

#include "ashlar/storage_engine.h"
#include "ledger/ledger.h"

namespace ashlar::host {

/// How the life before ended.
enum class LastStop : std::uint8_t {
    none,  ///< there was no life before
    clean,
    unclean,  ///< a kill, a crash or a power cut
};

/// Ask before node::prepare(), which notes that the node runs.
LastStop last_stop(const ledger::Ledger& ledger);

/// An engine that replays a log says how much in its facts: replayed_records, replayed_bytes.
std::string start_line(LastStop before, std::uint32_t incarnation, const EngineStats& engine, Duration took);

}  // namespace ashlar::host
