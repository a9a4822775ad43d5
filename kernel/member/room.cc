#include "member/room.h"

#include <algorithm>
#include <utility>

#include "kit/text.h"
#include "member/targets.h"
#include "member/verdict.h"

namespace ashlar::member {
namespace {

/// Later than due by more rounds than this: the node was away (a pause, SIGSTOP), not merely busy.
constexpr std::int64_t away_rounds = 3;
/// An accusation counts while its author's entry was renewed within so many rounds.
constexpr std::int64_t fresh_rounds = 5;
/// For so many rounds after it was away a node condemns nobody: what others sent meanwhile must first be heard, and
/// no word from before that counts by then.
constexpr std::int64_t lenient_rounds = fresh_rounds;
constexpr Duration tick_longest = milliseconds(250);
/// An answer that comes so long after its time still helps.
constexpr Duration late_answers = seconds(2);
/// Longer than this no helper waits, whatever it is asked.
constexpr Duration relay_longest = seconds(10);
/// Suspects probed in one round.
constexpr std::size_t looks_max = 16;

}  // namespace

Counts::Counts(Meter& meter)
    : rounds(meter.counter("member_rounds")),
      probes(meter.counter("member_probes")),
      probes_failed(meter.counter("member_probes_failed")),
      stalls(meter.counter("member_stalls")),
      namesakes(meter.counter("member_namesakes")),
      turned_away(meter.counter("member_turned_away")),
      doubted(meter.counter("member_doubted")),
      condemned(meter.counter("member_condemned")),
      known(meter.counter("member_known")),
      suspect(meter.counter("member_suspect")),
      down(meter.counter("member_down")) {}

std::string called(const wire::RosterEntry& entry) {
    return kit::text(printable(entry.name), " (", kit::hex16(entry.node.value), ")");
}

Members::Room::Room(FailureDetector& the_detector, Random& the_random, Log& the_log, Meter& meter, Rules the_rules,
                    wire::RosterEntry self)
    : detector(the_detector),
      random(the_random),
      log(the_log),
      counts(meter),
      rules(std::move(the_rules)),
      roster(std::move(self), std::max(rules.gossip_interval, milliseconds(1))),
      gate(the_log, meter),
      probing(the_random.next()) {
    rules.gossip_interval.us = std::max<std::int64_t>(rules.gossip_interval.us, 1000);
}

Instant Members::Room::due() const {
    return rhythm.started ? std::min(rhythm.round, rhythm.tick) : Instant{0};
}

void Members::Room::pump(const port::Turn& turn) {
    const Instant now = turn.now.steady;
    if (!rhythm.started) {
        rhythm.started = true;
        rhythm.tick = now;
        // Nodes that are started together shall not speak in one breath for ever.
        const auto spread = static_cast<std::uint64_t>(rules.gossip_interval.us / 4);
        rhythm.round = now + Duration{static_cast<std::int64_t>(random.next() % (spread + 1))};
    }
    notice(now);
    if (now >= rhythm.tick) tick(turn);
    if (now >= rhythm.round) round(turn);
}

void Members::Room::notice(Instant now) {
    rhythm.now = now;
    if (!rhythm.started) return;
    const Duration away = now - due();
    if (away.us <= rules.gossip_interval.us * away_rounds) return;
    counts.stalls.add();
    log.write(LogLevel::warn,
              kit::text("this node was away for ", away.us / 1000,
                        " ms (paused, or its machine overloaded): it holds nobody's silence against them"));
    detector.paused(away, now);
    probing.clear();
    rhythm.lenient_until = now + Duration{rules.gossip_interval.us * lenient_rounds};
    rhythm.round = rhythm.tick = now;
}

void Members::Room::tick(const port::Turn& turn) {
    const Instant now = turn.now.steady;
    for (const Asked& asked : probing.overdue(now, late_answers)) {
        if (asked.asker != NodeId{}) {
            say(turn, asked.asker, wire::ProbeAnswer{asked.asker_ref, asked.target, false});
        } else if (asked.direct()) {
            counts.probes_failed.add();
            if (Known* known = roster.find(asked.target)) known->unanswered = true;
            detector.heard(asked.target, Evidence{Channel::probe, false, roster.self.node, 0, {}}, now);
        }
    }
    for (const Probe& wanted : detector.due(now)) {
        const Duration wait = wanted.wait.us > 0 ? wanted.wait : rules.probe_timeout;
        if (wanted.helpers.empty()) probe(turn, wanted.target, wanted.target, wait);
        for (NodeId helper : wanted.helpers) probe(turn, helper, wanted.target, wait);
    }
    judge(now);
    const Duration step{std::min(tick_longest.us, rules.gossip_interval.us / 4)};
    rhythm.tick = std::min(now + step, probing.earliest());
}

void Members::Room::round(const port::Turn& turn) {
    const Instant now = turn.now.steady;
    counts.rounds.add();
    ++rhythm.rounds;
    ++roster.self.heartbeat;
    // The own entry goes first: who does not know this node yet learns where to answer.
    const wire::Message own = wire::GossipDelta{{roster.self}, {}};
    const wire::Message digest = roster.digest(random);
    for (const port::Peer& peer : choose_targets(roster, rules.seeds, rules.gossip_peers, random)) {
        turn.effects.send(peer, port::Road::background, own);
        turn.effects.send(peer, port::Road::background, digest);
    }
    // Detectors that only listen get a second channel too; who is only spoken of is asked itself; and who did not
    // answer is asked until it does, lest one lost message speak against it for ever.
    std::vector<NodeId> doubtful;
    for (const auto& [node, known] : roster.peers)
        if ((!believed(known) || !known.proven || known.unanswered) && !probing.waits_for(node))
            doubtful.push_back(node);
    for (NodeId node : choose(std::move(doubtful), looks_max, random)) probe(turn, node, node, rules.probe_timeout);
    const std::int64_t fifth = rules.gossip_interval.us / 5;
    const auto jitter = static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(fifth + 1));
    rhythm.round = now + Duration{rules.gossip_interval.us - fifth / 2 + jitter};
}

