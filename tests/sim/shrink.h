// Makes a failing plan smaller: switches off kinds of faults one at a time and shortens the run, as long as it still
// fails (with any complaint). What is left names the cause better than the seed does.
#pragma once

#include "verdict.h"

namespace ashlar::sim {

/// Runs the plan some dozens of times. The plan given must fail.
Plan shrink(Plan plan);

}  // namespace ashlar::sim
