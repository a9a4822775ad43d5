#include "ledger/ledger.h"
#include "kit/bytes.h"
#include "kit/hash.h"

#include <gtest/gtest.h>

#include "faulty_disk.h"
#include "kit/text.h"
#include "node/birth.h"
#include "parts.h"
#include "random.h"

namespace ashlar::ledger {
namespace {

State some_state(std::uint64_t counter = 100) {
    State state;
    state.cluster = "c";
    state.name = "n1";
    state.node.value = 42;
    state.incarnation = 3;
    state.unclean_starts = 2;
    state.counter_lease = counter;
    state.counter_used = counter / 2;
    state.clean = true;
    state.agreed.last_table = 9;
    state.partitioner = "p";
    state.engine = "e";
    state.replicator = "l";
    state.addresses = {{NodeId{43}, "10.0.0.1:7", "west one"}, {NodeId{44}, "", ""}};
    port::Table table;
    table.id = TableId{9};
    table.name = "t";
    table.replication.per_datacentre = {{"east", 3}, {"west", 2}};
    table.resolver = "r";
    table.engine = "e";
    table.ttl = seconds(60);
    table.read = Consistency{Level::count, 2};
    table.write = Consistency{Level::each_quorum, 0};
    state.agreed.tables = {table};
    table.id = TableId{4};
    state.dropped = {table};
    state.agreed.ring.epoch.value = 7;
    state.agreed.ring.members = {Member{NodeId{42}, "east", "r1", 2}, Member{NodeId{43}, "west", "r2", 0}};
    state.agreed.ring.claims = {Claim{0, NodeId{42}}, Claim{1000, NodeId{43}}};
    state.agreed.origin = 5;
    state.agreed.stamp = 6;
    state.gaps = {TokenRange{3, 9}, TokenRange{11, ~Token{0}}};
    state.openings = 2;
    state.vote = Vote{Epoch{8}, {3, NodeId{43}}, {2, NodeId{42}}, "value", 77};
    return state;
}

TEST(LedgerCodec, RoundTrip) {
    auto decoded = decode(encode(some_state()));
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(*decoded, some_state());
    EXPECT_EQ(*decode(encode(State{})), State{});
}

TEST(LedgerCodec, OlderFormatsAreReadWithoutWhatCameLater) {
    State state = some_state();
    state.replicator.clear();
    state.addresses.clear();
    state.gaps.clear();
    state.openings = 0;
    // The third format has no names, of which there are none; the second ends before no openings and an empty list of
    // gaps, the first one before an empty blob and an empty list.
    const Bytes newest = encode(state);
    for (std::uint32_t format : {1u, 2u, 3u}) {
        const View body = View(newest).substr(24, newest.size() - 24 - 2 * (3 - format));
        Bytes older;
        kit::Writer out(older);
        out.u64(0x3152474452485341);
        out.u32(format);
        out.u32(static_cast<std::uint32_t>(body.size()));
        out.u64(kit::Hasher().add(View(older).substr(8, 8)).add(body).value());
        out.bytes(body);
        auto decoded = decode(older);
        ASSERT_TRUE(decoded) << decoded.error().detail;
        EXPECT_EQ(*decoded, state);
    }
}

TEST(LedgerCodec, GapsThatAreNotInTheirOneFormAreRefused) {
    State state = some_state();
    for (const base::TokenRanges& wrong :
         {base::TokenRanges{{5, 4}}, base::TokenRanges{{1, 2}, {3, 4}}, base::TokenRanges{{9, 9}, {1, 2}}}) {
        state.gaps = wrong;
        EXPECT_FALSE(decode(encode(state)));
    }
}

TEST(LedgerState, SoManyGapsBecomeFewerAndHoldAllTheyHeld) {
    State state;
    for (Token at = 0; at <= gaps_max; ++at) open_gap(state, TokenRange{at * 10, at * 10 + 3});
    EXPECT_EQ(state.openings, gaps_max + 1);
    EXPECT_LE(state.gaps.size(), gaps_max);
    EXPECT_TRUE(base::is_canonical(state.gaps));
    for (Token at = 0; at <= gaps_max; ++at) EXPECT_TRUE(base::holds_any(state.gaps, TokenRange{at * 10, at * 10}));
}

TEST(LedgerState, WhoForgetsWhatItHeldIsAnotherActor) {
    State state = some_state();
    ASSERT_TRUE(forget_held(state, {TokenRange{10, 10}}));
    EXPECT_EQ(state.incarnation, 4u);
    EXPECT_EQ(state.gaps, (base::TokenRanges{TokenRange{3, ~Token{0}}}));
    state.incarnation = incarnation_max;
    const State before = state;
    EXPECT_FALSE(forget_held(state, {TokenRange{1, 1}}));
    EXPECT_EQ(state, before);
}

TEST(LedgerCodec, EveryDamagedBitAndEveryLengthIsRefused) {
    Bytes good = encode(some_state());
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(decode(bad)) << "bit " << bit;
    }
    for (std::size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(decode(View(good).substr(0, length)));
    EXPECT_FALSE(decode(good + "x"));
}

TEST(LedgerCodec, ANewerFormatIsNamed) {
    Bytes newer = encode(some_state());
    newer[8] = 5;
    auto decoded = decode(newer);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Code::unsupported);
    EXPECT_NE(decoded.error().detail.find("format 5"), std::string::npos);
}

TEST(AgreedCodec, OneStateHasOneForm) {
    Agreed good = some_state().agreed;
    auto same = decode_agreed(encode_agreed(good));
    ASSERT_TRUE(same) << same.error().detail;
    EXPECT_EQ(*same, good);
    EXPECT_TRUE(decode_agreed(encode_agreed(Agreed{})));
    auto refused = [&good](auto change) {
        Agreed bent = good;
        change(bent);
        auto decoded = decode_agreed(encode_agreed(bent));
        return !decoded && decoded.error().code == Code::corrupt;
    };
    EXPECT_TRUE(refused([](Agreed& a) { std::swap(a.ring.members[0], a.ring.members[1]); }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.members[1] = a.ring.members[0]; }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.members.clear(); }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.claims[1].first = 0; }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.claims[0].first = 1; }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.claims.clear(); }));
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.claims[1].owner.value = 44; })) << "a claim of nobody";
    EXPECT_TRUE(refused([](Agreed& a) { a.ring.epoch.value = 0; })) << "a ring before the first";
    EXPECT_TRUE(refused([](Agreed& a) { a.last_table = 8; })) << "an id beyond the highest";
    EXPECT_TRUE(refused([](Agreed& a) { a.tables.push_back(a.tables[0]); }));
    EXPECT_TRUE(refused([](Agreed& a) {
        a.tables.push_back(a.tables[0]);
        a.tables[1].name = "u";
    })) << "two tables with one id";
    Bytes bytes = encode_agreed(good);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(decode_agreed(View(bytes).substr(0, length)));
    EXPECT_FALSE(decode_agreed(bytes + "x"));
    EXPECT_FALSE(decode_agreed(Bytes(agreed_bytes_max + 1, '\1')));
    bytes[0] = 2;
    EXPECT_EQ(decode_agreed(bytes).error().code, Code::unsupported);
}

