// One observer with the detector under test, and its neighbours, in virtual time: what they send, what the network
// loses and delays, and when the observer's own loop stands still.
//
// Every neighbour that lives gossips its heartbeat each second, answers probes and requests, probes for the observer
// and accuses, each second, neighbours that have been dead for six. Every message is lost or delayed by itself. What
// arrives while the observer stalls waits for it. Chance comes from the seed: the same seed is the same story.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "detectors.h"
#include "random.h"

namespace ashlar::contract {

struct Weather {
    std::uint64_t lost_percent = 0;
    Duration delay_least = milliseconds(1), delay_most = milliseconds(5);  ///< one way
    bool requests = true;  ///< one a second to each neighbour; unanswered after two seconds: a time-out
    bool accusations = true;
    Duration stall_most{0};             ///< the loop stands still for up to so long,
    Duration awake_most = seconds(30);  ///< after having been awake for up to so long
    bool time_outs_told = true;         ///< of probes, by heard(); else silence is all there is
    bool stalls_told = true;            ///< by paused()
};

class Neighbourhood {
public:
    Neighbourhood(const DetectorCase& under_test, std::size_t neighbours, const Weather& weather, std::uint64_t seed);

    /// Time passes; after every tick in which the observer is awake `look` is called.
    void run(Duration time, const std::function<void()>& look = {});
    void kill(NodeId id) { neighbours_.at(id).died = now_; }
    /// With the next incarnation, its heartbeats beginning anew; or as the one it was, who was only unreachable.
    void restart(NodeId id);
    void heal(NodeId id) { neighbours_.at(id).died.reset(); }
    void slow_down(NodeId id, Duration by) { neighbours_.at(id).slower_by = by; }
    void add(NodeId id);

    PeerState state(NodeId id) const { return detector_->suspicion(id, now_).state; }
    Opinion opinion(NodeId id) const { return detector_->suspicion(id, now_); }
    bool lives(NodeId id) const { return !neighbours_.at(id).died; }
    std::vector<NodeId> all() const;
    /// Living neighbours that the observer thinks down.
    std::size_t wronged() const;
    Instant now() const { return now_; }
    std::size_t most_probes() const { return most_probes_; }  ///< in one call of due()
    FailureDetector& detector() { return *detector_; }

private:
    struct Neighbour {
        std::uint32_t incarnation = 1;
        std::uint64_t heartbeat = 0;
        Duration phase{0};  ///< of its gossip, within the second
        std::optional<Instant> died;
        Duration slower_by{0};
    };
    struct Arrival {
        NodeId about;
        Evidence evidence;
        Instant sent;  ///< of the question it answers: the round trip is what the observer measures
    };

    bool lost() { return random_.below(100) < weather_.lost_percent; }
    Duration delay();
    void arrive(Duration after, NodeId about, const Evidence& evidence);
    void gossip();
    void request();
    void accuse();
    void ask(NodeId target, Channel channel, Duration wait);
    void ask_through(NodeId helper, NodeId target, Duration wait);
    void deliver();
    bool stumble();

    Weather weather_;
    sim::SeededRandom random_;
    Made<FailureDetector> detector_;
    NodeId self_{1};
    Instant now_{1'000'000'000};
    Instant stalls_at_;
    std::map<NodeId, Neighbour> neighbours_;
    std::multimap<Instant, Arrival> under_way_;
    std::size_t most_probes_ = 0;
};

}  // namespace ashlar::contract
