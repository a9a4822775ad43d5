// A node as a replica for others: what it answers to asks that are sent to it directly.
#include <gtest/gtest.h>

#include "kit/hash.h"
#include "request/fence.h"
#include "troupe.h"

namespace ashlar::test {
namespace {

class Serving : public ::testing::Test {
protected:
    Serving() {
        troupe.put(1, "key", "value", all);
        entry = troupe.at(1).engine->last_entry;
        troupe.run(seconds(1));
    }
    EntryKey key(View name = "key") { return EntryKey{troupe.at(1).partitioner.token(name), TableId{1}, name}; }
    wire::ReadAsk read_ask(Epoch epoch = Epoch{1}) { return {wire::Ref{7}, epoch, key(), false, seconds(1)}; }
    wire::WriteAsk write_ask(Epoch epoch = Epoch{1}) {
        return {wire::Ref{7}, epoch, key("other"), entry, Sync::always, {}, seconds(1)};
    }
    wire::ScanAsk scan_ask(Epoch epoch = Epoch{1}) {
        return {wire::Ref{7}, epoch, TableId{1}, TokenRange{0, ~Token{0}}, false, false, 0, {}, 10, 1000, seconds(1)};
    }
    /// Hears it of node 2.
    void begin(std::uint32_t node, const wire::Message& message, port::Road road = port::Road::link) {
        Stage& stage = troupe.at(node);
        stage.said.clear();
        stage.step(port::Heard{wire::Sender{NodeId{2}, troupe.at(2).ledger->state().life()}, road, &message});
    }
    /// And does all there is to do about it.
    void hear(std::uint32_t node, const wire::Message& message, port::Road road = port::Road::link) {
        begin(node, message, road);
        troupe.at(node).settle();
    }
    /// What it has said of this kind since; valid until it hears something else.
    template <class M>
    const M* said(std::uint32_t node) {
        for (const Stage::Said& each : troupe.at(node).said) {
            if (!wire::decode(each.message, last_)) std::abort();
            if (const M* found = std::get_if<M>(&last_)) return found;
        }
        return nullptr;
    }
    template <class M>
    wire::Fault fault(std::uint32_t node) {
        const M* answer = said<M>(node);
        return answer == nullptr ? wire::Fault::of(fail(Code::io, "nothing was said")) : answer->fault;
    }

