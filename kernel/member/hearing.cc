// What comes from other nodes.
#include <algorithm>
#include <iterator>

#include "kit/text.h"
#include "member/room.h"
#include "member/verdict.h"

namespace ashlar::member {
namespace {

/// A node that was stopped cleanly goes on in the same life, and learns from others how far it had counted. After so
/// many rounds it should have heard; a higher count then is somebody else's.
constexpr std::uint64_t settled_rounds = 30;
/// Overtaken so often behind that, each time from a count above all those before: somebody else goes on counting.
constexpr std::uint64_t namesake_counts = 3;
constexpr std::int64_t namesake_quiet_rounds = 60;
/// Within a life of the cluster's age a count is taken over, once a round: to use up the numbers takes ages.
constexpr std::uint64_t heartbeat_leap_max = std::uint64_t{1} << 32;

}  // namespace

bool Members::Room::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    const auto* digest = std::get_if<wire::GossipDigest>(&message);
    const auto* delta = std::get_if<wire::GossipDelta>(&message);
    const auto* asked = std::get_if<wire::Probe>(&message);
    const auto* answer = std::get_if<wire::ProbeAnswer>(&message);
    if (!digest && !delta && !asked && !answer) return false;
    const Instant now = turn.now.steady;
    notice(now);
    if (from.node == NodeId{}) return true;
    if (from.node == roster.self.node) {  // a seed may be this node itself
        about_self(from.incarnation, 0, now);
        return true;
    }
    if (Known* known = roster.find(from.node); known != nullptr && !gate.refuses(from.node)) {
        if (known->outlived(from.incarnation)) {
            if (delta) outlived(turn, from, *delta);
            return true;
        }
        known->heard = now;
        known->proven = true;
    }
    if (delta) heard(turn, from, *delta);
    if (gate.refuses(from.node)) return true;
    if (digest) heard(turn, from, *digest);
    if (asked) heard(turn, from, *asked);
    if (answer) heard(turn, from, *answer);
    return true;
}

void Members::Room::heard(const port::Turn& turn, const wire::Sender& from, const wire::GossipDigest& digest) {
    for (const wire::RosterMark& mark : digest.marks)
        if (mark.node == roster.self.node) about_self(mark.incarnation, mark.heartbeat, turn.now.steady);
    if (roster.find(from.node) == nullptr) return;
    wire::GossipDelta delta = roster.answer(digest, random);
    if (delta.entries.empty() && delta.wanted.empty()) return;
    say(turn, from.node, std::move(delta));
}

void Members::Room::heard(const port::Turn& turn, const wire::Sender& from, const wire::GossipDelta& delta) {
    for (const wire::RosterEntry& entry : delta.entries) take(turn, from, entry);
    if (delta.wanted.empty() || gate.refuses(from.node)) return;
    wire::GossipDelta given = roster.give(delta.wanted);
    if (!given.entries.empty()) say(turn, from.node, std::move(given));
}

/// A process speaks for a life of its node that is over. It gets no answer but that, at the address it gives.
void Members::Room::outlived(const port::Turn& turn, const wire::Sender& from, const wire::GossipDelta& delta) {
    for (const wire::RosterEntry& entry : delta.entries) {
        if (entry.node != from.node || !well_formed(entry)) continue;
        turn.effects.send(port::Peer{from.node, entry.background_at}, port::Road::background,
                          wire::GossipDelta{{roster.find(from.node)->entry}, {}});
        return;
    }
}

void Members::Room::heard(const port::Turn& turn, const wire::Sender& from, const wire::Probe& asked) {
    if (asked.target == NodeId{} || asked.target == roster.self.node)
        say(turn, from.node, wire::ProbeAnswer{asked.ref, roster.self.node, true});
    else if (asked.target != from.node && roster.find(from.node) != nullptr)
        relay(turn, from.node, asked);
}

void Members::Room::heard(const port::Turn& turn, const wire::Sender& from, const wire::ProbeAnswer& answer) {
    const Instant now = turn.now.steady;
    const auto asked = probing.end(answer, from.node);
    if (!asked) return;
    if (!asked->direct()) {
        const Evidence evidence{Channel::indirect, answer.alive, from.node, 0, {}};
        if (answer.alive)
            alive(asked->target, evidence, now);
        else
            detector.heard(asked->target, evidence, now);
        return;
    }
    if (asked->asker != NodeId{}) say(turn, asked->asker, wire::ProbeAnswer{asked->asker_ref, asked->target, true});
    alive(asked->target, Evidence{Channel::probe, true, roster.self.node, 0, now - asked->sent}, now);
}