void Members::Room::judge(Instant now) {
    for (auto& [node, known] : roster.peers) known.own = detector.suspicion(node, now);
    gather_accusers(roster, Instant{now.us - rules.gossip_interval.us * fresh_rounds});
    std::int64_t suspect = 0, down = 0;
    for (auto& [node, known] : roster.peers) {
        settle(node, known, now);
        suspect += known.state == PeerState::suspect ? 1 : 0;
        down += known.state == PeerState::down ? 1 : 0;
    }
    accuse(now);
    counts.known.set(static_cast<std::int64_t>(roster.peers.size()) + 1);
    counts.suspect.set(suspect);
    counts.down.set(down);
}

void Members::Room::judge_one(NodeId node, Known& known, Instant now) {
    known.own = detector.suspicion(node, now);
    settle(node, known, now);
}

void Members::Room::settle(NodeId node, Known& known, Instant now) {
    const PeerState state = verdict(roster, node, known, lenient(now));
    if (state == known.state) return;
    std::string why;
    if (state == PeerState::suspect || state == PeerState::down) why = reasons(known);
    log.write(LogLevel::info, kit::text("node ", called(known.entry), " is ", name_of(state), ", was ",
                                        name_of(known.state), why.empty() ? "" : ": ", why));
    if (state == PeerState::down) counts.condemned.add();
    known.state = state;
    ++changes;
}

/// Only what this node's own detector finds is said to others: hearsay passed on would look like a second witness.
void Members::Room::accuse(Instant now) {
    std::vector<NodeId>& accuses = roster.self.accuses;
    accuses.clear();
    if (lenient(now)) return;
    for (const auto& [node, known] : roster.peers)
        if (!believed(known)) accuses.push_back(node);
    if (accuses.size() <= accuses_max) return;
    const std::size_t first = rhythm.rounds * accuses_max % accuses.size();
    std::rotate(accuses.begin(), accuses.begin() + static_cast<std::ptrdiff_t>(first), accuses.end());
    accuses.resize(accuses_max);
    std::sort(accuses.begin(), accuses.end());
}

void Members::Room::probe(const port::Turn& turn, NodeId to, NodeId target, Duration wait) {
    const Instant now = turn.now.steady;
    begin(turn, Asked{to, target, now, now + wait, {}, {}}, wait);
}

void Members::Room::relay(const port::Turn& turn, NodeId asker, const wire::Probe& asked) {
    const Instant now = turn.now.steady;
    const Duration wait = std::min(asked.wait.us > 0 ? asked.wait : rules.probe_timeout, relay_longest);
    begin(turn, Asked{asked.target, asked.target, now, now + Duration{wait.us / 4 * 3}, asker, asked.ref}, wait);
}

void Members::Room::begin(const port::Turn& turn, const Asked& asked, Duration wait) {
    if (roster.find(asked.to) == nullptr) return;
    const auto ref = probing.begin(asked);
    if (!ref) return;
    counts.probes.add();
    rhythm.tick = std::min(rhythm.tick, asked.until);
    say(turn, asked.to, wire::Probe{*ref, asked.target, wait});
}

void Members::Room::say(const port::Turn& turn, NodeId to, const wire::Message& message) {
    const Known* known = roster.find(to);
    if (known == nullptr) return;
    turn.effects.send(port::Peer{to, known->entry.background_at}, port::Road::background, message);
}

}  // namespace ashlar::member
