// What the roster tells the agreement: who holds a newer state, who would make the first ring, which votes were left
// without an outcome.
#include <algorithm>
#include <utility>

#include "accord/acceptor.h"
#include "accord/accord.h"
#include "kit/text.h"

namespace ashlar::accord {
namespace {

/// Lists that differ for so long are no matter of gossip any more.
constexpr Duration apart_too_long = seconds(10);
constexpr Duration challenge_pause = seconds(60);
/// A vote whose proposer has had so long, and up to as long again, is seen through by somebody else.
constexpr Duration old_vote = seconds(2);

std::vector<NodeId> ids_of(const std::vector<Member>& members) {
    std::vector<NodeId> out;
    for (const Member& member : members) out.push_back(member.node);
    return out;
}

}  // namespace

/// What gossip says: whom to ask for newer states; before the first ring, who is there to make it.
void Accord::look_around(const port::Turn& turn) {
    const ledger::Agreed& held = state().agreed;
    if (parts_.neighbours.self().epoch != held.epoch()) parts_.neighbours.self().epoch = held.epoch();
    std::vector<NodeId> newer;  // members first: a stranger may be of another ring
    std::size_t members = 0;
    NodeId stranger;
    for (const Sighting& seen : parts_.neighbours.all()) {
        NodeId node = seen.entry->node;
        if (seen.state == PeerState::down || seen.entry->epoch.value == 0 || node == state().node) continue;
        bool member = held.ring.member(node) != nullptr;
        if (!member) stranger = node;
        if (seen.entry->epoch <= held.epoch()) continue;
        newer.insert(member ? newer.begin() : newer.end(), node);
        members += member ? 1 : 0;
    }
    if (!newer.empty()) {
        std::size_t among = members != 0 ? members : newer.size();
        catch_up(turn, newer[parts_.random.next() % among]);
    } else if (stranger.value != 0 && turn.now.steady - challenged_at_ >= challenge_pause) {
        // It left this ring, or it never was of it: its state tells.
        challenged_at_ = turn.now.steady;
        say_to(turn, stranger, wire::StateAsk{Epoch{0}});
    }
    if (held.epoch().value != 0 && held.ring.member(state().node) == nullptr) {
        say(turn, parts_.rules.tick + parts_.rules.tick,
            kit::text("the ring (epoch ", held.epoch().value,
                      ") has no place for this node any more: it was taken while the node was away, and nothing on this "
                      "disk counts. It passes orders on and owns nothing; to take part again, start it on an empty "
                      "data directory"));
    }
    founders_.clear();
    if (held.epoch().value == 0) found(turn, muster(parts_.neighbours.all(), parts_.rules.expect));
    if (parts_.rules.take_home_after.us != 0 && held.ring.member(state().node) != nullptr)
        welcome(turn, parts_.neighbours.all());
}

/// Each member waits a little longer by chance, so that mostly one proposes; a second one's edit refuses itself.
void Accord::welcome(const port::Turn& turn, const std::vector<Sighting>& seen) {
    auto now = homecoming(state().agreed, seen, state().addresses);
    if (now != home_.what || !now) {
        home_.what = now;
        auto spread = static_cast<std::int64_t>(parts_.random.next() % static_cast<std::uint64_t>(old_vote.us));
        home_.since = turn.now.steady + microseconds(spread);
        return;
    }
    if (turn.now.steady - home_.since < parts_.rules.take_home_after || !proposer_.idle()) return;
    home_.since = turn.now.steady;
    parts_.log.write(LogLevel::warn, kit::text(parts_.neighbours.name(now->now.node),
                                               " is back with an empty disk; it shall "
                                               "take the place of ",
                                               kit::hex16(now->was.value), ", which is down"));
    propose(
        turn, [who = *now](ledger::Agreed& at) { return take_home(at, who); }, Instant{},
        [](const port::Turn&, const Result<void>&) {});
}

void Accord::found(const port::Turn& turn, const Muster& seen) {
    const Duration looks = parts_.rules.tick + parts_.rules.tick;
    wire::RosterEntry& self = parts_.neighbours.self();
    if (self.known != seen.mark) self.known = seen.mark;
    self.expect = parts_.rules.expect;
    const ledger::Vote& vote = state().vote;
    bool bound = vote.epoch.value == 1;
    if (seen.complete) founders_ = ids_of(seen.founders);
    if (!seen.problem.empty()) say(turn, looks, seen.problem);
    const bool is_apart = seen.complete && !seen.apart.empty();
    if (is_apart != apart_.what) apart_ = {is_apart, turn.now.steady};
    if (is_apart && turn.now.steady - apart_.since >= apart_too_long) {
        say(turn, looks,
            kit::text("no first ring is made: all ", parts_.rules.expect, " nodes of cluster.expect are here, but ",
                      seen.apart,
                      " and this one do not see the same ones: `ashlar status` on each shows whom it misses "
                      "or turns away"));
    }
    if (bound && seen.complete && vote.voters != seen.mark) {
        say(turn, looks,
            "no first ring is made: this node has promised its vote to another list of first nodes than the one it "
            "sees now. If a node of that list is gone for good, stop all, empty their data directories (there is no "
            "data yet) and start anew");
    }
    if (!seen.ready || seen.mark != settled_.what) {
        settled_.what = seen.ready ? seen.mark : 0;
        settled_.since = turn.now.steady;
        return;
    }
    if (turn.now.steady - settled_.since < parts_.rules.settled) return;
    if (!seen.problem.empty() || !proposer_.idle() || seen.founders.front().node != state().node) return;
    Proposal proposal;
    proposal.kind = Proposal::Kind::found;
    proposal.founders = founders_;
    proposal.deadline = turn.now.steady + parts_.rules.usual_deadline;
    proposal.edit = [this, members = seen.founders](ledger::Agreed& at) -> Result<void> {
        auto first = parts_.first(members);
        if (!first) return first.error();
        at = std::move(*first);
        return {};
    };
    proposal.then = [this](const port::Turn& later, const Result<void>& outcome) {
        if (!outcome)
            say(later, parts_.rules.usual_deadline, "the first ring is not made yet: " + outcome.error().detail);
    };
    proposer_.propose(turn, std::move(proposal));
}

/// A proposer that died may leave votes behind that are a majority, or not: nobody knows until it is seen through.
void Accord::finish_old_votes(const port::Turn& turn) {
    const ledger::Vote& vote = state().vote;
    bool open = vote.epoch.value == state().agreed.epoch().value + 1 && vote.accepted.round != 0;
    if (!open || !proposer_.idle() || vote.promised != old_vote_.what) {
        old_vote_.what = open ? vote.promised : wire::Ballot{};
        auto spread = static_cast<std::int64_t>(parts_.random.next() % static_cast<std::uint64_t>(old_vote.us));
        old_vote_.since = turn.now.steady + microseconds(spread);
        return;
    }
    if (turn.now.steady - old_vote_.since < old_vote) return;
    Proposal proposal;
    proposal.kind = Proposal::Kind::finish;
    proposal.deadline = turn.now.steady + parts_.rules.usual_deadline;
    proposal.then = [](const port::Turn&, const Result<void>&) {};
    proposer_.propose(turn, std::move(proposal));
}

}  // namespace ashlar::accord
