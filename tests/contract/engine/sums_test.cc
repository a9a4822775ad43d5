// Hash trees over every engine: the sums of a store are those of its contents, through flushes, compaction, retired
// ranges, permits, power cuts and starts. An engine knows nothing of trees; this shows that its contract is enough.
#include <optional>

#include "dotted_version_vector.h"
#include "engine_test.h"
#include "node/tag_joiner.h"
#include "repair/gathering.h"
#include "repair/marked_engine.h"

namespace ashlar::contract {
namespace {

constexpr TableId followed{1};
constexpr std::uint32_t full = 8;

/// The resolver outlives the joiner that is made of it.
struct Resolving {
    dotted_version_vector::DottedVersionVector resolver;
    node::TagJoiner joiner{{{"dotted_version_vector", &resolver}}};
};

class EngineSums : public EngineTest {
protected:
    /// A node starts on what the disk holds: it knows nothing of it.
    void start(const std::shared_ptr<sim::FaultyDisk>& disk) {
        forest_.emplace(full);
        rig_ = std::make_unique<Rig>(GetParam(), disk, small(),
                                     std::shared_ptr<const Joiner>(resolving_, &resolving_->joiner));
        ASSERT_TRUE(rig_->open()) << rig_->log();
        marked_.emplace(**rig_, *forest_);
    }
    void write(const Key& key, bool remove, WallTime expires = {}) {
        Change change;
        change.remove = remove;
        const Bytes value = value_of(counter_, 300);
        if (!remove) change.value = value;
        change.dot = Dot{Actor{NodeId{1}, 1, 0}, ++counter_};
        change.wall = keep_.now;
        change.expires = expires;
        auto entry = resolving_->resolver.update({}, change);
        ASSERT_OK(entry);
        const Write writes[] = {Write{key.at(), *entry}};
        auto done = marked_->apply(writes);
        for (int patience = 0; !done && patience < 10; ++patience) {
            ASSERT_EQ(code_of(done), static_cast<int>(Code::overloaded)) << done.error().detail;
            tidy();
            done = marked_->apply(writes);
        }
        ASSERT_OK(done);
    }
    void tidy() {
        ASSERT_OK(rig_->sync());
        ASSERT_OK(rig_->maintain(keep_.now));
    }
    void retire(const TokenRange& tokens, bool whole, WallTime forget_before = {}) {
        ASSERT_OK(marked_->retire(Retirement{tokens, followed, whole, forget_before}));
    }

    /// By the tree: what is not known is scanned, bucket by bucket, and brought in.
    repair::Content told(const TokenRange& range) {
        repair::BucketTree& tree = forest_->tree(followed);
        repair::Content sum;
        for (TokenRange left = range;;) {
            const auto step = tree.first_of(left, keep_);
            if (!step.known) {
                const auto bucket = tree.bucket_of(left.first, keep_);
                // A bucket that is known but cut off by the range is scanned for this answer alone.
                const TokenRange wanted = bucket.known ? step.tokens : bucket.tokens;
                const std::uint32_t begun = tree.begin(wanted);
                auto found = repair::gather(*(*rig_)->snapshot(), followed, wanted, resolving_->joiner, keep_, 1'000'000);
                EXPECT_OK(found);
                if (!found) return {};
                ++scans_;
                tree.learn(wanted, begun, found->tokens, found->through);
                if (!bucket.known) continue;
                for (const auto& token : found->tokens) sum += token.content;
            } else {
                sum += step.content;
            }
            if (step.tokens.last == left.last) return sum;
            left.first = step.tokens.last + 1;
        }
    }
    /// By what the engine answers to a plain scan of everything.
    void expect_followed(const TokenRange& range) {
        repair::Sum sum;
        std::uint32_t held = 0;
        auto content = rig_->content();
        ASSERT_OK(content);
        for (const auto& [key, entry] : *content) {
            if (TableId{key.table} != followed || !range.holds(key.token)) continue;
            auto settled = resolving_->joiner.settle(followed, entry, keep_);
            ASSERT_OK(settled);
            if (settled->empty()) continue;
            sum += repair::sum_of(key.key, *settled);
            ++held;
        }
        const repair::Content by_tree = told(range);
        EXPECT_EQ(by_tree.sum, sum) << kit::hex16(range.first) << " to " << kit::hex16(range.last);
        EXPECT_EQ(by_tree.keys, held);
    }
    TokenRange some_range() {
        const Token a = random_.next(), b = random_.next();
        return {std::min(a, b), std::max(a, b)};
    }
    /// A while of everything that may happen to a store.
    void live(int steps) {
        for (int i = 0; i < steps && !HasFatalFailure(); ++i) {
            const std::uint64_t n = random_.below(250);
            const Token token = kit::hash64(kit::text(n));
            const auto what = random_.below(20);
            if (what < 14) {
                const WallTime expires{what == 0 ? keep_.now.us + 40 : 0};
                write(Key{token, what == 1 ? 2u : 1u, kit::text("key-", n)}, false, expires);
            } else if (what < 17) {
                write(Key{token, 1, kit::text("gone-", counter_)}, true);
            } else if (what == 17) {
                tidy();
            } else if (what == 18 && random_.one_in(4)) {
                const Token first = random_.next();
                retire({first, first + std::min(~first, Token{1} << 61)}, true);
            } else {
                keep_.now.us += 10;
                keep_.forget_before = WallTime{std::max(keep_.forget_before.us, keep_.now.us - 100)};
                retire(TokenRange{}, false, keep_.forget_before);
            }
            if (i % 9 == 0) expect_followed(some_range());
        }
        expect_followed(repair::whole_circle);
    }

