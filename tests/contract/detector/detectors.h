// The detectors under test and what each promises.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "ashlar/failure_detector.h"
#include "made.h"

namespace ashlar::contract {

struct DetectorCase {
    const Descriptor* descriptor;
    std::string name;
    Overrides settings;
    /// So long after it was last heard a dead one of so many peers is down, says the plugin's header: for an observer
    /// that is well, when nobody else accuses it.
    Duration (*convicts_within)(std::size_t peers);
};
inline void PrintTo(const DetectorCase& c, std::ostream* out) {
    *out << c.name;
}
inline std::string case_name(const testing::TestParamInfo<DetectorCase>& made) {
    return made.param.name;
}

/// Each with its defaults.
std::vector<DetectorCase> all_detectors();
/// The same with settings that make them hasty: their promises follow.
std::vector<DetectorCase> hasty_detectors();

}  // namespace ashlar::contract
