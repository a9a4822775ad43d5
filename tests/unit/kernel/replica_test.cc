// One key read or written on this node: what memory answers at once, what waits for a lane, what is never begun.
#include <gtest/gtest.h>

#include "kit/entry.h"
#include "port/turn.h"
#include "request/replica.h"
#include "stage.h"

namespace ashlar::test {
namespace {

using request::Replica;

/// Keeps what it is told; has room for so many bytes.
struct Keeper final : port::HintKeeper {
    Result<void> admit(NodeId, std::size_t bytes) override {
        if (bytes <= room) return {};
        return fail(Code::overloaded, "no room");
    }
    void kept(NodeId owner, std::size_t) override { owners.push_back(owner); }
    void owe(NodeId, const EntryKey&, View, bool) override {}
    std::size_t room = 1000;
    std::vector<NodeId> owners;
};

class ReplicaRoom : public ::testing::Test, protected Replica::Listener {
protected:
    void read_done(const port::Turn&, base::SlotId, const request::ReadAnswer& answer) override {
        read_ = answer.ok ? Bytes(answer.entry) : "failed: " + answer.error.detail;
    }
    void write_done(const port::Turn&, base::SlotId name, const request::WriteAnswer& answer) override {
        done.push_back(name.index);
        synced_all = synced_all && answer.ok && answer.synced;
    }
    port::Turn turn() { return port::Turn{stage.now, stage}; }
    EntryKey key(View name) { return EntryKey{stage.partitioner.token(name), TableId{1}, name}; }
    request::WriteAsk write_ask(std::uint32_t name, Sync sync, NodeId absent = {}) {
        return {base::SlotId{name, 1}, key("other"), entry, sync, absent};
    }
    /// Runs what was started on the lanes by this room.
    void run_lanes() {
        while (!stage.works.empty()) {
            Stage::Waiting waiting = stage.works.front();
            stage.works.pop_front();
            waiting.work->run();
            works.done(turn(), waiting.id);
        }
    }

    Stage stage;  // its node has written an entry; from there on the room is alone with its engine
    Bytes entry = [this] {
        EXPECT_TRUE(stage.put("key", "value").ok());
        return stage.engine->last_entry;
    }();
    port::Limits limits;
    port::Works works;
    request::SyncQueue syncs{*stage.engine, works, limits};
    Keeper keeper;
    Replica replica{*stage.engine, works, syncs, keeper, *this};
    std::optional<Bytes> read_;
    std::vector<std::uint32_t> done;
    bool synced_all = true;
};

TEST_F(ReplicaRoom, WhatMemoryHoldsIsAnsweredAtOnce) {
    auto held = replica.read(turn(), {base::SlotId{1, 1}, key("key"), true});
    ASSERT_TRUE(held && held->ok);
    EXPECT_EQ(held->entry, View(entry));
    auto nothing = replica.read(turn(), {base::SlotId{1, 1}, key("none"), true});
    ASSERT_TRUE(nothing && nothing->ok);
    EXPECT_TRUE(nothing->entry.empty());
}

TEST_F(ReplicaRoom, WhatMemoryCannotTellWaitsForALaneOrStaysUnknown) {
    stage.engine->needs_disk = true;
    EXPECT_FALSE(replica.read(turn(), {base::SlotId{1, 1}, key("key"), false}));
    EXPECT_TRUE(stage.works.empty());
    EXPECT_FALSE(replica.read(turn(), {base::SlotId{1, 1}, key("key"), true}));
    run_lanes();
    EXPECT_EQ(read_, entry);
    stage.engine->fail_reads = fail(Code::corrupt, "bad block");
    EXPECT_FALSE(replica.read(turn(), {base::SlotId{1, 1}, key("key"), true}));
    run_lanes();
    EXPECT_EQ(read_, "failed: bad block");
}

TEST_F(ReplicaRoom, AWriteIsAnsweredWhenItIsAsSafeAsAsked) {
    auto soon = replica.write(turn(), write_ask(1, Sync::interval));
    ASSERT_TRUE(soon && soon->ok);
    EXPECT_FALSE(soon->synced);
    EXPECT_FALSE(replica.write(turn(), write_ask(2, Sync::always)));
    EXPECT_FALSE(replica.confirm(turn(), base::SlotId{3, 1}, replica.applied(), Sync::always)) << "nor a retry of it";
    syncs.pump(turn());
    run_lanes();
    EXPECT_EQ(done, (std::vector<std::uint32_t>{2, 3}));
    EXPECT_TRUE(synced_all);
    auto known = replica.confirm(turn(), base::SlotId{4, 1}, replica.applied(), Sync::always);
    ASSERT_TRUE(known) << "it is on the disk";
    EXPECT_TRUE(known->synced);
}

TEST_F(ReplicaRoom, AHintIsKeptInTheSameBatchOrNothingIs) {
    const auto applies = stage.engine->applies;
    keeper.room = 0;
    auto refused = replica.write(turn(), write_ask(1, Sync::interval, NodeId{9}));
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->ok);
    EXPECT_EQ(refused->error.code, Code::overloaded);
    EXPECT_EQ(stage.engine->applies, applies) << "so that the next stand-in can be asked";
    keeper.room = 1000;
    ASSERT_TRUE(replica.write(turn(), write_ask(1, Sync::interval, NodeId{9}))->ok);
    EXPECT_EQ(stage.engine->applies, applies + 1);
    EXPECT_EQ(keeper.owners, std::vector<NodeId>{NodeId{9}});
}

TEST_F(ReplicaRoom, WhatTheEngineRefusesIsTold) {
    stage.engine->refuse_writes = fail(Code::no_space, "full");
    auto answer = replica.write(turn(), write_ask(1, Sync::always));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error.code, Code::no_space);
}

}  // namespace
}  // namespace ashlar::test
