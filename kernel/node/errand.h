// Long work that an operator began, as it stands: a scrub, a repair, a comparison.
//
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "ashlar/types.h"
#include "repair/repair_order.h"

namespace ashlar::node {

/// What becomes of the tokens of a bad block.
enum class Healing : std::uint8_t {
    kept,       ///< as it is: nobody else has what it held, or it is none of the data
    refilling,  ///< given up; the other owners bring what it held
    refilled,
};

struct ScrubReport {
    struct Bad {
        BadBlock block;
        Healing healing = Healing::kept;
    };
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_in_all = 0;  ///< there were to read when it began, about
    std::vector<Bad> bad;
};

struct Errand {
    enum class Kind : std::uint8_t { scrub, repair, verify };
    enum class State : std::uint8_t { running, done, failed, cancelled };

    std::uint64_t number = 0;
    Kind kind = Kind::scrub;
    State state = State::running;
    Error error;  ///< of failed
    Instant began;
    Instant ended;  ///< unless running
    ScrubReport scrub;
    // repair, verify
    std::string table;  ///< empty: all
    TokenRange tokens;
    std::string datacentre;
    repair::RepairReport repair;
    std::uint64_t partitions_elsewhere = 0;  ///< in its range, of a table, that this node does not own
};

}  // namespace ashlar::node