void Members::Room::take(const port::Turn& turn, const wire::Sender& from, const wire::RosterEntry& entry) {
    const Instant now = turn.now.steady;
    if (entry.node == roster.self.node) {
        about_self(entry.incarnation, entry.heartbeat, now);
        return;
    }
    switch (gate.judge(roster.self, entry, rules.cluster)) {
        case Gate::Answer::welcome:
            break;
        case Gate::Answer::refused:
            return;
        case Gate::Answer::refused_anew:
            // So that its operator reads of it too.
            if (entry.node == from.node)
                turn.effects.send(port::Peer{entry.node, entry.background_at}, port::Road::background,
                                  wire::GossipDelta{{roster.self}, {}});
            return;
    }
    std::vector<NodeId> before;
    if (const Known* known = roster.find(entry.node)) before = known->entry.accuses;
    const bool own = from.node == entry.node && from.incarnation == entry.incarnation;
    const Roster::Taken taken = roster.take(entry, own ? Mouth::own : Mouth::anothers, now);
    if (taken.what == Roster::Took::old) return;
    if (taken.what == Roster::Took::doubted) return question(turn, entry);
    if (taken.what == Roster::Took::full) {
        counts.turned_away.add();
        return;
    }
    entered(taken, from, entry, now);
    words(*roster.find(entry.node), before, now);
}

/// What others say of a node cannot be, or only it can say it: it is asked where it was and where it is said to be.
void Members::Room::question(const port::Turn& turn, const wire::RosterEntry& said) {
    counts.doubted.add();
    Known& known = *roster.find(said.node);
    if (known.questioned.us != 0 && turn.now.steady - known.questioned < rules.gossip_interval) return;
    known.questioned = turn.now.steady;
    const wire::Message question = wire::GossipDelta{{roster.self}, {wire::RosterMark{said.node, 0, 0}}};
    turn.effects.send(port::Peer{said.node, known.entry.background_at}, port::Road::background, question);
    if (said.background_at != known.entry.background_at)
        turn.effects.send(port::Peer{said.node, said.background_at}, port::Road::background, question);
}

void Members::Room::entered(Roster::Taken taken, const wire::Sender& from, const wire::RosterEntry& entry,
                            Instant now) {
    Known& known = *roster.find(entry.node);
    if (taken.gone != NodeId{}) detector.forget(taken.gone);
    if (taken.what == Roster::Took::righted) detector.forget(entry.node);
    if (taken.what != Roster::Took::newer) detector.watch(entry.node, entry.incarnation, now);
    if (taken.what != Roster::Took::newer || taken.moved) ++changes;
    if (from.node == entry.node) known.proven = true;
    if (taken.what == Roster::Took::joined)
        log.write(LogLevel::info, kit::text("node ", called(entry), " is known now"));
    if (taken.what == Roster::Took::reborn) {
        probing.forget(entry.node);
        known.unanswered = false;
        log.write(LogLevel::info, kit::text("node ", called(entry), " began life ", entry.incarnation));
    }
    detector.heard(entry.node, Evidence{Channel::gossip, true, from.node, entry.heartbeat, {}}, now);
    judge_one(entry.node, known, now);
}

/// An entry's accusations go to the detector: each anew with each heartbeat of its author, and withdrawn when it no
/// longer names the node.
void Members::Room::words(const Known& accuser, const std::vector<NodeId>& before, Instant now) {
    const std::vector<NodeId>& accuses = accuser.entry.accuses;
    const NodeId witness = accuser.entry.node;
    if (believed(accuser) && !lenient(now))
        for (NodeId accused : accuses)
            if (accused != witness) detector.heard(accused, Evidence{Channel::word, false, witness, 0, {}}, now);
    std::vector<NodeId> withdrawn;
    std::set_difference(before.begin(), before.end(), accuses.begin(), accuses.end(), std::back_inserter(withdrawn));
    for (NodeId cleared : withdrawn) detector.heard(cleared, Evidence{Channel::word, true, witness, 0, {}}, now);
}

/// Somebody has heard of a node with this one's identity that counts further than this one does: it goes on from there.
void Members::Room::about_self(std::uint32_t incarnation, std::uint64_t heartbeat, Instant now) {
    wire::RosterEntry& self = roster.self;
    const bool same_life = incarnation == self.incarnation && heartbeat > self.heartbeat;
    // What others held of the time before a restart may come late, but it counts no further.
    if (incarnation > self.incarnation || (same_life && rhythm.overtaken >= namesake_counts)) {
        counts.namesakes.add();
        const Duration quiet{rules.gossip_interval.us * namesake_quiet_rounds};
        if (rhythm.namesake_said.us < 0 || rhythm.namesake_said + quiet <= now) {
            rhythm.namesake_said = now;
            log.write(LogLevel::error,
                      kit::text("another process runs with the identity of this node, ", called(self), ", in its life ",
                                incarnation, " (this one is in life ", self.incarnation,
                                "): a data directory was copied, or brought back from a backup; stop one of the two"));
        }
    }
    if (!same_life || rhythm.refuted == rhythm.rounds + 1) return;
    if (heartbeat - self.heartbeat > heartbeat_leap_max || heartbeat >= heartbeat_end - heartbeat_leap_max) return;
    rhythm.refuted = rhythm.rounds + 1;
    if (rhythm.rounds > settled_rounds) ++rhythm.overtaken;
    self.heartbeat = heartbeat + 1;
}

void Members::Room::alive(NodeId node, const Evidence& evidence, Instant now) {
    detector.heard(node, evidence, now);
    Known* known = roster.find(node);
    if (known == nullptr) return;
    known->heard = now;
    known->proven = true;
    if (evidence.channel == Channel::probe) known->unanswered = false;
    if (known->state != PeerState::alive) judge_one(node, *known, now);
}

}  // namespace ashlar::member
