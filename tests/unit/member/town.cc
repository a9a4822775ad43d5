#include "town.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire/codec.h"

namespace ashlar::test {

/// What one node asks of the world.
class Door final : public port::Effects {
public:
    Door(Town& town, wire::Sender sender) : town_(town), sender_(sender) {}
    void reply(port::Ticket, const port::Reply&) override { FAIL(); }
    void refuse(port::Ticket, const port::Refusal&) override { FAIL(); }
    void table_done(port::Ticket, const port::Table&) override { FAIL(); }
    void errand_begun(port::Ticket, std::uint64_t) override { FAIL(); }
    void key_explained(port::Ticket, const port::Explanation&) override { FAIL(); }
    bool send(const port::Peer& to, port::Road road, const wire::Message& message) override {
        EXPECT_EQ(road, port::Road::background);
        EXPECT_FALSE(to.address.empty());
        town_.send(sender_, std::string(to.address), message);
        return true;
    }
    void run(port::Lane, port::WorkId, Work&) override { FAIL(); }
    void wake_at(Instant) override { FAIL(); }
    void stopped() override { FAIL(); }

private:
    Town& town_;
    wire::Sender sender_;
};

namespace {

wire::Sender sender_of(const Resident& resident) {
    return wire::Sender{resident.members.self().node, resident.members.self().incarnation};
}

}  // namespace

std::vector<std::string> Resident::lines_with(const std::string& text) const {
    std::vector<std::string> out;
    for (const auto& [level, line] : log.lines())
        if (line.find(text) != std::string::npos) out.push_back(line);
    return out;
}

wire::RosterEntry Town::entry(std::uint64_t node, std::uint32_t incarnation) {
    wire::RosterEntry self;
    self.node = NodeId{node};
    self.incarnation = incarnation;
    self.name = "n" + std::to_string(node);
    self.datacentre = "east";
    self.rack = "r1";
    self.clients_at = self.name + ":5";
    self.link_at = self.name + ":6";
    self.background_at = self.name + ":7";
    self.parts = "partitioner equal_partitions 1.0.0; replicator simple 1.0.0";
    return self;
}

Resident& Town::move_in(const wire::RosterEntry& self) {
    member::Rules rules;
    rules.cluster = "town";
    rules.seeds = seeds;
    addresses_[self.background_at] = self.node.value;
    auto& place = residents_[self.node.value];
    place = std::make_unique<Resident>(seed_ * 1000 + self.node.value * 10 + self.incarnation, make, rules, self);
    return *place;
}

void Town::whisper(std::uint64_t from, std::uint32_t incarnation, std::uint64_t to, const wire::Message& message) {
    send(wire::Sender{NodeId{from}, incarnation}, at(to).members.self().background_at, message);
}

void Town::send(const wire::Sender& from, const std::string& address, const wire::Message& message) {
    Letter letter{from, 0, {}};
    wire::encode(message, letter.bytes);
    largest_ = std::max(largest_, letter.bytes.size());
    auto found = addresses_.find(address);
    if (found == addresses_.end()) return;
    letter.to = found->second;
    ++said_[{from.node.value, letter.to}][wire::name_of(message)];
    if (chance_.next() % 100 < loss_percent || cuts_.contains({from.node.value, letter.to})) return;
    const auto spread = static_cast<std::uint64_t>((delay_max - delay_min).us) + 1;
    const Instant when = now_ + delay_min + Duration{static_cast<std::int64_t>(chance_.next() % spread)};
    letters_[{when, ++sent_}] = std::move(letter);
}

std::map<std::string, int> Town::said(std::uint64_t from, std::uint64_t to) const {
    auto found = said_.find({from, to});
    return found == said_.end() ? std::map<std::string, int>{} : found->second;
}

void Town::deliver(const Letter& letter) {
    auto found = residents_.find(letter.to);
    if (found == residents_.end() || found->second->dead) return;
    Resident& resident = *found->second;
    if (resident.asleep_until > now_) {  // it waits in the socket
        letters_[{resident.asleep_until, ++sent_}] = letter;
        return;
    }
    wire::Message message;
    ASSERT_TRUE(wire::decode(letter.bytes, message));
    Door door(*this, sender_of(resident));
    const Now clocks = now();
    resident.members.hear(port::Turn{clocks, door}, letter.from, message);
}

/// The next thing that happens; false when it is later than `limit`.
void Town::farewell(std::uint64_t node) {
    Door door(*this, sender_of(at(node)));
    const Now clocks = now();
    at(node).members.farewell(port::Turn{clocks, door});
}

bool Town::step(Instant limit) {
    Instant next = letters_.empty() ? port::never : letters_.begin()->first.first;
    Resident* waker = nullptr;
    for (auto& [node, resident] : residents_) {
        if (resident->dead) continue;
        const Instant wakes = std::max(resident->members.due(), resident->asleep_until);
        if (wakes >= next) continue;
        next = wakes;
        waker = resident.get();
    }
    if (next > limit) return false;
    now_ = std::max(now_, next);
    if (waker != nullptr) {
        Door door(*this, sender_of(*waker));
        const Now clocks = now();
        waker->members.pump(port::Turn{clocks, door});
        EXPECT_GT(waker->members.due(), now_);
    } else {
        const Letter letter = std::move(letters_.begin()->second);
        letters_.erase(letters_.begin());
        deliver(letter);
    }
    if (watch) watch();
    return true;
}

void Town::run(Duration time) {
    const Instant end = now_ + time;
    while (step(end)) {
    }
    now_ = end;
}

std::optional<Duration> Town::until(const std::function<bool()>& so, Duration limit) {
    const Instant begin = now_;
    while (!so())
        if (!step(begin + limit)) return std::nullopt;
    return now_ - begin;
}

bool Town::all_well() {
    for (const auto& [node, resident] : residents_) {
        if (resident->dead) continue;
        for (const auto& [other, there] : residents_)
            if (!there->dead && resident->state(other) != PeerState::alive) return false;
    }
    return true;
}

}  // namespace ashlar::test
