// What every room is handed with each event: the clocks as they stand and the door to the world.
#pragma once

#include "ashlar/types.h"
#include "port/effects.h"

namespace ashlar::port {

struct Turn {
    const Now& now;
    Effects& effects;
};

/// "Not at all": later than every moment a node will see.
inline constexpr Instant never{INT64_MAX};

}  // namespace ashlar::port
