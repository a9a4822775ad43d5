// What the trees know, over a stop: the same again, or nothing, whatever befell the bytes.
#include "repair/tree_record.h"

#include <gtest/gtest.h>

#include "faulty_disk.h"
#include "random.h"
#include "repair/tree_file.h"

namespace ashlar::repair {
namespace {

constexpr Keep as_of{WallTime{1'000}, WallTime{0}};
const TreeBond bond{NodeId{42}, 3u << 16 | 2, 77, WallTime{5'000}, 9, 8};

/// Two tables, cut here and there, some of it written since.
Forest some_forest(std::uint64_t seed, std::size_t keys = 100) {
    sim::SeededRandom random(seed);
    Forest forest(bond.full);
    for (TableId table : {TableId{1}, TableId{7}}) {
        std::map<Token, TokenContent> held;
        for (std::size_t i = 0; i < keys; ++i) {
            TokenContent token{random.next(), {Sum{random.next(), random.next()}, 1}};
            if (random.one_in(5)) token.content.expires = WallTime{2'000 + static_cast<std::int64_t>(random.below(99))};
            held[token.token] = token;
        }
        std::vector<TokenContent> found;
        for (const auto& [token, content] : held) found.push_back(content);
        BucketTree& tree = forest.tree(table);
        tree.learn(whole_circle, tree.begin(whole_circle), found, ~Token{0});
        for (std::size_t i = 0; i < keys / 20; ++i) tree.mark(random.next());
    }
    return forest;
}

Bytes recorded(const Forest& forest, const TreeBond& of = bond) {
    Bytes out;
    TreeRecording recording(forest, of);
    for (Bytes piece = recording.next(); !piece.empty(); piece = recording.next()) {
        EXPECT_LE(piece.size(), TreeRecording::piece_bytes);
        out += piece;
    }
    return out;
}

bool same(const BucketTree::Bucket& a, const BucketTree::Bucket& b) {
    return a.tokens == b.tokens && a.known == b.known && a.content.sum == b.content.sum &&
           a.content.keys == b.content.keys && a.content.expires == b.content.expires &&
           a.content.forgotten == b.content.forgotten && a.content.tombstones == b.content.tombstones;
}

TEST(TreeRecord, TreesAreTheSameAgain) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Forest forest = some_forest(seed);
        auto again = read_trees(recorded(forest), bond);
        ASSERT_TRUE(again) << again.error().detail;
        ASSERT_EQ(again->size(), 2u);
        for (const auto& [table, tree] : forest.trees()) {
            BucketTree& other = again->at(table);
            ASSERT_EQ(other.buckets(), tree.buckets());
            EXPECT_EQ(other.known_buckets(), tree.known_buckets());
            EXPECT_GT(tree.known_buckets(), 0u);
            EXPECT_LT(tree.known_buckets(), tree.buckets());
            Token at = 0;
            do {
                const auto bucket = tree.bucket_at(at);
                ASSERT_TRUE(same(bucket, other.bucket_at(at)));
                // Sums above the buckets, too.
                ASSERT_EQ(tree.first_of({at, ~Token{0}}, as_of).known, other.first_of({at, ~Token{0}}, as_of).known);
                ASSERT_EQ(tree.first_of({at, ~Token{0}}, as_of).content.sum,
                          other.first_of({at, ~Token{0}}, as_of).content.sum);
                at = bucket.tokens.last + 1;
            } while (at != 0);
        }
    }
}

TEST(TreeRecord, ALargeOneTakesSeveralPieces) {
    const Forest forest = some_forest(1, 400'000);
    const Bytes bytes = recorded(forest);
    EXPECT_GT(bytes.size(), 2 * TreeRecording::piece_bytes);
    auto again = read_trees(bytes, bond);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->at(TableId{7}).known_buckets(), forest.trees().at(TableId{7}).known_buckets());
}

TEST(TreeRecord, WhatPermitsMayChangeIsStale) {
    Forest forest(8);
    TokenContent tombstone{5, {Sum{1, 2}, 1, 1}};
    tombstone.content.forgotten = WallTime{4};
    BucketTree& with = forest.tree(TableId{1});
    with.learn(whole_circle, with.begin(whole_circle), {&tombstone, 1}, ~Token{0});
    BucketTree& left_out = forest.tree(TableId{2});
    left_out.learn(whole_circle, left_out.begin(whole_circle), {}, ~Token{0}, true);
    BucketTree& empty = forest.tree(TableId{3});
    empty.learn(whole_circle, empty.begin(whole_circle), {}, ~Token{0});
    auto again = read_trees(recorded(forest), bond);
    ASSERT_TRUE(again);
    for (std::uint32_t table : {1u, 2u, 3u}) {
        EXPECT_TRUE(forest.tree(TableId{table}).first_of(whole_circle, as_of).known);
        EXPECT_EQ(again->at(TableId{table}).first_of(whole_circle, as_of).known, table == 3) << table;
    }
}

TEST(TreeRecord, EveryOtherBondIsRefused) {
    const Bytes bytes = recorded(some_forest(1));
    std::vector<TreeBond> others(6, bond);
    others[0].node.value++;
    others[1].life++;
    others[2].applied++;
    others[3].at.us--;
    others[4].ways++;
    others[5].full++;
    for (const TreeBond& other : others) EXPECT_FALSE(read_trees(bytes, other));
    TreeBond later = bond;
    later.at.us++;
    EXPECT_TRUE(read_trees(bytes, later));
    EXPECT_NE(ways_of({{"a", 0}}), ways_of({{"b", 0}}));
    EXPECT_NE(ways_of({{"a", 0}}), ways_of({{"a", 0}, {"b", 0}}));
}

TEST(TreeRecord, EveryFlippedBitAndEveryTruncationIsRefused) {
    const Bytes bytes = recorded(some_forest(3));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        ASSERT_FALSE(read_trees(bad, bond)) << bit;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_FALSE(read_trees(View(bytes).substr(0, size), bond));
    EXPECT_FALSE(read_trees(bytes + "x", bond));
    EXPECT_FALSE(read_trees(bytes + bytes, bond));
    // A whole piece of another record, which was true at another moment.
    TreeBond other = bond;
    other.applied--;
    Bytes mixed = recorded(some_forest(3), other);
    mixed.replace(0, 60, bytes, 0, 60);
    EXPECT_FALSE(read_trees(mixed, bond));
}

ledger::State last_stop(bool clean) {
    ledger::State state;
    state.clean = clean;
    return state;
}

void leave(Disk& disk, View bytes) {
    auto file = disk.create("trees");
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.sync_directory(""));
}

TEST(TreeFile, IsTakenOnceAndOnlyBehindACleanStop) {
    for (bool clean : {false, true}) {
        for (bool kept : {false, true}) {
            sim::FaultyDisk disk;
            leave(disk, "record");
            TreeFile file(disk);
            ASSERT_TRUE(file.take(last_stop(clean), kept));
            auto taken = file.taken();
            EXPECT_EQ(taken.has_value(), clean && kept);
            if (taken) { EXPECT_EQ(*taken, "record"); }
            EXPECT_FALSE(file.taken());
            // Whatever power cut comes behind it.
            for (std::uint64_t seed = 1; seed <= 8; ++seed) EXPECT_TRUE(disk.crash(seed)->files().empty());
        }
    }
}

TEST(TreeFile, ThatCannotBeRemovedForSureKeepsTheNodeDown) {
    sim::FaultyDisk learn;
    leave(learn, "record");
    const std::uint64_t before = learn.calls();
    ASSERT_TRUE(TreeFile(learn).take(last_stop(true), true));
    const std::uint64_t calls = learn.calls() - before;
    for (std::uint64_t call = 1; call <= calls; ++call) {
        sim::FaultyDisk disk;
        leave(disk, "record");
        disk.fail_call(disk.calls() + call);
        TreeFile file(disk);
        auto taken = file.take(last_stop(true), true);
        disk.heal();
        // Serving means gone for good; what failed before that was the reading.
        if (taken) {
            EXPECT_TRUE(disk.crash(call)->files().empty()) << call;
            EXPECT_FALSE(file.taken());
        }
    }
}

}  // namespace
}  // namespace ashlar::repair