TEST(LedgerState, LearningKeepsWhatIsToBeClearedAndEndsTheVote) {
    State state = some_state();
    Agreed next = state.agreed;
    next.ring.epoch.value = 9;
    next.tables.clear();
    learn(state, next);
    EXPECT_EQ(state.agreed, next);
    ASSERT_EQ(state.dropped.size(), 2u);
    EXPECT_EQ(state.dropped[1].id.value, 9u);
    EXPECT_EQ(state.vote, Vote{});
}

TEST(Ledger, APowerCutAtAnyCallLeavesTheOldOrTheNewState) {
    for (std::uint64_t cut = 1;; ++cut) {
        sim::FaultyDisk disk;
        auto ledger = std::move(*Ledger::open(disk));
        EXPECT_FALSE(ledger->has_state());
        ASSERT_TRUE(ledger->store_now(some_state(100)));
        disk.cut_power_at(disk.calls() + cut);
        auto work = ledger->store(some_state(200));
        EXPECT_EQ(ledger->state().counter_lease, 100u) << "not before finish";
        work->run();
        bool stored = work->finish().has_value();
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            auto after = disk.crash(seed);
            auto found = Ledger::open(*after);
            ASSERT_TRUE(found) << found.error().detail;
            ASSERT_TRUE((*found)->has_state());
            std::uint64_t lease = (*found)->state().counter_lease;
            if (stored)
                EXPECT_EQ(lease, 200u);
            else
                EXPECT_TRUE(lease == 100 || lease == 200) << lease;
            EXPECT_TRUE((*found)->store_now(some_state(300))) << "what the crash left is no hindrance";
        }
        if (stored) break;
        EXPECT_EQ(ledger->state().counter_lease, 100u);
    }
}

