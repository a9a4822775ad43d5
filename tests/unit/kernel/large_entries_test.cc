// Entries with siblings of several MiB: what travels between nodes whole, and what is refused before it could not.
#include <gtest/gtest.h>

#include "kit/text.h"
#include "troupe.h"
#include "wire/frame.h"

namespace ashlar::test {
namespace {

constexpr std::size_t mib = 1024 * 1024;

Cast large_cast() {
    Cast cast;
    cast.limits.entry_bytes = 4 * mib;
    cast.limits.page_bytes = 64 * mib;
    return cast;
}

TEST(LargeEntries, AreReadAndScannedThroughEveryNode) {
    Troupe troupe(large_cast());
    for (int key = 0; key < 4; ++key) {
        for (char sibling : {'a', 'b'})
            ASSERT_TRUE(troupe.put(1, kit::text("key-", key), Bytes(5 * mib / 2, sibling), all).ok());
    }
    for (std::uint32_t node : {1u, 2u, 3u}) {
        Answer got = troupe.get(node, "key-0", all);
        ASSERT_TRUE(got.ok()) << got.value();
        EXPECT_EQ(got.item.values.size(), 2u);
    }
    port::Order scan;
    scan.call = port::Call::scan;
    scan.consistency = all;
    Answer page = troupe.call(2, scan);
    ASSERT_TRUE(page.ok()) << page.value() << ": a part with two of them would fit no frame";
    EXPECT_EQ(page.items.size(), 1u);
    EXPECT_TRUE(page.has_page);
}

TEST(LargeEntries, TakeNoMoreSiblingsThanTravel) {
    Troupe troupe(large_cast());
    ASSERT_TRUE(troupe.put(1, "key", Bytes(4 * mib - 3, 'a'), all).ok());
    Answer refused = troupe.put(2, "key", Bytes(4 * mib - 3, 'b'), all);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refusal->error.code, Code::invalid_request);
    EXPECT_NE(refused.value().find("travel between nodes"), std::string::npos) << refused.value();
    Answer got = troupe.get(3, "key", all);
    ASSERT_TRUE(got.ok()) << got.value();
    ASSERT_EQ(got.item.values.size(), 1u);
    ASSERT_TRUE(troupe.call(2, Stage::order_of(port::Call::put, "key", Bytes(4 * mib - 3, 'b'), got.item.context)).ok());
    EXPECT_EQ(troupe.get(1, "key", all).value().front(), 'b');
}

}  // namespace
}  // namespace ashlar::test
