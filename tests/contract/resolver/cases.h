// The resolvers under test, and words the tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <ostream>
#include <string>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "made.h"

namespace ashlar::contract {

struct ResolverCase {
    const Descriptor* descriptor;
    /// Keeps one version, chosen by stamp, instead of siblings.
    bool one_wins() const { return (descriptor->capabilities & std::uint64_t{Capability::merges_blind_writes}) != 0; }
    bool counts_per_key() const {
        return (descriptor->capabilities & std::uint64_t{Capability::per_key_counters}) != 0;
    }
};
void PrintTo(const ResolverCase& c, std::ostream* out);
std::vector<ResolverCase> all_resolvers();
std::string resolver_name(const testing::TestParamInfo<ResolverCase>& made);

/// How many rounds: more with ASHLAR_DEEP=1.
std::uint64_t rounds(std::uint64_t quick, std::uint64_t thorough);

inline Actor actor(std::uint64_t node, std::uint32_t incarnation = 1, std::uint32_t slice = 0) {
    return Actor{NodeId{node}, incarnation, slice};
}

/// A resolver and short forms of its calls; a failing call fails the test and gives empty bytes.
class ResolverContract : public testing::TestWithParam<ResolverCase> {
protected:
    Change put(View value, const Dot& dot, View context = {}) const;
    Change removal(const Dot& dot, View context) const;
    Bytes update(View held, const Change& change) const;
    Bytes join(View a, View b) const;
    Bytes settle(View entry, const Keep& keep) const;
    Reading read(View entry, WallTime now = WallTime{0}) const;
    Bytes context_of(View entry) const { return read(entry).context; }
    /// Live values, sorted.
    std::vector<std::string> values(View entry, WallTime now = WallTime{0}) const;
    void expect_sound(View entry) const;

    mutable std::deque<Bytes> kept_;  ///< contexts of changes, which only borrow them
    Made<ConflictResolver> resolver_{*GetParam().descriptor};
    mutable std::int64_t wall_ = 1'000'000;  ///< every change is stamped a microsecond after the one before
};

}  // namespace ashlar::contract