TEST(Ledger, AFailedStoreLeavesTheStateAndTheNextOneWorks) {
    sim::FaultyDisk disk;
    auto ledger = std::move(*Ledger::open(disk));
    ASSERT_TRUE(ledger->store_now(some_state(100)));
    for (std::uint64_t nth = 1; nth <= 2; ++nth) {
        disk.fail_nth_sync(nth);
        EXPECT_FALSE(ledger->store_now(some_state(200)));
        EXPECT_EQ(ledger->state().counter_lease, 100u);
    }
    disk.heal();
    EXPECT_TRUE(ledger->store_now(some_state(300)));
    EXPECT_EQ((*Ledger::open(disk))->state().counter_lease, 300u);
}

class Birth : public testing::Test {
protected:
    node::Identity wanted() {
        node::Identity identity;
        identity.cluster = "c";
        identity.name = "n";
        identity.partitioner = "p";
        identity.engine = "e";
        identity.replicator = "l";
        identity.default_resolver = "r";
        identity.resolvers = {"r", "s"};
        identity.address = "127.0.0.1:1";
        return identity;
    }
    Result<void> begin(const node::Identity& identity) {
        ledger_ = std::move(*Ledger::open(disk_));
        if (auto known = node::prepare(*ledger_, identity, random_, partitioner_); !known) return known;
        return node::begin_life(*ledger_, keeps_, 1000);
    }
    void stop_clean(std::uint64_t used) {
        State state = ledger_->state();
        state.clean = true;
        state.counter_used = used;
        ASSERT_TRUE(ledger_->store_now(state));
    }
    sim::FaultyDisk disk_;
    sim::SeededRandom random_{1};
    test::EightClaims partitioner_;
    std::unique_ptr<Ledger> ledger_;
    node::EngineKeeps keeps_ = node::EngineKeeps::all;
};

TEST_F(Birth, TheFirstStartMakesIdentityRingAndTable) {
    ASSERT_TRUE(begin(wanted()));
    const State& state = ledger_->state();
    EXPECT_NE(state.node.value, 0u);
    EXPECT_EQ(state.agreed.ring.epoch.value, 1u);
    ASSERT_EQ(state.agreed.ring.members.size(), 1u);
    EXPECT_EQ(state.agreed.ring.members[0].node, state.node);
    ASSERT_EQ(state.agreed.tables.size(), 1u);
    EXPECT_EQ(state.agreed.tables[0].name, "default");
    EXPECT_EQ(state.agreed.tables[0].resolver, "r");
    EXPECT_EQ(state.agreed.last_table, 1u);
    EXPECT_EQ(state.counter_lease, 1000u);
    EXPECT_EQ(state.counter_used, 0u);
    EXPECT_FALSE(state.clean);
    EXPECT_EQ(state.unclean_starts, 0u);
}

