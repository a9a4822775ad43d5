// The descriptor of failure_detector/phi_accrual.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "phi_accrual.h"

namespace {

using ashlar::SettingSpec;
using ashlar::SettingType;
using ashlar::phi_accrual::interval_max;
using ashlar::phi_accrual::window_max;

constexpr std::int64_t hour = ashlar::seconds(3600).us;

constexpr std::array settings{
    SettingSpec{"suspect_milli_phi", SettingType::integer, "3000", 500, 100'000, nullptr,
                "A node is suspect from this phi on, in thousandths: 3000 when one silence in 1,000 is as long."},
    SettingSpec{"down_milli_phi", SettingType::integer, "8000", 1000, 100'000, nullptr,
                "A node whose silence, less acceptable_pause, has this phi is down, if a second source agrees. Not "
                "below suspect_milli_phi."},
    SettingSpec{"deviation_min", SettingType::duration, "500ms", 1000, interval_max.us, nullptr,
                "Heartbeats that come more regularly than this are treated as if they did not."},
    SettingSpec{"acceptable_pause", SettingType::duration, "5s", 100'000, interval_max.us, nullptr,
                "A silence so much longer than usual condemns nobody; the node is only avoided."},
    SettingSpec{"down_at_most", SettingType::duration, "20s", 200'000, hour, nullptr,
                "A silence so long is down, however irregular the heartbeats were. More than acceptable_pause."},
    SettingSpec{"first_interval", SettingType::duration, "1s", 10'000, interval_max.us, nullptr,
                "How far apart heartbeats are expected before any came: the gossip interval."},
    SettingSpec{"window", SettingType::integer, "200", 10, window_max, nullptr,
                "So many intervals of each node are remembered, 4 bytes each."},
    SettingSpec{"slow_factor", SettingType::integer, "10", 2, 1000, nullptr,
                "A node whose answers mostly take so many times as long as usual is slow: reads prefer others."},
    SettingSpec{"slow_floor", SettingType::duration, "200ms", 1000, hour, nullptr,
                "Answers quicker than this are never slow."},
    SettingSpec{"probe_every", SettingType::duration, "1s", 10'000, hour, nullptr,
                "A node that is suspect or down is asked directly so often."},
};

ashlar::Result<std::unique_ptr<ashlar::FailureDetector>> make(ashlar::Host&, const ashlar::Settings& given) {
    ashlar::phi_accrual::Thresholds t;
    t.suspect_phi_milli = given.integer("suspect_milli_phi");
    t.down_phi_milli = given.integer("down_milli_phi");
    t.deviation_min = given.duration("deviation_min");
    t.acceptable_pause = given.duration("acceptable_pause");
    t.down_at_most = given.duration("down_at_most");
    t.first_interval = given.duration("first_interval");
    t.window = static_cast<std::size_t>(given.integer("window"));
    t.slow_factor = given.integer("slow_factor");
    t.slow_floor = given.duration("slow_floor");
    t.probe_every = given.duration("probe_every");
    if (t.down_phi_milli < t.suspect_phi_milli)
        return ashlar::fail(ashlar::Code::invalid_request, "down_milli_phi must not be below suspect_milli_phi");
    if (t.down_at_most <= t.acceptable_pause)
        return ashlar::fail(ashlar::Code::invalid_request, "down_at_most must be longer than acceptable_pause");
    return std::unique_ptr<ashlar::FailureDetector>(new ashlar::phi_accrual::PhiAccrual(t));
}

}  // namespace

ASHLAR_PLUGIN(failure_detector, ashlar::FailureDetector, "phi_accrual", "1.0.0",
              "Suspicion grows with a silence that is unlikely, going by how regularly the node was heard.",
              ashlar::deterministic, settings, make)
