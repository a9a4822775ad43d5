#include "parliament.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "kit/text.h"
#include "node/tag_joiner.h"
#include "wire/codec.h"

namespace ashlar::test {
namespace {

const node::TagJoiner nobody({});

void deal(Ring& ring) {
    ring.claims.clear();
    for (std::uint64_t i = 0; i < 8; ++i)
        ring.claims.push_back(Claim{i << 61, ring.members[i % ring.members.size()].node});
}

}  // namespace

std::vector<accord::Sighting> Gazette::all() const {
    std::vector<accord::Sighting> out;
    for (const auto& [node, entry] : entries)
        if (unseen.count(node) == 0)
            out.push_back({&entry, down.count(node) != 0 ? PeerState::down : PeerState::alive});
    return out;
}

Seat::Seat(Parliament& all, NodeId given, std::uint32_t expected)
    : id(given),
      name(kit::text("n", given.value)),
      expect(expected),
      disk(std::make_unique<sim::FaultyDisk>()),
      all_(all) {
    auto ledger = std::move(*ledger::Ledger::open(*disk));
    ledger::State state;
    state.cluster = "c";
    state.name = name;
    state.node = id;
    if (!ledger->store_now(state)) std::abort();
}

void Seat::start() {
    ++life_;
    armed_ = port::never;
    host = std::make_unique<sim::PlainHost>(*disk, nobody, all_.random.next());
    ledger_ = std::move(*ledger::Ledger::open(*disk));
    disk->judge([this](const sim::Call& call) -> std::optional<Code> {
        if (!call.syncs() || all_.random.below(1'000'000) >= all_.weather.refusal) return std::nullopt;
        return Code::io;
    });
    works_ = std::make_unique<port::Works>();
    changes_ = std::make_unique<ledger::Changes>(*ledger_, *works_);
    gazette.own = id;
    gazette.entries.clear();
    gazette.down.clear();
    wire::RosterEntry entry;
    entry.node = id;
    entry.name = name;
    entry.datacentre = "dc1";
    entry.rack = "r";
    gazette.entries[id] = entry;
    rules.expect = expect;
    accord = std::make_unique<accord::Accord>(accord::Parts{
        *changes_, gazette, host->random(), host->log(), host->meter(), rules,
        [this](const std::vector<Member>& members) { return ring_over(members, host->random().next()); },
        [this](const port::Turn&, const ledger::Agreed& before, const ledger::Agreed& now) {
            EXPECT_LT(before.epoch(), now.epoch());
            EXPECT_EQ(ledger_->state().agreed.epoch() >= now.epoch(), true) << "durable before it is served";
            if (noted) all_.note(id, now);
        }});
    up = true;
    if (noted) all_.note(id, agreed());
    step([](const port::Turn&) {});
}

void Seat::crash() {
    up = false;
    ++life_;
    ++all_.crashes;
    accord.reset();
    changes_.reset();
    works_.reset();
    ledger_.reset();
    disk = disk->crash(all_.random.next());
}

void Seat::step(const std::function<void(const port::Turn&)>& what) {
    if (!up) return;
    port::Turn turn{all_.now, *this};
    what(turn);
    changes_->pump(turn);
    accord->pump(turn);
    arm();
}

void Seat::arm() {
    Instant next = std::max(std::min(accord->due(), changes_->due()), all_.now.steady + microseconds(100));
    if (next >= armed_) return;
    armed_ = next;
    all_.after(next - all_.now.steady, [this, life = life_] {
        if (life != life_) return;
        armed_ = port::never;
        step([](const port::Turn&) {});
    });
}

void Seat::propose(accord::Edit edit, Duration time, std::function<void(const Result<void>&)> then) {
    step([&](const port::Turn& turn) {
        accord->propose(turn, std::move(edit), all_.now.steady + time,
                        [then](const port::Turn&, const Result<void>& outcome) { then(outcome); });
    });
}

bool Seat::send(const port::Peer& to, port::Road road, const wire::Message& message) {
    EXPECT_EQ(road, port::Road::background);
    EXPECT_NE(to.node, id) << "nobody writes to itself";
    auto bytes = std::make_shared<Bytes>();
    wire::encode(message, *bytes);
    ++all_.said;
    std::size_t copies = all_.random.below(1'000'000) < all_.weather.repeat ? 2 : 1;
    for (std::size_t i = 0; i < copies; ++i) {
        if (all_.random.below(1'000'000) < all_.weather.loss) continue;
        Duration delay{1 +
                       static_cast<std::int64_t>(all_.random.below(static_cast<std::uint64_t>(all_.weather.delay.us)))};
        all_.after(delay, [this, bytes, target = to.node] {
            if (all_.is_cut(id, target)) return;
            for (auto& seat : all_.seats) {
                if (seat->id != target || !seat->up) continue;
                wire::Message heard;
                ASSERT_TRUE(wire::decode(*bytes, heard));
                seat->step([&](const port::Turn& turn) {
                    EXPECT_TRUE(seat->accord->hear(turn, wire::Sender{id, 1}, heard));
                });
            }
        });
    }
    return true;
}

void Seat::run(port::Lane lane, port::WorkId work_id, Work& work) {
    EXPECT_EQ(lane, port::Lane::ledger);
    ++stores;
    if (all_.random.below(1'000'000) < all_.weather.crash) disk->cut_power_at(disk->calls() + 1 + all_.random.below(7));
    Duration takes{static_cast<std::int64_t>(1 + all_.random.below(5'000))};
    if (ledger_takes.us != 0) takes = ledger_takes;
    all_.after(takes, [this, &work, work_id, life = life_] {
        if (life != life_) return;
        work.run();
        if (disk->powerless()) {
            crash();
            all_.after(microseconds(static_cast<std::int64_t>(all_.random.below(4'000'000))), [this] {
                if (!up) start();
            });
            return;
        }
        step([&](const port::Turn& turn) { works_->done(turn, work_id); });
    });
}

Parliament::Parliament(std::uint64_t seed) : random(seed) {
    after(milliseconds(300), [this] { gossip(); });
}

Seat& Parliament::add(std::uint32_t expect) {
    seats.push_back(std::make_unique<Seat>(*this, NodeId{10 + seats.size()}, expect));
    return *seats.back();
}

void Parliament::found(const std::vector<Seat*>& members, std::uint64_t origin) {
    std::vector<Member> list;
    for (Seat* seat : members) list.push_back(Member{seat->id, "dc1", "r", 1});
    ledger::Agreed first = *ring_over(list, origin);
    for (Seat* seat : members) {
        auto ledger = std::move(*ledger::Ledger::open(*seat->disk));
        ledger::State state = ledger->state();
        state.agreed = first;
        if (!ledger->store_now(state)) std::abort();
    }
}

/// Everybody tells somebody all it knows, each second or so.
void Parliament::gossip() {
    after(milliseconds(static_cast<std::int64_t>(150 + random.below(200))), [this] { gossip(); });
    for (auto& from : seats) {
        if (from->up)
            silent_since_.erase(from->id);
        else
            silent_since_.emplace(from->id, now.steady);
    }
    for (auto& from : seats) {
        if (!from->up) continue;
        ++from->gazette.self().heartbeat;
        Seat& to = *seats[random.below(seats.size())];
        if (!to.up || &to == from.get() || is_cut(from->id, to.id)) continue;
        for (const auto& [node, entry] : from->gazette.entries) {
            auto& known = to.gazette.entries[node];
            if (node != to.id && (known.node.value == 0 || known.heartbeat <= entry.heartbeat)) known = entry;
        }
        for (auto& other : seats) {
            auto silent = silent_since_.find(other->id);
            bool down = silent != silent_since_.end() && now.steady - silent->second > seconds(5);
            if (down)
                to.gazette.down.insert(other->id);
            else
                to.gazette.down.erase(other->id);
        }
    }
}

void Parliament::calm() {
    weather = Weather{};
    cuts.clear();
    for (auto& seat : seats) {
        seat->disk->cut_power_at(UINT64_MAX);
        if (seat->disk->powerless() && seat->up) seat->crash();
        if (!seat->up) seat->start();
    }
}

void Parliament::after(Duration time, std::function<void()> what) {
    agenda_.emplace(now.steady + time, std::move(what));
}

void Parliament::pass(Duration time) {
    pass_until([] { return false; }, time);
}

bool Parliament::pass_until(const std::function<bool()>& what, Duration most) {
    Instant end = now.steady + most;
    while (!what()) {
        auto first = agenda_.begin();
        if (first->first > end) {
            now.wall = now.wall + (end - now.steady);
            now.steady = end;
            return what();
        }
        now.wall = now.wall + (first->first - now.steady);
        now.steady = first->first;
        auto act = std::move(first->second);
        agenda_.erase(first);
        act();
    }
    return true;
}

void Parliament::note(NodeId who, const ledger::Agreed& held) {
    if (held.epoch().value == 0) return;
    Bytes bytes = ledger::encode_agreed(held);
    auto [at, fresh] = truths.emplace(held.epoch().value, bytes);
    EXPECT_EQ(at->second, bytes) << "node " << who.value << " holds another state under epoch " << held.epoch().value;
}

const ledger::Agreed& Parliament::newest() const {
    const Seat* best = nullptr;
    for (const auto& seat : seats) {
        if (seat->up && (best == nullptr || seat->agreed().epoch() > best->agreed().epoch())) best = seat.get();
    }
    static const ledger::Agreed nothing;
    return best == nullptr ? nothing : best->agreed();
}

bool Parliament::united() const {
    const ledger::Agreed& truth = newest();
    if (truth.epoch().value == 0) return false;
    std::size_t there = 0;
    for (const auto& seat : seats) {
        if (truth.ring.member(seat->id) == nullptr) continue;
        if (!seat->up || seat->agreed() != truth) return false;
        ++there;
    }
    return there == truth.ring.members.size();
}

accord::Edit add_table(std::string name) {
    return [name](ledger::Agreed& at) -> Result<void> {
        port::Table table;
        table.name = name;
        auto place = std::lower_bound(at.tables.begin(), at.tables.end(), table,
                                      [](const port::Table& a, const port::Table& b) { return a.name < b.name; });
        if (place != at.tables.end() && place->name == name) return fail(Code::conflict, "there is a table " + name);
        table.id.value = ++at.last_table;
        at.tables.insert(place, table);
        return {};
    };
}

accord::Edit toggle(NodeId node) {
    return [node](ledger::Agreed& at) -> Result<void> {
        auto& members = at.ring.members;
        auto place = std::lower_bound(members.begin(), members.end(), node,
                                      [](const Member& a, NodeId b) { return a.node < b; });
        if (place == members.end() || place->node != node) {
            members.insert(place, Member{node, "dc1", "r", 1});
        } else {
            if (members.size() == 1) return fail(Code::invalid_request, "nobody would be left");
            members.erase(place);
        }
        deal(at.ring);
        return {};
    };
}

Result<ledger::Agreed> ring_over(const std::vector<Member>& members, std::uint64_t origin) {
    ledger::Agreed out;
    out.ring.epoch.value = 1;
    out.ring.members = members;
    deal(out.ring);
    out.origin = out.stamp = origin;
    return out;
}

}  // namespace ashlar::test
