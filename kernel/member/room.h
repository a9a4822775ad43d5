// The inside of Members: roster, gate, detector and probes at work together (room.cc: time; hearing.cc: messages).
#pragma once

#include "member/gate.h"
#include "member/members.h"
#include "member/probing.h"
#include "member/roster.h"

namespace ashlar::member {

/// Numbers for the operator.
struct Counts {
    explicit Counts(Meter& meter);
    Meter::Counter& rounds;
    Meter::Counter& probes;
    Meter::Counter& probes_failed;
    Meter::Counter& stalls;
    Meter::Counter& namesakes;    ///< signs of a second process with this node's identity
    Meter::Counter& turned_away;  ///< nodes for whom the roster had no room
    Meter::Counter& doubted;      ///< entries of others that only their node itself could say
    Meter::Counter& condemned;    ///< how often a node was found down
    Meter::Counter& known;
    Meter::Counter& suspect;
    Meter::Counter& down;
};

/// When things are next done, and since when what was heard may be trusted.
struct Rhythm {
    bool started = false;
    Instant now;                ///< when something last happened
    Instant round;              ///< of gossip
    Instant tick;               ///< of probes and verdicts
    Instant lenient_until{0};   ///< nobody is condemned before
    Instant namesake_said{-1};  ///< when the log last spoke of a namesake; -1: never
    std::uint64_t rounds = 0;
    std::uint64_t overtaken = 0;  ///< how often, since the node is settled, others knew a higher count than its own
    std::uint64_t refuted = 0;  ///< 1 + the round in which this node last counted on from what others knew of it
};

struct Members::Room {
    Room(FailureDetector& detector, Random& random, Log& log, Meter& meter, Rules rules, wire::RosterEntry self);

    void pump(const port::Turn& turn);
    Instant due() const;
    /// If this node was away, nobody shall pay for it.
    void notice(Instant now);
    bool lenient(Instant now) const { return now < rhythm.lenient_until; }
    void tick(const port::Turn& turn);
    void round(const port::Turn& turn);
    void judge(Instant now);
    void judge_one(NodeId node, Known& known, Instant now);
    void settle(NodeId node, Known& known, Instant now);
    void accuse(Instant now);
    /// One probe of `to`, or through it.
    void probe(const port::Turn& turn, NodeId to, NodeId target, Duration wait);
    void relay(const port::Turn& turn, NodeId asker, const wire::Probe& asked);
    void begin(const port::Turn& turn, const Asked& asked, Duration wait);
    /// To a node of the roster; others have no address.
    void say(const port::Turn& turn, NodeId to, const wire::Message& message);

    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    void heard(const port::Turn& turn, const wire::Sender& from, const wire::GossipDigest& digest);
    void heard(const port::Turn& turn, const wire::Sender& from, const wire::GossipDelta& delta);
    void heard(const port::Turn& turn, const wire::Sender& from, const wire::Probe& asked);
    void heard(const port::Turn& turn, const wire::Sender& from, const wire::ProbeAnswer& answer);
    void outlived(const port::Turn& turn, const wire::Sender& from, const wire::GossipDelta& delta);
    void take(const port::Turn& turn, const wire::Sender& from, const wire::RosterEntry& entry);
    void question(const port::Turn& turn, const wire::RosterEntry& said);
    void entered(Roster::Taken taken, const wire::Sender& from, const wire::RosterEntry& entry, Instant now);
    void words(const Known& accuser, const std::vector<NodeId>& before, Instant now);
    void about_self(std::uint32_t incarnation, std::uint64_t heartbeat, Instant now);
    void alive(NodeId node, const Evidence& evidence, Instant now);

    FailureDetector& detector;
    Random& random;
    Log& log;
    Counts counts;
    Rules rules;
    Roster roster;
    Gate gate;
    Probing probing;
    Rhythm rhythm;
    std::uint64_t changes = 0;
};

/// "n1 (0000000000000001)", for people; nothing in it can end a line.
std::string called(const wire::RosterEntry& entry);

}  // namespace ashlar::member
