// The descriptor of failure_detector/swim.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "swim.h"

namespace {

using ashlar::SettingSpec;
using ashlar::SettingType;

constexpr std::int64_t hour = ashlar::seconds(3600).us;

constexpr std::array settings{
    SettingSpec{"period", SettingType::duration, "1s", 10'000, 600'000'000, nullptr,
                "One node after the other is probed, one in each period; those in doubt in every period."},
    SettingSpec{"probe_timeout", SettingType::duration, "500ms", 1000, 600'000'000, nullptr,
                "An answer that takes longer is missed: first others are asked to probe the node, then it is suspect. "
                "Not above period."},
    SettingSpec{"helpers", SettingType::integer, "3", 0, 16, nullptr,
                "So many others are asked to probe a node that did not answer."},
    SettingSpec{"suspicion_periods", SettingType::integer, "3", 1, 100, nullptr,
                "A suspect has so many periods, times log2 of the number of nodes, to be heard; up to three times as "
                "many while nobody else accuses it. Then it is down, if a second source agrees."},
    SettingSpec{"doubt_max", SettingType::integer, "4", 0, 8, nullptr,
                "How much a node doubts itself at most when its own probes fail or it was paused: its time-outs and "
                "its patience grow by so many times themselves."},
    SettingSpec{"slow_factor", SettingType::integer, "10", 2, 1000, nullptr,
                "A node whose answers mostly take so many times as long as usual is slow: reads prefer others."},
    SettingSpec{"slow_floor", SettingType::duration, "200ms", 1000, hour, nullptr,
                "Answers quicker than this are never slow."},
};

ashlar::Result<std::unique_ptr<ashlar::FailureDetector>> make(ashlar::Host& host, const ashlar::Settings& given) {
    ashlar::swim::Rules rules;
    rules.period = given.duration("period");
    rules.probe_timeout = given.duration("probe_timeout");
    rules.helpers = static_cast<std::size_t>(given.integer("helpers"));
    rules.suspicion_periods = given.integer("suspicion_periods");
    rules.doubt_max = given.integer("doubt_max");
    rules.slow_factor = given.integer("slow_factor");
    rules.slow_floor = given.duration("slow_floor");
    if (rules.probe_timeout > rules.period)
        return ashlar::fail(ashlar::Code::invalid_request, "probe_timeout must not be above period");
    return std::unique_ptr<ashlar::FailureDetector>(new ashlar::swim::Swim(rules, host.random()));
}

}  // namespace

ASHLAR_PLUGIN(failure_detector, ashlar::FailureDetector, "swim", "1.0.0",
              "Probes in turns, through others before suspecting, and with doubt in itself (SWIM with Lifeguard).",
              ashlar::deterministic, settings, make)
