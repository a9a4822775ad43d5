// Several nodes that agree, in virtual time: real ledgers on disks that lose what was not synced, messages as bytes
// that come late, twice, in any order or not at all, a roster that hears of others by gossip. From a seed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "accord/accord.h"
#include "faulty_disk.h"
#include "plain_host.h"

namespace ashlar::test {

class Parliament;

/// What one node knows of the others: the entry each has told it, as old as the gossip is.
class Gazette final : public accord::Neighbours {
public:
    port::Peer peer(NodeId node) const override { return port::Peer{node, "there:1"}; }
    std::vector<accord::Sighting> all() const override;
    wire::RosterEntry& self() override { return entries[own]; }

    NodeId own;
    std::map<NodeId, wire::RosterEntry> entries;
    std::set<NodeId> down;
    std::set<NodeId> unseen;  ///< turned away
};

/// One node: a disk that stays, and the parts that a crash takes.
class Seat final : public port::Effects {
public:
    Seat(Parliament& all, NodeId id, std::uint32_t expect);
    void start();
    /// What was not synced is lost.
    void crash();
    void step(const std::function<void(const port::Turn&)>& what);
    void propose(accord::Edit edit, Duration time, std::function<void(const Result<void>&)> then);
    const ledger::Agreed& agreed() const { return ledger_->state().agreed; }
    const ledger::State& state() const { return ledger_->state(); }
    std::uint64_t life() const { return life_; }

    NodeId id;
    std::string name;
    std::uint32_t expect = 1;
    bool up = false;
    accord::Rules rules;
    bool noted = true;  ///< its states must be those of all
    std::unique_ptr<sim::FaultyDisk> disk;
    Gazette gazette;
    std::unique_ptr<accord::Accord> accord;
    std::unique_ptr<sim::PlainHost> host;
    std::uint64_t stores = 0;
    Duration ledger_takes{0};  ///< 0: a little, by chance
    ledger::Changes& changes() { return *changes_; }

    // Effects.
    void reply(port::Ticket, const port::Reply&) override {}
    void refuse(port::Ticket, const port::Refusal&) override {}
    void table_done(port::Ticket, const port::Table&) override {}
    void errand_begun(port::Ticket, std::uint64_t) override {}
    void key_explained(port::Ticket, const port::Explanation&) override {}
    bool send(const port::Peer& to, port::Road road, const wire::Message& message) override;
    void run(port::Lane lane, port::WorkId id, Work& work) override;
    void wake_at(Instant) override {}
    void stopped() override {}

private:
    void arm();
    Parliament& all_;
    std::uint64_t life_ = 0;
    Instant armed_ = port::never;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<port::Works> works_;
    std::unique_ptr<ledger::Changes> changes_;
};

struct Weather {
    std::uint64_t loss = 0;  ///< of a million messages
    std::uint64_t repeat = 0;
    Duration delay = milliseconds(5);  ///< at most
    std::uint64_t refusal = 0;         ///< of a million syncs: the disk fails it and lives on
    std::uint64_t crash = 0;           ///< of a million stores: the power goes at some call of it
};

class Parliament {
public:
    explicit Parliament(std::uint64_t seed);
    /// Ids are given in rising order.
    Seat& add(std::uint32_t expect = 1);
    /// The members hold epoch 1 from the start.
    void found(const std::vector<Seat*>& members, std::uint64_t origin = 99);
    /// Gossip goes on while time passes.
    void pass(Duration time);
    bool pass_until(const std::function<bool()>& what, Duration most);
    void after(Duration time, std::function<void()> what);
    /// No fault any more, and everybody is up.
    void calm();
    /// No message between the two any more, in either direction.
    void cut(NodeId a, NodeId b) { cuts.insert({std::min(a, b), std::max(a, b)}); }
    bool is_cut(NodeId a, NodeId b) const { return cuts.count({std::min(a, b), std::max(a, b)}) != 0; }
    /// Two states of one epoch fail the test.
    void note(NodeId who, const ledger::Agreed& held);
    /// All members of the newest ring are up and hold it.
    bool united() const;
    const ledger::Agreed& newest() const;

    Now now{Instant{1'000'000}, WallTime{1'700'000'000'000'000}};
    sim::SeededRandom random;
    Weather weather;
    std::vector<std::unique_ptr<Seat>> seats;
    std::map<std::uint64_t, Bytes> truths;  ///< by epoch
    std::set<std::pair<NodeId, NodeId>> cuts;
    std::uint64_t crashes = 0;
    std::uint64_t said = 0;  ///< messages, of all

private:
    void gossip();
    std::multimap<Instant, std::function<void()>> agenda_;
    std::map<NodeId, Instant> silent_since_;
};

/// Edits.
accord::Edit add_table(std::string name);
/// In, or out if it is in; at least one stays.
accord::Edit toggle(NodeId node);
Result<ledger::Agreed> ring_over(const std::vector<Member>& members, std::uint64_t origin);

}  // namespace ashlar::test