TEST_F(Birth, AnUncleanStartResumesBehindTheLeaseACleanOneBehindTheLastUsed) {
    ASSERT_TRUE(begin(wanted()));
    NodeId node = ledger_->state().node;
    ASSERT_TRUE(begin(wanted()));
    EXPECT_EQ(ledger_->state().counter_used, 1000u);
    EXPECT_EQ(ledger_->state().counter_lease, 2000u);
    EXPECT_EQ(ledger_->state().unclean_starts, 1u);
    EXPECT_EQ(ledger_->state().incarnation, 1u);
    EXPECT_EQ(ledger_->state().node, node);
    stop_clean(1234);
    ASSERT_TRUE(begin(wanted()));
    EXPECT_EQ(ledger_->state().counter_used, 1234u);
    EXPECT_EQ(ledger_->state().counter_lease, 2234u);
    EXPECT_EQ(ledger_->state().unclean_starts, 1u);
}

TEST_F(Birth, AmongOthersAnUncleanStartIsANewIncarnation) {
    ASSERT_TRUE(begin(wanted()));
    State state = ledger_->state();
    state.agreed.ring.members.push_back(Member{NodeId{~std::uint64_t{0}}, "dc1", "r", 1});
    ASSERT_TRUE(ledger_->store_now(state));
    ASSERT_TRUE(begin(wanted()));
    EXPECT_EQ(ledger_->state().incarnation, 2u);
    stop_clean(5000);
    ASSERT_TRUE(begin(wanted()));
    EXPECT_EQ(ledger_->state().incarnation, 2u);
}

TEST_F(Birth, AnEngineThatKeepsNothingBeginsWithAGapWhereThereAreOthers) {
    keeps_ = node::EngineKeeps::nothing;
    ASSERT_TRUE(begin(wanted()));
    stop_clean(10);
    ASSERT_TRUE(begin(wanted()));
    EXPECT_TRUE(ledger_->state().gaps.empty()) << "what is nowhere cannot be missed";
    EXPECT_EQ(ledger_->state().incarnation, 1u);
    State state = ledger_->state();
    state.agreed.ring.members.push_back(Member{NodeId{~std::uint64_t{0}}, "dc1", "r", 1});
    ASSERT_TRUE(ledger_->store_now(state));
    stop_clean(20);
    ASSERT_TRUE(begin(wanted()));
    EXPECT_EQ(ledger_->state().gaps, base::TokenRanges{TokenRange{}});
    EXPECT_EQ(ledger_->state().openings, 1u);
    EXPECT_EQ(ledger_->state().incarnation, 2u) << "versions it named are elsewhere only";
}

TEST_F(Birth, AStartWhoseEngineFailsUsesUpNoLife) {
    ASSERT_TRUE(begin(wanted()));
    for (int i = 0; i < 3; ++i) {
        ledger_ = std::move(*Ledger::open(disk_));
        ASSERT_TRUE(node::prepare(*ledger_, wanted(), random_, partitioner_));
    }
    EXPECT_EQ(ledger_->state().unclean_starts, 0u);
    ASSERT_TRUE(node::begin_life(*ledger_, keeps_, 1000));
    EXPECT_EQ(ledger_->state().unclean_starts, 1u);
}

