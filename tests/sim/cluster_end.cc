// Cluster: faults end, and everything that was promised is looked for.
#include <algorithm>

#include "cluster.h"
#include "kit/text.h"

namespace ashlar::sim {
namespace {

/// Several times what the slowest detector and the longest pause between two tries of a hint need, and what a node whose
/// lanes are slow takes to lead a round for each of some hundred partitions of three tables.
constexpr Duration settle_within = seconds(600);

std::vector<Bytes> sorted(std::vector<Bytes> values) {
    std::sort(values.begin(), values.end());
    return values;
}

}  // namespace

OwnedAnswer Cluster::ask(Machine& machine, const OwnedOrder& order) {
    std::optional<OwnedAnswer> got;
    // Bounds may be drawn so small that background work fills them for a while: so do the hints for what an earlier
    // try left undone, which is why each try waits longer than the one before.
    for (int tries = 0; tries < 50 && !(got && got->kind == OwnedAnswer::Kind::reply); ++tries) {
        if (got && got->refusal.error.code != Code::overloaded) break;
        if (got) agenda_.run(agenda_.now() + milliseconds(std::min(200 * tries, 2'000)));
        got.reset();
        machine.send(order, [&got](const OwnedAnswer& answer) { got = answer; });
        agenda_.run(agenda_.now() + seconds(10), [&got] { return got.has_value(); });
        if (!got) break;
    }
    if (got) return *got;
    complain("an order was not answered after the faults had ended");
    OwnedAnswer none;
    none.kind = OwnedAnswer::Kind::lost;
    return none;
}

void Cluster::heal() {
    trace_.note(agenda_.now(), "faults end");
    healed_ = true;
    away_.reset();
    town_->closed = true;
    network_->heal();
    for (auto& post : posts_) post->machine->heal();
    Instant awake = agenda_.now();
    for (auto& post : posts_) awake = std::max(awake, post->machine->paused_until());
    agenda_.run(awake + seconds(8));
    if (wrong()) return;
    // What waits in memory is lost once more.
    for (auto& post : posts_) {
        if (persistent_ && post->machine->up() && (random_.one_in(3) || post->machine->writes_stopped()))
            post->machine->crash(static_cast<Loss>(random_.below(3)));
    }
    agenda_.run(agenda_.now() + seconds(2));
    start_all();
    quiet_since_ = agenda_.now();
    if (wrong() || !settle()) return;
    compare_tables();
    compare_unread();
    if (wrong()) return;
    auto first = read_all(Consistency{Level::all, 0}, false);
    if (wrong()) return;
    agenda_.run(agenda_.now() + seconds(3));
    auto second = read_all(Consistency{Level::all, 0}, false);
    if (!wrong() && !ttls() && first != second) complain("two reads at level all differ");
    if (!wrong()) compare_replicas();
    if (!wrong()) read_all(Consistency{Level::one, 0}, true);
    if (!wrong()) verify_writes();
}

void Cluster::start_all() {
    for (auto& post : posts_) {
        post->machine->start();
        post->machine->start();  // on a disk that its operator replaced, if the first was refused
        if (!post->machine->up()) complain("a machine is down after the faults have ended");
    }
}

bool Cluster::settle() {
    Instant until = agenda_.now() + settle_within;
    while (!wrong() && agenda_.now() < until) {
        agenda_.run(agenda_.now() + seconds(1));
        tend_disks();
        // What a stand-in alone holds reaches an owner with its hint: only rounds behind that prove anything of it.
        if (hints_owed()) quiet_since_ = agenda_.now();
        std::string what = unsettled();
        if (what.empty()) what = damage();
        if (what.empty()) return !wrong();
        trace_.note(agenda_.now(), "not yet: ", what);
    }
    if (!wrong()) complain(kit::text(settle_within.us / 1'000'000, " s after the faults have ended ", unsettled()));
    return false;
}

bool Cluster::hints_owed() const {
    for (const auto& post : posts_) {
        if (!post->machine->up()) continue;
        for (const auto& [owner, account] : post->machine->node()->facts().hints)
            if (account.entries != 0) return true;
    }
    return false;
}

std::string Cluster::unsettled() const {
    if (watch_.state == TableWatch::State::changing) return kit::text("table ", watch_.name, " is being changed");
    if (rival_busy_) return kit::text("table ", rival_, " is being changed");
    for (const auto& post : posts_) {
        const Machine& machine = *post->machine;
        if (!machine.up()) return kit::text("n", machine.place(), " is down");
        node::Facts facts = machine.node()->facts();
        if (facts.epoch.value == 0) return kit::text("n", machine.place(), " is in no ring: ", facts.problem);
        if (facts.epoch != agreed_.rbegin()->first)
            return kit::text("n", machine.place(), " is still in epoch ", facts.epoch.value);
        std::size_t alive = 0;
        for (const member::Standing& standing : facts.standings) {
            // The name of a machine whose disk was replaced lingers under the id it had.
            if (machine.node()->ring().member(standing.entry->node) == nullptr) continue;
            if (standing.state == PeerState::alive || standing.state == PeerState::slow)
                ++alive;
            else
                return kit::text("n", machine.place(), " believes ", standing.entry->name, " to be ",
                                 standing.state == PeerState::down ? "down" : "suspect");
        }
        if (alive != posts_.size()) return kit::text("n", machine.place(), " knows of ", alive, " nodes");
        for (const auto& [owner, account] : facts.hints) {
            if (account.entries != 0)
                return kit::text("n", machine.place(), " owes ", account.entries, " hints to ",
                                 kit::hex16(owner.value));
        }
        for (const repair::Convergence::Table& table : facts.convergence.tables) {
            if (table.never_proven != 0 || agenda_.now() - quiet_since_ <= table.oldest)
                return kit::text("n", machine.place(), " holds partitions of table ", table.table.value,
                                 " whose replicas were not proven equal since: ", table.never_proven, " of ",
                                 table.partitions, " never, the oldest ", table.oldest.us, " us ago; ",
                                 facts.convergence.rounds_failed, " of ", facts.convergence.rounds,
                                 " rounds failed: ", facts.convergence.problem);
        }
        if (machine.gaps_milli() != 0)
            return kit::text("n", machine.place(), " does not answer for ", machine.gaps_milli(),
                             " of 1000 tokens, which it owns: ", facts.convergence.problem);
        if (facts.waiting_orders != 0) return kit::text(facts.waiting_orders, " orders wait on n", machine.place());
    }
    return {};
}

std::vector<Cluster::Place> Cluster::places() const {
    std::vector<Place> out;
    for (std::uint32_t i = 0; i < swarm_.all_keys(); ++i) {
        std::string key = swarm_.key(i);
        out.push_back(Place{"default/" + key, "default", key});
        if (watch_.state == TableWatch::State::live) out.push_back(Place{watch_.prefix() + key, watch_.name, key});
    }
    return out;
}

std::vector<Bytes> Cluster::read_from(const Place& place, std::size_t at, const Consistency& consistency) {
    OwnedOrder order;
    order.table = place.table;
    order.item.key = place.key;
    order.consistency = consistency;
    order.strict = true;
    Instant invoked = agenda_.now();
    OwnedAnswer answer = ask(*posts_[at]->machine, order);
    if (wrong()) return {};
    if (answer.kind != OwnedAnswer::Kind::reply) {
        complain("a read fails after the faults have ended: " + answer.refusal.error.detail);
        return {};
    }
    // Everybody is asked, or (level one, when the owners are equal) anybody knows it all.
    town_->show(place.name, answer.item.values, invoked, Reach{storm_.replicas + 1, {}});
    return sorted(std::move(answer.item.values));
}

std::map<std::string, std::vector<Bytes>> Cluster::read_all(const Consistency& consistency, bool by_each) {
    std::map<std::string, std::vector<Bytes>> out;
    for (const Place& place : places()) {
        std::size_t chosen = random_.below(posts_.size());
        for (std::size_t at = 0; at < posts_.size() && !wrong(); ++at) {
            if (by_each || at == chosen) out[place.name] = read_from(place, at, consistency);
        }
    }
    return out;
}

std::string Cluster::difference(const Place& place) {
    // What one clock has seen expire and another has not is the same by the one that is ahead.
    WallTime wall = town_->wall_high(Instant{0}, agenda_.now());
    std::optional<Machine::Held> first;
    for (const auto& post : posts_) {
        auto held = post->machine->held(place.table, place.key, wall);
        if (!held) return "a replica cannot be read: " + held.error().detail;
        if (!held->owner) continue;
        held->values = sorted(std::move(held->values));
        if (!first) first = *held;
        // An expired value leaves its tombstone when it is next compacted, at each owner in its own time.
        bool same = ttls() ? first->values == held->values : first->entry == held->entry;
        // A tombstone that may go leaves when it is next compacted, too.
        const bool bare = first->values.empty() && held->values.empty();
        same = same || (bare && (first->entry.empty() || held->entry.empty()));
        if (!same)
            return kit::text("two replicas of ", place.key, " differ: n", post->machine->place(), " holds ",
                             held->entry.size(), " bytes, another ", first->entry.size());
    }
    return {};
}

/// Anti-entropy alone has made them equal: nobody has read anything yet.
void Cluster::compare_unread() {
    for (const Place& place : places()) {
        std::string what = difference(place);
        if (what.empty()) continue;
        ++verdict_.differing;
        return complain("before it is read " + what);
    }
}

void Cluster::compare_replicas() {
    // A repair is refused by a machine that has no room for it just then; what was read once more is repaired once
    // more.
    constexpr int readings = 10;
    for (const Place& place : places()) {
        std::string what = difference(place);
        for (int i = 0; i < readings && !what.empty() && !wrong(); ++i) {
            trace_.note(agenda_.now(), "not yet: ", what);
            read_from(place, random_.below(posts_.size()), Consistency{Level::all, 0});
            agenda_.run(agenda_.now() + seconds(1));
            what = difference(place);
        }
        if (wrong()) return;
        if (!what.empty()) return complain(what);
    }
}

void Cluster::verify_writes() {
    for (auto& post : posts_) {
        OwnedOrder order;
        order.call = port::Call::put;
        order.item.key = kit::text("the last one of n", post->machine->place());
        order.item.value = "still writable";
        order.consistency = Consistency{Level::all, 0};
        order.request.bytes.fill(
            static_cast<std::uint8_t>(post->machine->place() + 1));  // asked again, it is one write
        OwnedAnswer put = ask(*post->machine, order);
        if (wrong()) return;
        if (put.kind != OwnedAnswer::Kind::reply)
            return complain("a write fails after the faults have ended: " + put.refusal.error.detail);
    }
    for (auto& post : posts_) {
        bool stopped = false;
        post->machine->stop([&stopped] { stopped = true; });
        agenda_.run(agenda_.now() + seconds(10), [&stopped] { return stopped; });
        if (!stopped) return complain("a node does not stop when asked");
    }
}

}  // namespace ashlar::sim
