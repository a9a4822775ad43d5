// The kernel's chance with a seed, by the name the tests use.
#pragma once

#include "base/seeded_random.h"

namespace ashlar::sim {

using base::SeededRandom;

}  // namespace ashlar::sim
