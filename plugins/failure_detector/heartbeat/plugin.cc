// The descriptor of failure_detector/heartbeat.
#include "ashlar/plugin.h"

#include <array>
#include <memory>

#include "heartbeat.h"

namespace {

constexpr std::int64_t hour = ashlar::seconds(3600).us;

constexpr std::array settings{
    ashlar::SettingSpec{"suspect_after", ashlar::SettingType::duration, "5s", 100'000, hour, nullptr,
                        "A node not heard for so long is suspect: requests avoid it."},
    ashlar::SettingSpec{"down_after", ashlar::SettingType::duration, "10s", 200'000, hour, nullptr,
                        "A node not heard for so long is down, if a second source agrees. More than suspect_after."},
    ashlar::SettingSpec{"slow_after", ashlar::SettingType::duration, "1s", 1000, hour, nullptr,
                        "A node whose answers mostly take at least so long is slow: reads prefer others."},
    ashlar::SettingSpec{"probe_every", ashlar::SettingType::duration, "1s", 10'000, hour, nullptr,
                        "A node that is suspect or down is asked directly so often."},
};

ashlar::Result<std::unique_ptr<ashlar::FailureDetector>> make(ashlar::Host&, const ashlar::Settings& given) {
    const ashlar::heartbeat::Patience patience{given.duration("suspect_after"), given.duration("down_after"),
                                               given.duration("slow_after"), given.duration("probe_every")};
    if (patience.down_after <= patience.suspect_after)
        return ashlar::fail(ashlar::Code::invalid_request, "down_after must be longer than suspect_after");
    return std::unique_ptr<ashlar::FailureDetector>(new ashlar::heartbeat::Heartbeat(patience));
}

}  // namespace

ASHLAR_PLUGIN(failure_detector, ashlar::FailureDetector, "heartbeat", "1.0.0",
              "A node not heard for a fixed time is suspect, after a longer one down.", ashlar::deterministic, settings,
              make)
