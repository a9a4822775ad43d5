#include "memtable.h"

#include <map>

#include "absorb.h"
#include "joiner.h"

namespace ashlar::lsm {
namespace {

constexpr Sequence latest = ~Sequence{0};
const Hidden nothing;

class MemtableTest : public testing::TestWithParam<std::uint64_t> {
protected:
    Result<void> put(Token token, View key, View entry) {
        Write write{at(token, key), entry};
        auto done = absorber.prepare(memtable, {&write, 1}, ++sequence, hidden);
        if (done) absorber.publish(memtable);
        return done;
    }
    Bytes get(Token token, View key, Sequence as_of = latest) const {
        auto* held = memtable.find(at(token, key), as_of, hidden);
        return held != nullptr ? Bytes(held->entry()) : Bytes("-");
    }

    LetterJoiner joiner;
    Absorber absorber{joiner};
    Memtable memtable{GetParam(), 1, 1};
    Hidden hidden;
    Sequence sequence = 0;
};
// One slice, and many.
INSTANTIATE_TEST_SUITE_P(Slices, MemtableTest, testing::Values(1000, 64 << 20));

TEST_P(MemtableTest, FindsWhatWasPut) {
    std::map<std::pair<Token, Bytes>, Bytes> model;
    for (std::uint64_t n = 0; n < 3000; ++n) {
        Token token = n % 3 == 0 ? n % 5 : spread(n % 700);
        Bytes key = kit::text("k", n % 900);
        Bytes entry(1, static_cast<char>('a' + n % 26));
        ASSERT_TRUE(fine(put(token, key, entry)));
        model[{token, key}] = *joiner.join({}, model[{token, key}], entry);
    }
    EXPECT_EQ(memtable.entries(), model.size());
    for (const auto& [key, entry] : model) EXPECT_EQ(get(key.first, key.second), entry);
    EXPECT_EQ(get(1, "none"), "-");

    // In order forwards, and the same backwards.
    auto expected = model.begin();
    const Memtable::Node* node = memtable.at_or_after(at(0, "", 0));
    for (; node != nullptr; node = memtable.after(node), ++expected) {
        ASSERT_NE(expected, model.end());
        EXPECT_EQ(Memtable::key_of(node).token, expected->first.first);
        EXPECT_EQ(Memtable::key_of(node).key, expected->first.second);
    }
    EXPECT_EQ(expected, model.end());
    auto backwards = model.rbegin();
    node = memtable.last_before({}, true);
    for (; node != nullptr; node = memtable.last_before(Memtable::key_of(node), false), ++backwards)
        EXPECT_EQ(Memtable::key_of(node).key, backwards->first.second);
    EXPECT_EQ(backwards, model.rend());
}

TEST_P(MemtableTest, ShowsEachMomentItsOwn) {
    ASSERT_TRUE(fine(put(9, "k", "a")));
    ASSERT_TRUE(fine(put(9, "k", "b")));
    ASSERT_TRUE(fine(put(9, "k", "c")));
    EXPECT_EQ(get(9, "k", 0), "-");
    EXPECT_EQ(get(9, "k", 1), "a");
    EXPECT_EQ(get(9, "k", 2), "ab");
    EXPECT_EQ(get(9, "k"), "abc");
}

TEST_P(MemtableTest, DoesNotJoinWithWhatIsHidden) {
    ASSERT_TRUE(fine(put(9, "k", "a")));
    hidden.hides.push_back({++sequence, {0, 100}, TableId{1}});
    EXPECT_EQ(get(9, "k"), "-");
    ASSERT_TRUE(fine(put(9, "k", "b")));
    EXPECT_EQ(get(9, "k"), "b");
    ASSERT_TRUE(fine(put(500, "k", "z")));
    EXPECT_EQ(get(500, "k"), "z");
}

TEST_P(MemtableTest, TakesABatchWholeOrNotAtAll) {
    ASSERT_TRUE(fine(put(1, "k", "a")));
    std::vector<Write> batch{{at(2, "x"), "b"}, {at(2, "x"), "c"}, {at(1, "k"), "!"}};
    EXPECT_FALSE(absorber.prepare(memtable, batch, 2, hidden));
    EXPECT_EQ(get(1, "k"), "a");
    EXPECT_EQ(get(2, "x"), "-");
    batch.pop_back();
    ASSERT_TRUE(fine(absorber.prepare(memtable, batch, 2, hidden)));
    EXPECT_EQ(get(2, "x"), "-") << "not before it is published";
    absorber.publish(memtable);
    EXPECT_EQ(get(2, "x"), "bc");
}

}  // namespace
}  // namespace ashlar::lsm