TEST_F(Birth, ALifeIsAboveEveryEarlierOneAndTheLastIsFollowedByNone) {
    ASSERT_TRUE(begin(wanted()));
    State state = ledger_->state();
    state.unclean_starts = 0xfffe;
    ASSERT_TRUE(ledger_->store_now(state));
    std::uint32_t life = 0;
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(begin(wanted()));
        EXPECT_GT(ledger_->state().life(), life);
        life = ledger_->state().life();
    }
    state = ledger_->state();
    state.agreed.ring.members.push_back(Member{NodeId{~std::uint64_t{0}}, "dc1", "r", 1});
    state.incarnation = 0xfffd;
    ASSERT_TRUE(ledger_->store_now(state));
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(begin(wanted()));
        EXPECT_GT(ledger_->state().life(), life);
        life = ledger_->state().life();
    }
    for (int i = 0; i < 2; ++i) {
        auto begun = begin(wanted());
        ASSERT_FALSE(begun);
        EXPECT_NE(begun.error().detail.find("another node"), std::string::npos);
        EXPECT_EQ(ledger_->state().life(), life) << "a refusal changes nothing";
    }
    state = ledger_->state();
    state.clean = true;
    ASSERT_TRUE(ledger_->store_now(state));
    EXPECT_TRUE(begin(wanted())) << "it goes on while it stops cleanly";
}

TEST_F(Birth, WhereSeveralAreExpectedTheFirstRingIsLeftToThem) {
    node::Identity identity = wanted();
    identity.expect = 3;
    ASSERT_TRUE(begin(identity));
    EXPECT_NE(ledger_->state().node.value, 0u);
    EXPECT_EQ(ledger_->state().agreed, Agreed{});
    NodeId node = ledger_->state().node;
    State state = ledger_->state();
    state.vote.epoch.value = 1;
    state.vote.voters = 5;
    ASSERT_TRUE(ledger_->store_now(state));
    auto begun = begin(wanted());
    ASSERT_FALSE(begun) << "it has promised itself to others";
    EXPECT_NE(begun.error().detail.find("cluster.expect"), std::string::npos);
    state.vote = Vote{};
    ASSERT_TRUE(ledger_->store_now(state));
    ASSERT_TRUE(begin(wanted())) << "nobody knows of it yet";
    EXPECT_EQ(ledger_->state().agreed.epoch().value, 1u);
    EXPECT_EQ(ledger_->state().agreed.ring.members[0].node, node);
}

TEST_F(Birth, TheReplicatorIsFreeUntilThereAreOthers) {
    ASSERT_TRUE(begin(wanted()));
    node::Identity other = wanted();
    other.replicator = "m";
    ASSERT_TRUE(begin(other));
    State state = ledger_->state();
    state.agreed.ring.members = {Member{NodeId{1}, "dc1", "r", 1}, Member{state.node, "dc1", "r", 1}};
    ASSERT_TRUE(ledger_->store_now(state));
    ASSERT_TRUE(begin(other));
    auto moved = begin(wanted());
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, Code::unsupported);
    EXPECT_NE(moved.error().detail.find("replicator"), std::string::npos) << moved.error().detail;
}

TEST_F(Birth, OtherDataIsRefusedByName) {
    ASSERT_TRUE(begin(wanted()));
    auto refused = [this](auto change, const char* word, const char* other) {
        node::Identity identity = wanted();
        change(identity);
        auto begun = begin(identity);
        ASSERT_FALSE(begun);
        EXPECT_EQ(begun.error().code, Code::unsupported);
        EXPECT_NE(begun.error().detail.find(word), std::string::npos) << begun.error().detail;
        EXPECT_NE(begun.error().detail.find(other), std::string::npos) << begun.error().detail;
    };
    refused([](auto& i) { i.cluster = "x1"; }, "cluster.name", "'x1'");
    refused([](auto& i) { i.name = "x2"; }, "node.name", "'x2'");
    refused([](auto& i) { i.engine = "x3"; }, "storage engine", "'x3'");
    refused([](auto& i) { i.partitioner = "x4"; }, "partitioner", "'x4'");
    refused([](auto& i) { i.default_resolver = "s"; }, "conflict resolver", "'s'");
    refused([](auto& i) { i.resolvers = {"s"}; }, "'default'", "'r'");
    EXPECT_TRUE(begin(wanted())) << "a refusal changes nothing";
    EXPECT_EQ(ledger_->state().unclean_starts, 1u);
}

}  // namespace
}  // namespace ashlar::ledger
