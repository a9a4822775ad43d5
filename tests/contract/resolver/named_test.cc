// Cases with a name: what went wrong in other stores of this family, and what the contract says in words.
#include "cases.h"

namespace ashlar::contract {
namespace {

using Strings = std::vector<std::string>;

class Named : public ResolverContract {
protected:
    bool one_wins() const { return GetParam().one_wins(); }
    /// What two concurrent writes leave: both, or the later one.
    Strings both(const std::string& first, const std::string& later) const {
        return one_wins() ? Strings{later} : Strings{first, later};
    }
};

TEST_P(Named, APutWithTheContextOfTheReadReplacesExactlyWhatWasRead) {
    const Bytes a = update("", put("a", {actor(1), 1}));
    const Bytes b = update("", put("b", {actor(2), 1}));
    const Bytes read_by_client = context_of(a);
    const Bytes held = join(a, b);
    const Bytes after = update(held, put("c", {actor(1), 2}, read_by_client));
    expect_sound(after);
    EXPECT_EQ(values(after), both("b", "c"));
    const Bytes all = update(after, put("d", {actor(2), 2}, context_of(after)));
    EXPECT_EQ(values(all), Strings{"d"});
    EXPECT_EQ(join(join(all, a), join(b, after)), all) << "nothing that was replaced comes back";
}

TEST_P(Named, TwoWritesWithTheSameContextAreSiblings) {
    const Bytes first = update("", put("old", {actor(1), 1}));
    const Bytes context = context_of(first);
    const Bytes a = update(first, put("a", {actor(1), 2}, context));
    const Bytes b = update(a, put("b", {actor(1), 3}, context));
    EXPECT_EQ(values(b), both("a", "b"));
}

TEST_P(Named, ABlindPutAddsASiblingUnlessTheResolverMerges) {
    const Bytes first = update("", put("a", {actor(1), 1}));
    const Change blind = put("b", {actor(1), 2});
    const Bytes second = update(resolver_->needs_held(blind) ? View(first) : View(), blind);
    EXPECT_EQ(values(join(first, second)), both("a", "b"));
}

TEST_P(Named, ARemoveTakesOnlyWhatItsContextSaw) {
    const Bytes a = update("", put("a", {actor(1), 1}));
    const Bytes b = update("", put("b", {actor(2), 1}));
    const Bytes removed = update(a, removal({actor(1), 2}, context_of(a)));
    EXPECT_EQ(values(removed), Strings{});
    ASSERT_EQ(read(removed).versions.size(), 1u);
    EXPECT_EQ(read(removed).versions[0].kind, VersionKind::removed);
    EXPECT_EQ(values(join(removed, a)), Strings{}) << "it stays removed";
    if (!one_wins()) {
        EXPECT_EQ(values(join(removed, b)), Strings{"b"});
    }
    const Bytes back = update(removed, put("new", {actor(1), 3}, context_of(removed)));
    EXPECT_EQ(read(back).versions.size(), 1u) << "a put that saw the tombstone replaces it too";
    EXPECT_EQ(values(back), Strings{"new"});
}

TEST_P(Named, Kv679CoordinatorLosesItsCopy) {
    // Riak: the clock starts anew, and replicas drop the new write as old. A node that forgot is a new actor.
    Bytes elsewhere = update("", put("a", {actor(1), 1}));
    for (std::uint64_t counter = 2; counter < 5; ++counter)
        elsewhere = update(elsewhere, put("a", {actor(1), counter}, context_of(elsewhere)));
    const Bytes anew = update("", put("b", {actor(1, 2), 1}));
    EXPECT_EQ(values(join(elsewhere, anew)), both("a", "b"));
}

TEST_P(Named, Kv679UidTwoSlicesOfOneNodeAreTwoActors) {
    const Bytes a = update("", put("a", {actor(1, 1, 0), 1}));
    const Bytes b = update("", put("b", {actor(1, 1, 1), 1}));
    EXPECT_EQ(values(join(a, b)), both("a", "b"));
}

TEST_P(Named, Kv679TombstoneForgottenHereStillThereDoesNotBeatANewerWrite) {
    const Bytes value = update("", put("a", {actor(1), 1}));
    const Bytes tombstone = update(value, removal({actor(1), 2}, context_of(value)));
    ASSERT_EQ(settle(tombstone, Keep{WallTime{wall_ + 1}, WallTime{wall_ + 1}}), "");
    // Counters per key start again, so there the node that forgot must be a new actor.
    const Actor writer = GetParam().counts_per_key() ? actor(1, 2) : actor(1);
    const Bytes newer = update("", put("b", {writer, 3}));
    EXPECT_EQ(values(join(newer, tombstone)), Strings{"b"});
}

TEST_P(Named, AFallbackThatHandsOffAnOldCopyBringsNothingBack) {
    const Bytes old = update("", put("a", {actor(1), 1}));
    const Bytes current = update(old, put("b", {actor(2), 1}, context_of(old)));
    EXPECT_EQ(join(current, old), current);
}

TEST_P(Named, AHigherCounterNeverImpliesTheEarlierOnes) {
    if (GetParam().counts_per_key()) GTEST_SKIP() << "its second write is made on the first and contains it";
    // Two blind writes of one actor; whoever has the second has not therefore seen the first.
    const Bytes first = update("", put("a", {actor(1), 5}));
    const Bytes second = update("", put("b", {actor(1), 9}));
    EXPECT_EQ(values(second), Strings{"b"});
    EXPECT_EQ(values(join(update("", put("c", {actor(2), 1}, context_of(second))), first)), both("a", "c"));
}

TEST_P(Named, FoldingSparesABlindWriteUnderWay) {
    // Counter 6 was given to a blind write that has not reached this node when 7 is written with a context.
    const Bytes held = update("", put("a", {actor(1), 5}));
    const Change blind = put("b", {actor(1), 6});
    if (resolver_->needs_held(blind)) GTEST_SKIP() << "it makes no blind writes";
    const Bytes under_way = update("", blind);
    Change causal = put("c", {actor(1), 7}, context_of(held));
    causal.complete_through = 5;
    const Bytes after = update(resolver_->needs_held(causal) ? View(held) : View(), causal);
    EXPECT_EQ(values(join(after, under_way)), both("b", "c"));
}

TEST_P(Named, OverwritingThroughOneCoordinatorKeepsItsSize) {
    Bytes entry;
    std::size_t most = 0;
    std::uint64_t counter = 0;
    for (int i = 0; i < 10'000; ++i) {
        const Bytes context = entry.empty() ? Bytes() : context_of(entry);
        counter += 1 + static_cast<std::uint64_t>(i % 3);  // other keys use the counters between
        Change change = put("value", {actor(1), counter}, context);
        change.complete_through = counter - 1;
        entry = update(entry, change);
        most = std::max(most, entry.size());
    }
    EXPECT_LE(most, 120u);
    EXPECT_EQ(values(entry), Strings{"value"});
}

TEST_P(Named, BlindPutsBetweenCausalOnesFoldOnceTheirActorWritesWithAContext) {
    Bytes entry;
    for (std::uint64_t counter = 1; counter <= 1000; ++counter) {
        const bool causal = counter % 10 == 0;
        Change change = put("value", {actor(1), counter * 2}, causal ? context_of(entry) : Bytes());
        if (causal) change.complete_through = counter * 2 - 1;
        const bool sees = resolver_->needs_held(change);
        const Bytes made = update(sees ? View(entry) : View(), change);
        entry = entry.empty() ? made : join(entry, made);
    }
    EXPECT_LE(entry.size(), 120u);
}

TEST_P(Named, InterleavedWritersMakeNoSiblingExplosion) {
    constexpr std::size_t writers = 5;
    Bytes entry = update("", put("start", {actor(1), 1}));
    Strings contexts(writers, context_of(entry));
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const std::string value = "value " + std::to_string(i);
        const std::size_t writer = i % writers;
        Change change = put(value, {actor(1 + i % 3), 2 + i}, contexts[writer]);
        entry = update(entry, change);
        contexts[writer] = context_of(entry);
        ASSERT_LE(read(entry).versions.size(), writers);
    }
    EXPECT_EQ(values(entry).size(), one_wins() ? 1u : writers);
}

TEST_P(Named, ExpiredValuesCoverWhatTheyCovered) {
    const Bytes old = update("", put("old", {actor(1), 1}));
    Change change = put("short", {actor(1), 2}, context_of(old));
    change.expires = WallTime{wall_ + 1000};
    const Bytes entry = update(old, change);
    const WallTime before{change.expires.us - 1}, at = change.expires;
    EXPECT_EQ(values(entry, before), Strings{"short"});
    EXPECT_EQ(values(entry, at), Strings{});
    EXPECT_EQ(read(entry, at).versions[0].kind, VersionKind::expired);
    EXPECT_TRUE(read(entry, at).versions[0].value.empty());
    const Bytes settled = settle(entry, Keep{at, WallTime{0}});
    EXPECT_LT(settled.size(), entry.size());
    EXPECT_EQ(read(settled, at).versions[0].dot, read(entry, at).versions[0].dot);
    EXPECT_EQ(values(join(settled, old), at), Strings{});
    EXPECT_EQ(join(settled, entry), settled) << "a copy that has not noticed yet";
    EXPECT_EQ(settle(entry, Keep{before, WallTime{0}}), entry);
    EXPECT_NE(settle(entry, Keep{at, at}), "") << "as old as its expiry, not as its writing";
    EXPECT_EQ(settle(entry, Keep{at, WallTime{at.us + 1}}), "");
}

TEST_P(Named, OnlyOldTombstonesAreForgottenAndOnlyAllTogether) {
    const Bytes a = update("", put("a", {actor(1), 1}));
    const Change removal_a = removal({actor(1), 2}, context_of(a));
    const Bytes tombstone = update(a, removal_a);
    EXPECT_EQ(settle(tombstone, Keep{WallTime{wall_}, WallTime{0}}), tombstone) << "0: none may";
    EXPECT_EQ(settle(tombstone, Keep{WallTime{wall_}, removal_a.wall}), tombstone);
    EXPECT_EQ(settle(tombstone, Keep{WallTime{wall_}, WallTime{removal_a.wall.us + 1}}), "");
    const Bytes sibling = join(tombstone, update("", put("b", {actor(2), 1})));
    EXPECT_EQ(settle(sibling, Keep{WallTime{wall_}, WallTime{wall_ + 10}}), sibling);
    EXPECT_EQ(settle(a, Keep{WallTime{wall_}, WallTime{wall_ + 10}}), a);
}

TEST_P(Named, ARetryThroughAnotherCoordinatorIsTheSameWrite) {
    const Bytes start = update("", put("start", {actor(1), 1}));
    Change first = put("a", {actor(1), 2}, context_of(start)), again = put("a", {actor(2), 1}, context_of(start));
    first.request.bytes[0] = again.request.bytes[0] = 7;
    const Bytes one = update(start, first), two = update(start, again);
    EXPECT_EQ(values(join(one, two)), Strings{"a"}) << "both live: shown once";
    EXPECT_EQ(update(one, again), one) << "held already: nothing to do";
    Change other = put("b", {actor(2), 1}, context_of(start));
    other.request = first.request;
    EXPECT_EQ(values(join(one, update(start, other))), both("a", "b")) << "one id for two values hides neither";
}

TEST_P(Named, ContextsFromClientsAreCheckedNotTrusted) {
    const Bytes held = update("", put("a", {actor(1), 1}));
    for (const char* bad : {"\x01", "garbage that is no context at all", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}) {
        const Result<Bytes> made = resolver_->update(held, put("b", {actor(1), 2}, bad));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Code::invalid_request);
        EXPECT_FALSE(made.error().detail.empty());
    }
}

TEST_P(Named, BytesOfOthersAreRefusedInWords) {
    const Bytes own = update("", put("a", {actor(1), 1}));
    Reading reading;
    Bytes newer = own;
    newer[5] = 9;  // the resolver's format version
    EXPECT_EQ(resolver_->read(newer, WallTime{0}, reading).error().code, Code::unsupported);
    Bytes foreign = own;
    foreign[1] = static_cast<char>(foreign[1] + 1);
    for (const Bytes& bad : {foreign, Bytes("x"), Bytes()}) {
        EXPECT_EQ(resolver_->check(bad).error().code, Code::corrupt);
        EXPECT_EQ(resolver_->join(own, bad).error().code, Code::corrupt);
        EXPECT_EQ(resolver_->join(bad, own).error().code, Code::corrupt);
        EXPECT_EQ(resolver_->settle(bad, Keep{}).error().code, Code::corrupt);
        EXPECT_EQ(resolver_->read(bad, WallTime{0}, reading).error().code, Code::corrupt);
    }
}

INSTANTIATE_TEST_SUITE_P(, Named, testing::ValuesIn(all_resolvers()), resolver_name);

}  // namespace
}  // namespace ashlar::contract