    std::shared_ptr<Resolving> resolving_ = std::make_shared<Resolving>();
    std::optional<repair::Forest> forest_;
    std::unique_ptr<Rig> rig_;
    std::optional<repair::MarkedEngine> marked_;
    Keep keep_{WallTime{1'000}, WallTime{0}};
    sim::SeededRandom random_{11};
    std::uint64_t counter_ = 0;
    std::size_t scans_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, EngineSums, testing::ValuesIn(all_engines()), case_name);

TEST_P(EngineSums, FollowTheContents) {
    start(disk_);
    live(static_cast<int>(scaled(600, 6000)));
    EXPECT_GT(forest_->buckets(), 16u);
}

TEST_P(EngineSums, FollowTheContentsOverStartsAndPowerCuts) {
    auto disk = disk_;
    for (std::uint64_t life = 0; life < scaled(6, 60) && !HasFatalFailure(); ++life) {
        start(disk);
        if (HasFatalFailure()) return;
        expect_followed(repair::whole_circle);
        live(80);
        if (life % 2 == 0) {
            tidy();
            const repair::Content before = told(repair::whole_circle);
            ASSERT_TRUE(rig_->reopen()) << rig_->log();
            forest_.emplace(full);
            marked_.emplace(**rig_, *forest_);
            expect_followed(repair::whole_circle);
            if (GetParam().persistent()) {
                EXPECT_EQ(told(repair::whole_circle).sum, before.sum) << "a clean start changed the sums";
            }
        }
        disk = rig_->crash(life);
    }
}

TEST_P(EngineSums, AreKnownWithoutAScanUntilAWrite) {
    start(disk_);
    for (std::uint64_t n = 0; n < 200; ++n) write(Key{kit::hash64(kit::text(n)), 1, kit::text(n)}, false);
    (void)told(repair::whole_circle);
    scans_ = 0;
    tidy();  // flushes and compaction change no content
    write(Key{7, 2, "of another table"}, false);
    expect_followed(repair::whole_circle);
    EXPECT_EQ(scans_, 0u);
    write(Key{7, 1, "one"}, false);
    expect_followed(repair::whole_circle);
    EXPECT_EQ(scans_, 1u);
}

TEST_P(EngineSums, LetGoOfADroppedTable) {
    start(disk_);
    for (std::uint64_t n = 0; n < 200; ++n) write(Key{kit::hash64(kit::text(n)), 1, kit::text(n)}, false);
    (void)told(repair::whole_circle);
    ASSERT_GT(forest_->buckets(), 16u);
    retire(TokenRange{}, true);
    EXPECT_EQ(forest_->buckets(), 0u);
    expect_followed(repair::whole_circle);
    EXPECT_EQ(told(repair::whole_circle).keys, 0u);
}

TEST_P(EngineSums, AreNotMadeOfAnEntryThatCannotBeRead) {
    start(disk_);
    for (std::uint64_t n = 0; n < 50; ++n) write(Key{kit::hash64(kit::text(n)), 1, kit::text(n)}, false);
    const Write spoiled[] = {Write{EntryKey{5, followed, "spoiled"}, "no resolver wrote this"}};
    ASSERT_OK(marked_->apply(spoiled));
    auto found = repair::gather(*(*rig_)->snapshot(), followed, {0, 10}, resolving_->joiner, keep_, 100);
    EXPECT_FALSE(found);
    retire({5, 5}, true);
    expect_followed(repair::whole_circle);
}

}  // namespace
}  // namespace ashlar::contract