    Troupe troupe{4};  // node 4 owns nothing
    Bytes entry;

private:
    wire::Message last_;
};

TEST_F(Serving, AnAskOfAnEpochThatIsOverIsRefusedAndTheNewerStateComesWithIt) {
    const auto applied = troupe.at(1).engine->stats().applied;
    hear(1, write_ask(Epoch{0}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::WriteAnswer>(1)));
    EXPECT_NE(said<wire::StateGive>(1), nullptr);
    EXPECT_EQ(troupe.at(1).engine->stats().applied, applied);
    troupe.run(seconds(1));
    hear(1, read_ask(Epoch{0}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::ReadAnswer>(1)));
    EXPECT_NE(said<wire::StateGive>(1), nullptr);
    troupe.run(seconds(1));
    hear(1, scan_ask(Epoch{0}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::ScanAnswer>(1)));
    EXPECT_NE(said<wire::StateGive>(1), nullptr);
}

TEST_F(Serving, AnAskOfANewerEpochIsRefusedUntilThisNodeHasCaughtUp) {
    const auto applied = troupe.at(1).engine->stats().applied;
    hear(1, write_ask(Epoch{2}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::WriteAnswer>(1)));
    EXPECT_NE(said<wire::StateAsk>(1), nullptr) << "it begins to";
    EXPECT_EQ(troupe.at(1).engine->stats().applied, applied);
    troupe.run(seconds(1));
    hear(1, read_ask(Epoch{2}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::ReadAnswer>(1)));
    hear(1, scan_ask(Epoch{2}));
    EXPECT_TRUE(ashlar::request::Fence::held(fault<wire::ScanAnswer>(1)));
}

TEST_F(Serving, ATableThatIsNotThereAndBytesThatAreNoEntryAreRefused) {
    wire::WriteAsk ask = write_ask();
    ask.key.table = TableId{99};
    hear(1, ask);
    EXPECT_EQ(fault<wire::WriteAnswer>(1).code, static_cast<std::uint8_t>(Code::not_found));
    ask = write_ask();
    ask.entry = "no entry";
    const auto applied = troupe.at(1).engine->stats().applied;
    hear(1, ask);
    EXPECT_FALSE(fault<wire::WriteAnswer>(1).none());
    hear(1, wire::HintGive{wire::Ref{7}, key("other"), "no entry"}, port::Road::background);
    EXPECT_FALSE(fault<wire::HintTaken>(1).none());
    EXPECT_EQ(troupe.at(1).engine->stats().applied, applied);
}

TEST_F(Serving, ADigestIsTheHashOfWhatIsHeldAndNothingElse) {
    wire::ReadAsk ask = read_ask();
    ask.digest = true;
    hear(1, ask);
    const auto* held = said<wire::ReadAnswer>(1);
    ASSERT_NE(held, nullptr);
    EXPECT_EQ(held->digest, kit::hash64(entry));
    EXPECT_TRUE(held->entry.empty());
    ask.key = key("nothing");
    hear(1, ask);
    const auto* none = said<wire::ReadAnswer>(1);
    ASSERT_NE(none, nullptr);
    EXPECT_EQ(none->digest, 0u);
    EXPECT_TRUE(none->complete);
}

TEST_F(Serving, WhoOwnsNothingSaysThatItsNothingDoesNotCount) {
    hear(4, read_ask());
    const auto* read = said<wire::ReadAnswer>(4);
    ASSERT_NE(read, nullptr);
    EXPECT_TRUE(read->fault.none());
    EXPECT_FALSE(read->complete);
    hear(4, scan_ask());
    const auto* part = said<wire::ScanAnswer>(4);
    ASSERT_NE(part, nullptr);
    EXPECT_FALSE(part->complete);
}

TEST_F(Serving, ALateReadIsForNobodyButALateAcknowledgementSavesAHint) {
    troupe.at(1).engine->needs_disk = true;
    begin(1, read_ask());
    troupe.at(1).pass(seconds(2));
    troupe.at(1).settle();
    EXPECT_EQ(said<wire::ReadAnswer>(1), nullptr);
    begin(1, write_ask());
    EXPECT_EQ(said<wire::WriteAnswer>(1), nullptr) << "it is not on the disk yet";
    troupe.at(1).pass(seconds(2));
    troupe.at(1).settle();
    const auto* written = said<wire::WriteAnswer>(1);
    ASSERT_NE(written, nullptr);
    EXPECT_TRUE(written->fault.none());
    EXPECT_TRUE(written->synced);
}

TEST_F(Serving, AHintIsTakenWhenItIsOnTheDisk) {
    begin(1, wire::HintGive{wire::Ref{7}, key("other"), entry}, port::Road::background);
    EXPECT_EQ(said<wire::HintTaken>(1), nullptr);
    troupe.at(1).settle();
    EXPECT_TRUE(fault<wire::HintTaken>(1).none());
    EXPECT_EQ(troupe.at(1).engine->stats().synced, troupe.at(1).engine->stats().applied);
}

TEST_F(Serving, AWriteForAnAbsentOwnerLeavesAHintHere) {
    wire::WriteAsk ask = write_ask();
    ask.absent = NodeId{3};
    hear(4, ask);
    EXPECT_TRUE(fault<wire::WriteAnswer>(4).none());
    EXPECT_EQ(troupe.at(4).node->facts().hints[NodeId{3}].entries, 1u);
}

}  // namespace
}  // namespace ashlar::test
