// What clients carry and bring back: contexts and pages.
#include <gtest/gtest.h>

#include "kit/bytes.h"
#include "kit/context.h"
#include "kit/hash.h"
#include "request/client_context.h"
#include "request/page.h"

namespace ashlar::request {
namespace {

Bytes causal() {
    kit::CausalContext context;
    context.raise(Actor{NodeId{5}, 1, 0}, 9);
    context.add(Dot{Actor{NodeId{5}, 1, 0}, 12});
    Bytes out;
    kit::Writer writer(out);
    context.encode(writer);
    return out;
}

TEST(ClientContext, ComesBackAsItWasGiven) {
    Bytes wrapped;
    wrap_context(TableId{3}, 77, Given{causal()}, wrapped);
    auto opened = open_context(wrapped, TableId{3}, 77);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->causal, causal());
    EXPECT_EQ(opened->stamp.us, 0);
    wrap_context(TableId{3}, 77, {}, wrapped);
    EXPECT_TRUE(wrapped.empty()) << "nothing seen";
    EXPECT_TRUE(open_context({}, TableId{3}, 77)->causal.empty());
}

TEST(ClientContext, BringsTheLatestStampBackWhereStampsDecide) {
    Bytes plain, stamped;
    wrap_context(TableId{3}, 77, Given{causal()}, plain);
    wrap_context(TableId{3}, 77, Given{causal(), WallTime{-5}}, stamped);
    EXPECT_EQ(stamped.size(), plain.size() + 8);
    auto opened = open_context(stamped, TableId{3}, 77);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->causal, causal());
    EXPECT_EQ(opened->stamp.us, -5);
}

TEST(ClientContext, OfAnotherTableOrResolverOrDamagedIsRefused) {
    Bytes wrapped;
    wrap_context(TableId{3}, 77, Given{causal()}, wrapped);
    EXPECT_FALSE(open_context(wrapped, TableId{4}, 77));
    EXPECT_FALSE(open_context(wrapped, TableId{3}, 78));
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        Bytes bad = wrapped;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        EXPECT_FALSE(open_context(bad, TableId{3}, 77)) << i;
        EXPECT_FALSE(open_context(View(wrapped).substr(0, i == 0 ? 1 : i), TableId{3}, 77)) << i;
    }
    Bytes garbage;
    wrap_context(TableId{3}, 77, Given{"no causal context at all"}, garbage);
    auto opened = open_context(garbage, TableId{3}, 77);
    ASSERT_FALSE(opened) << "a right checksum does not make wrong bytes right";
    EXPECT_EQ(opened.error().code, Code::invalid_request);
}

TEST(Page, ComesBackAsItWasGivenAndNothingElseDoes) {
    Page page{TableId{3}, true, 99, "key"};
    Bytes bytes = encode_page(page);
    auto decoded = decode_page(bytes, TableId{3}, true);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->token, 99u);
    EXPECT_EQ(decoded->key, "key");
    EXPECT_FALSE(decode_page(bytes, TableId{2}, true));
    EXPECT_FALSE(decode_page(bytes, TableId{3}, false));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes bad = bytes;
        bad[i] = static_cast<char>(bad[i] ^ 4);
        EXPECT_FALSE(decode_page(bad, TableId{3}, true)) << i;
        EXPECT_FALSE(decode_page(View(bytes).substr(0, i), TableId{3}, true)) << i;
    }
}

}  // namespace
}  // namespace ashlar::request
