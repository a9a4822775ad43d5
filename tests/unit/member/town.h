// Nodes that know only Members and a detector, in virtual time, on a network that delays, loses and is cut: every
// message is written to bytes and read again, and none may be larger than 64 KiB.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "heartbeat.h"
#include "member/members.h"
#include "plain_host.h"

namespace ashlar::test {

using DetectorMaker = std::function<std::unique_ptr<FailureDetector>(Random&)>;

struct Resident {
    Resident(std::uint64_t seed, const DetectorMaker& make, const member::Rules& rules, const wire::RosterEntry& self)
        : random(seed), detector(make(random)), members(*detector, random, log, meter, rules, self) {}

    PeerState state(std::uint64_t node) const { return members.state(NodeId{node}); }
    bool knows(std::uint64_t node) const { return members.entry(NodeId{node}) != nullptr; }
    std::vector<std::string> lines_with(const std::string& text) const;

    sim::SeededRandom random;
    sim::MemoryLog log;
    sim::MemoryMeter meter;
    std::unique_ptr<FailureDetector> detector;
    member::Members members;
    Instant asleep_until{0};
    bool dead = false;
};

class Town {
public:
    explicit Town(std::uint64_t seed) : chance_(seed), seed_(seed) {}

    // How those that move in later are set up.
    std::vector<std::string> seeds{"n1:7"};
    DetectorMaker make = [](Random&) { return std::make_unique<heartbeat::Heartbeat>(heartbeat::Patience{}); };
    Duration delay_min = milliseconds(1), delay_max = milliseconds(20);
    std::uint64_t loss_percent = 0;

    static wire::RosterEntry entry(std::uint64_t node, std::uint32_t incarnation = 1);
    Resident& move_in(const wire::RosterEntry& self);
    Resident& move_in(std::uint64_t node, std::uint32_t incarnation = 1) { return move_in(entry(node, incarnation)); }
    void move_in_up_to(std::uint64_t nodes) {
        for (std::uint64_t node = 1; node <= nodes; ++node) move_in(node);
    }
    Resident& at(std::uint64_t node) { return *residents_.at(node); }
    std::size_t size() const { return residents_.size(); }

    void kill(std::uint64_t node) { at(node).dead = true; }
    void farewell(std::uint64_t node);
    void pause(std::uint64_t node, Duration time) { at(node).asleep_until = now_ + time; }
    void cut(std::uint64_t from, std::uint64_t to) { cuts_.insert({from, to}); }
    void cut_both(std::uint64_t a, std::uint64_t b) {
        cut(a, b);
        cut(b, a);
    }
    void heal() { cuts_.clear(); }
    /// Puts a message on the network, as if `from` had said it.
    void whisper(std::uint64_t from, std::uint32_t incarnation, std::uint64_t to, const wire::Message& message);

    void run(Duration time);
    /// How long it took until it was so; nothing if it never was within `limit`.
    std::optional<Duration> until(const std::function<bool()>& so, Duration limit);
    /// Called after every event.
    std::function<void()> watch;

    Now now() const { return Now{now_, WallTime{now_.us}}; }
    /// All that live know all that live, and find them alive.
    bool all_well();
    std::size_t largest() const { return largest_; }
    /// Messages by name, of one node to another.
    std::map<std::string, int> said(std::uint64_t from, std::uint64_t to) const;

private:
    friend class Door;
    struct Letter {
        wire::Sender from;
        std::uint64_t to = 0;
        Bytes bytes;
    };
    void send(const wire::Sender& from, const std::string& address, const wire::Message& message);
    bool step(Instant limit);
    void deliver(const Letter& letter);

    sim::SeededRandom chance_;
    std::uint64_t seed_;
    Instant now_{seconds(1000).us};
    std::map<std::uint64_t, std::unique_ptr<Resident>> residents_;
    std::map<std::string, std::uint64_t> addresses_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> cuts_;
    std::map<std::pair<Instant, std::uint64_t>, Letter> letters_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::map<std::string, int>> said_;
    std::uint64_t sent_ = 0;
    std::size_t largest_ = 0;
};

}  // namespace ashlar::test
