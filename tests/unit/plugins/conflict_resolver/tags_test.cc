// Plugins hold their tag as a constant; it must be the hash of the name the config uses.
#include <gtest/gtest.h>

#include "dotted_version_vector.h"
#include "state.h"
#include "last_write_wins.h"
#include "vector_clock.h"

namespace {

TEST(ResolverTags, AreTheHashesOfTheNames) {
    using ashlar::kit::resolver_tag;
    EXPECT_EQ(ashlar::dotted_version_vector::head.tag, resolver_tag(ashlar::dotted_version_vector::name));
    EXPECT_EQ(ashlar::vector_clock::head.tag, resolver_tag(ashlar::vector_clock::name));
    EXPECT_EQ(ashlar::crdt::head.tag, resolver_tag(ashlar::crdt::name));
    EXPECT_EQ(ashlar::last_write_wins::head.tag, resolver_tag(ashlar::last_write_wins::name));
}

}  // namespace
