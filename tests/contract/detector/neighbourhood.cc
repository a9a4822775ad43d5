#include "neighbourhood.h"

#include <algorithm>

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_failure_detector_heartbeat;
extern const ashlar::Descriptor ashlar_plugin_failure_detector_phi_accrual;
extern const ashlar::Descriptor ashlar_plugin_failure_detector_swim;
}

namespace ashlar::contract {

namespace {

constexpr Duration tick = milliseconds(100);
constexpr Duration second = seconds(1);

/// failure_detector/swim/patience.h: three times as long where three could have confirmed it, double for a pair.
Duration swim_patience(std::size_t peers, Duration period) {
    const std::size_t nodes = std::max<std::size_t>(peers + 1, 3);
    std::int64_t whole = 0;
    while (nodes >> (whole + 1) != 0) ++whole;
    const auto rest = static_cast<std::int64_t>(nodes - (std::size_t{1} << whole));
    const std::int64_t least = period.us * 3 * (whole * 1000 + ((rest * 1000) >> whole)) / 1000;
    return Duration{peers == 1 ? 2 * least : peers >= 4 ? 3 * least : least};
}

}  // namespace

std::vector<DetectorCase> all_detectors() {
    return {{&ashlar_plugin_failure_detector_heartbeat, "heartbeat", {}, [](std::size_t) { return seconds(10); }},
            {&ashlar_plugin_failure_detector_phi_accrual, "phi_accrual", {}, [](std::size_t) { return seconds(9); }},
            {&ashlar_plugin_failure_detector_swim, "swim", {}, [](std::size_t peers) {
                 return seconds(5) + swim_patience(peers, second);
             }}};
}

std::vector<DetectorCase> hasty_detectors() {
    return {{&ashlar_plugin_failure_detector_heartbeat,
             "heartbeat",
             {{"suspect_after", "2s"}, {"down_after", "4s"}},
             [](std::size_t) { return seconds(4); }},
            {&ashlar_plugin_failure_detector_phi_accrual,
             "phi_accrual",
             {{"acceptable_pause", "1s"}, {"down_at_most", "3s"}},
             [](std::size_t) { return seconds(3); }},
            {&ashlar_plugin_failure_detector_swim,
             "swim",
             {{"period", "500ms"}, {"probe_timeout", "200ms"}},
             [](std::size_t peers) { return milliseconds(2400) + swim_patience(peers, milliseconds(500)); }}};
}

Neighbourhood::Neighbourhood(const DetectorCase& under_test, std::size_t neighbours, const Weather& weather,
                             std::uint64_t seed)
    : weather_(weather), random_(seed), detector_(*under_test.descriptor, under_test.settings), stalls_at_(now_) {
    for (std::size_t i = 0; i < neighbours; ++i) add(NodeId{100 + i});
}

void Neighbourhood::add(NodeId id) {
    neighbours_[id].phase = Duration{static_cast<std::int64_t>(random_.below(10)) * tick.us};
    detector_->watch(id, 1, now_);
}

void Neighbourhood::restart(NodeId id) {
    Neighbour& neighbour = neighbours_.at(id);
    neighbour.died.reset();
    neighbour.heartbeat = 0;
    detector_->watch(id, ++neighbour.incarnation, now_);
}

std::vector<NodeId> Neighbourhood::all() const {
    std::vector<NodeId> out;
    for (const auto& [id, neighbour] : neighbours_) out.push_back(id);
    return out;
}

std::size_t Neighbourhood::wronged() const {
    std::size_t out = 0;
    for (const auto& [id, neighbour] : neighbours_)
        if (!neighbour.died && state(id) == PeerState::down) ++out;
    return out;
}

Duration Neighbourhood::delay() {
    const auto spread = static_cast<std::uint64_t>((weather_.delay_most - weather_.delay_least).us);
    return weather_.delay_least + Duration{static_cast<std::int64_t>(random_.below(spread + 1))};
}

void Neighbourhood::arrive(Duration after, NodeId about, const Evidence& evidence) {
    under_way_.emplace(now_ + after, Arrival{about, evidence, now_});
}

void Neighbourhood::gossip() {
    for (auto& [id, neighbour] : neighbours_) {
        if (neighbour.died || (now_.us - neighbour.phase.us) % second.us != 0) continue;
        ++neighbour.heartbeat;
        if (!lost()) arrive(delay(), id, Evidence{Channel::gossip, true, self_, neighbour.heartbeat, {}});
    }
}

void Neighbourhood::request() {
    if (!weather_.requests) return;
    for (const auto& [id, neighbour] : neighbours_)
        if ((now_.us + neighbour.phase.us) % second.us == 0) ask(id, Channel::data_path, seconds(2));
}

void Neighbourhood::accuse() {
    if (!weather_.accusations) return;
    for (const auto& [dead, victim] : neighbours_) {
        if (!victim.died || now_ - *victim.died < seconds(6)) continue;
        for (const auto& [id, neighbour] : neighbours_)
            if (!neighbour.died && (now_.us + neighbour.phase.us) % second.us == 0 && !lost())
                arrive(delay(), dead, Evidence{Channel::word, false, id, 0, {}});
    }
}

void Neighbourhood::ask(NodeId target, Channel channel, Duration wait) {
    const Neighbour& neighbour = neighbours_.at(target);
    const bool answered = !neighbour.died && !lost() && !lost();
    if (!answered && (channel == Channel::data_path || weather_.time_outs_told))
        arrive(wait, target, Evidence{channel, false, self_, 0, {}});
    if (answered) arrive(delay() + delay() + neighbour.slower_by, target, Evidence{channel, true, self_, 0, {}});
}

void Neighbourhood::ask_through(NodeId helper, NodeId target, Duration wait) {
    if (neighbours_.at(helper).died || lost()) return;
    const bool answered = !neighbours_.at(target).died && !lost() && !lost();
    if (lost()) return;
    if (answered)
        arrive(delay() + delay() + delay() + delay(), target, Evidence{Channel::indirect, true, helper, 0, {}});
    else
        arrive(Duration{wait.us * 3 / 4} + delay() + delay(), target,
               Evidence{Channel::indirect, false, helper, 0, {}});
}

void Neighbourhood::deliver() {
    while (!under_way_.empty() && under_way_.begin()->first <= now_) {
        auto [when, arrival] = *under_way_.begin();
        under_way_.erase(under_way_.begin());
        if (arrival.evidence.alive) arrival.evidence.round_trip = (now_ - when < tick ? when : now_) - arrival.sent;
        detector_->heard(arrival.about, arrival.evidence, now_);
    }
}

/// The observer's loop may stand still for a while: the world goes on, the observer hears it all at once on waking.
bool Neighbourhood::stumble() {
    if (weather_.stall_most.us == 0 || now_ < stalls_at_) return false;
    const auto ticks = 1 + random_.below(static_cast<std::uint64_t>(weather_.stall_most.us / tick.us));
    const Instant fell_asleep = now_;
    for (std::uint64_t i = 0; i < ticks; ++i) {
        now_ = now_ + tick;
        gossip();
        accuse();
    }
    if (weather_.stalls_told) detector_->paused(now_ - fell_asleep, now_);
    stalls_at_ = now_ + second +
                 Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(weather_.awake_most.us)))};
    return true;
}

void Neighbourhood::run(Duration time, const std::function<void()>& look) {
    for (const Instant end = now_ + time; now_ < end;) {
        now_ = now_ + tick;
        gossip();
        request();
        accuse();
        if (stumble() && look) look();  // awake again, and nothing heard yet
        deliver();
        const std::vector<Probe> probes = detector_->due(now_);
        most_probes_ = std::max(most_probes_, probes.size());
        for (const Probe& probe : probes) {
            ASSERT_TRUE(neighbours_.contains(probe.target));
            if (probe.helpers.empty()) ask(probe.target, Channel::probe, probe.wait);
            for (NodeId helper : probe.helpers) {
                ASSERT_NE(helper, probe.target);
                ask_through(helper, probe.target, probe.wait);
            }
        }
        if (look) look();
    }
}

}  // namespace ashlar::contract
