// What the tests of this folder share: the parametrised fixture, keys and values by number.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "kit/hash.h"
#include "kit/text.h"
#include "random.h"
#include "rig.h"

namespace ashlar::contract {

class EngineTest : public testing::TestWithParam<EngineCase> {
protected:
    std::shared_ptr<sim::FaultyDisk> disk_ = std::make_shared<sim::FaultyDisk>();
};
using PersistentEngineTest = EngineTest;

inline std::string case_name(const testing::TestParamInfo<EngineCase>& param) {
    return name_of(param.param);
}

/// Names a suite: on every engine, on those that survive their process, on those and the plain log.
#define ON_EVERY_ENGINE(suite)          \
    class suite : public EngineTest {}; \
    INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::ValuesIn(all_engines()), case_name)
#define ON_PERSISTENT_ENGINES(suite)                      \
    class suite : public EngineTest {};                   \
    GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite); \
    INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::ValuesIn(persistent_engines()), case_name)

#define ON_CRASH_ENGINES(suite)         \
    class suite : public EngineTest {}; \
    INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::ValuesIn(crash_engines()), case_name)

/// The n-th key: its token from few, the ends of the ring among them, so that tokens are shared and ordered unlike
/// keys.
inline Key key_of(std::uint64_t n, std::uint32_t table = 1) {
    static constexpr Token tokens[] = {0,        1, Token{1} << 62, (Token{1} << 63) - 1, Token{1} << 63, ~Token{0} - 1,
                                       ~Token{0}};
    std::uint64_t h = kit::hash64(kit::text(n));
    return Key{tokens[h % std::size(tokens)], table, kit::text("key-", n)};
}

/// A value told apart from every other stamp's; half of it does not compress.
inline Bytes value_of(std::uint64_t stamp, std::size_t length) {
    Bytes out = kit::text("value of ", stamp, ":");
    sim::SeededRandom random(stamp);
    while (out.size() < length) {
        out.append(kit::hex16(random.next()));
        out.append(8, '.');
    }
    out.resize(length);
    return out;
}

inline Slot slot_of(std::uint64_t stamp, std::size_t length = 40, std::uint8_t slot = 0) {
    return Slot{slot, stamp, false, WallTime{0}, WallTime{0}, value_of(stamp, length)};
}
inline Slot tombstone_of(std::uint64_t stamp, WallTime wall, std::uint8_t slot = 0) {
    return Slot{slot, stamp, true, wall, WallTime{0}, {}};
}

template <class T>
testing::AssertionResult succeeded(const Result<T>& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "code " << static_cast<int>(result.error().code) << ": "
                                       << result.error().detail;
}
#define ASSERT_OK(expression) ASSERT_TRUE(succeeded(expression))
#define EXPECT_OK(expression) EXPECT_TRUE(succeeded(expression))

/// The value, or a failure of the test and nothing: no Result takes the whole run down.
template <class T>
T taken(Result<T> result) {
    if (result) return std::move(*result);
    ADD_FAILURE() << "code " << static_cast<int>(result.error().code) << ": " << result.error().detail;
    return T{};
}
/// The code of a failure; 0 stands for success.
template <class T>
int code_of(const Result<T>& result) {
    return result ? 0 : static_cast<int>(result.error().code);
}

inline std::string show(const Key& key) {
    return kit::text("(", kit::hex16(key.token), ", ", key.table, ", ",
                     key.key.size() < 40 ? key.key : key.key.substr(0, 40), ")");
}

/// Whether two contents are the same; if not, the first difference and how many there are.
inline testing::AssertionResult same_content(const Content& wanted, const Content& found) {
    std::size_t differences = 0;
    std::string first;
    auto differ = [&](const Key& key, const char* how) {
        if (differences++ == 0) first = kit::text(show(key), " is ", how);
    };
    for (const auto& [key, entry] : wanted) {
        auto at = found.find(key);
        if (at == found.end())
            differ(key, "missing");
        else if (at->second != entry)
            differ(key, "another entry");
    }
    for (const auto& [key, entry] : found)
        if (wanted.find(key) == wanted.end()) differ(key, "too much");
    if (differences == 0) return testing::AssertionSuccess();
    return testing::AssertionFailure() << differences << " differences, the first: " << first << "; " << wanted.size()
                                       << " wanted, " << found.size() << " found";
}

/// Writes that grow until memtables have been frozen, flushed and compacted: `rounds` times over `keys` keys.
/// Each round joins another stamp in. Adds what it wrote to `model`. Keys count from `first_key`.
void fill(Rig& rig, Content& model, std::uint64_t keys, std::uint64_t rounds, std::size_t length,
          std::uint64_t first_stamp = 1, std::uint64_t first_key = 0);
/// Joins a slot into a model as an engine does.
void join_into(Content& model, const Key& key, const Slot& slot);

}  // namespace ashlar::contract
