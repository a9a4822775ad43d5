// The table that comes and goes beside `default`: which life of it is open to clients. A life's keys are places of
// their own, so a value that shows up in a later life is a phantom.
#pragma once

#include <cstdint>
#include <string>

#include "kit/text.h"
#include "reach.h"

namespace ashlar::sim {

struct TableWatch {
    enum class State : std::uint8_t { absent, live, changing };
    std::string name = "extra";
    State state = State::absent;
    std::uint64_t life = 0;
    std::uint32_t id = 0;
    Terms terms;                  ///< of this life, in a cluster
    std::uint64_t in_flight = 0;  ///< orders of clients; a new life begins only when those of the old are answered

    std::string prefix() const { return kit::text(name, "#", life, "/"); }
};

}  // namespace ashlar::sim
