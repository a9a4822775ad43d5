// Entries: canonical bytes, strict parsing, and the walk that takes no memory.
#include "kit/entry.h"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace ashlar;

constexpr kit::EntryHead head{0x1234, 1};

Actor actor(std::uint64_t node) {
    return Actor{NodeId{node}, 1, 0};
}

kit::StoredVersion value(const Dot& dot, View bytes) {
    kit::StoredVersion v;
    v.dot = dot;
    v.wall = WallTime{1'700'000'000'000'000};
    v.value = bytes;
    return v;
}

/// Two actors, three versions, every optional field once.
Bytes sample() {
    kit::CausalContext context;
    context.raise(actor(1), 4);
    context.add({actor(1), 9});
    context.add({actor(2), 7});
    std::array<kit::StoredVersion, 3> versions{value({actor(1), 3}, "three"), value({actor(1), 9}, ""),
                                               value({actor(2), 7}, "")};
    versions[0].expires = WallTime{1};
    versions[0].request.bytes[15] = 1;
    versions[1].extra = "clock";
    versions[2].kind = VersionKind::removed;
    return kit::write_entry(head, context, versions);
}

TEST(Entry, OpensAsItWasWritten) {
    Bytes bytes = sample();
    EXPECT_EQ(kit::tag_of(bytes), 0x1234u);
    std::optional<kit::EntryParts> parts = kit::open_entry(bytes);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->head, head);
    ASSERT_EQ(parts->versions.size(), 3u);
    EXPECT_EQ(parts->versions[0].value, "three");
    EXPECT_EQ(parts->versions[0].expires.us, 1);
    EXPECT_TRUE(parts->versions[0].request.given());
    EXPECT_EQ(parts->versions[1].extra, "clock");
    EXPECT_EQ(parts->versions[2].kind, VersionKind::removed);
    EXPECT_EQ(parts->versions[2].dot, (Dot{actor(2), 7}));
    EXPECT_EQ(kit::write_entry(parts->head, parts->context, parts->versions), bytes);
    EXPECT_TRUE(kit::is_entry(bytes));
}

TEST(Entry, WalkGivesTheContextAsBytes) {
    Bytes bytes = sample();
    kit::EntryWalk walk(bytes);
    EXPECT_EQ(walk.context(), kit::open_entry(bytes)->context.encoded());
    EXPECT_EQ(walk.left(), 3u);
}

TEST(Entry, SingleIsTheSameBytesAsTheGeneralForm) {
    for (std::uint64_t counter : {1u, 2u, 500u}) {
        kit::StoredVersion v = value({actor(5), counter}, "payload");
        kit::CausalContext context;
        context.add(v.dot);
        EXPECT_EQ(kit::write_single(head, v), kit::write_entry(head, context, std::span(&v, 1)));
    }
}

TEST(Entry, EveryPrefixAndEveryExtraByteIsRefused) {
    Bytes bytes = sample();
    for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(kit::is_entry(View(bytes).substr(0, n))) << n;
    EXPECT_FALSE(kit::is_entry(bytes + '\0'));
}

TEST(Entry, FlippedBytesAreRefusedOrStillCanonical) {
    const Bytes bytes = sample();
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            Bytes bad = bytes;
            bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
            std::optional<kit::EntryParts> parts = kit::open_entry(bad);
            EXPECT_EQ(parts.has_value(), kit::is_entry(bad));
            if (parts) {
                EXPECT_EQ(kit::write_entry(parts->head, parts->context, parts->versions), bad) << at;
            }
        }
}

/// One version by hand, so that each rule can be broken alone.
struct Raw {
    std::uint64_t versions = 1, index = 0, counter = 4;
    unsigned flags = 0;
    Bytes tail{std::string("\x03") + "abc"};
    Bytes bytes() const {
        Bytes out;
        kit::Writer writer(out);
        kit::write_head(writer, head);
        kit::CausalContext context;
        context.raise(actor(1), 2);
        context.add({actor(1), 4});
        context.encode(writer);
        writer.varint(versions);
        writer.varint(index);
        writer.varint(counter);
        writer.u8(static_cast<std::uint8_t>(flags));
        writer.i64(77);
        writer.bytes(tail);
        return out;
    }
};

TEST(Entry, EachRuleIsKept) {
    const Bytes eight(8, '\1'), zeros(8, '\0'), id(16, '\1'), no_id(16, '\0');
    EXPECT_TRUE(kit::is_entry(Raw{}.bytes()));
    EXPECT_FALSE(kit::is_entry(Raw{.counter = 3}.bytes())) << "a dot that is not in the context";
    EXPECT_FALSE(kit::is_entry(Raw{.counter = 5}.bytes())) << "a dot above all in the context";
    EXPECT_FALSE(kit::is_entry(Raw{.counter = 0}.bytes())) << "no dot";
    EXPECT_FALSE(kit::is_entry(Raw{.index = 1}.bytes())) << "an actor that is not in the context";
    EXPECT_FALSE(kit::is_entry(Raw{.index = ~std::uint64_t{0}}.bytes())) << "an index beyond all";
    EXPECT_FALSE(kit::is_entry(Raw{.versions = 2}.bytes())) << "fewer versions than claimed";
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 3, .tail = ""}.bytes())) << "a kind nobody knows";
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 32}.bytes())) << "a flag nobody knows";
    EXPECT_TRUE(kit::is_entry(Raw{.flags = 1, .tail = ""}.bytes()));
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 1}.bytes())) << "a tombstone with a value";
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 1 | 4, .tail = eight}.bytes())) << "a removed version that expires";
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 2, .tail = ""}.bytes())) << "an expired version that never did";
    EXPECT_TRUE(kit::is_entry(Raw{.flags = 2 | 4, .tail = eight}.bytes()));
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 2 | 4, .tail = zeros}.bytes())) << "an expiry that is none";
    EXPECT_TRUE(kit::is_entry(Raw{.flags = 1 | 8, .tail = id}.bytes()));
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 1 | 8, .tail = no_id}.bytes())) << "a request id that is none";
    EXPECT_FALSE(kit::is_entry(Raw{.flags = 1 | 16, .tail = Bytes(1, '\0')}.bytes())) << "an extra that is empty";
    EXPECT_TRUE(kit::is_entry(Raw{.flags = 1 | 16, .tail = "\x01x"}.bytes()));
}

TEST(Entry, VersionsOutOfOrderOrTwiceAreRefused) {
    kit::CausalContext context;
    context.raise(actor(1), 9);
    for (std::uint64_t second : {2u, 3u}) {
        std::array<kit::StoredVersion, 2> versions{value({actor(1), 3}, ""), value({actor(1), second}, "")};
        EXPECT_FALSE(kit::is_entry(kit::write_entry(head, context, versions))) << second;
    }
}

TEST(Entry, ClaimsOfHugeCountsTakeNoMemory) {
    Bytes bytes;
    kit::Writer out(bytes);
    kit::write_head(out, head);
    out.varint(0);
    out.varint(std::uint64_t{1} << 40);
    EXPECT_FALSE(kit::open_entry(bytes));
}

TEST(Entry, TagOfStrangersIsNone) {
    EXPECT_EQ(kit::tag_of(""), 0u);
    EXPECT_EQ(kit::tag_of("\x02hello"), 0u);
    Bytes bytes = sample();
    EXPECT_EQ(kit::tag_of(View(bytes).substr(0, 5)), 0u);
    bytes[0] = 2;
    EXPECT_EQ(kit::tag_of(bytes), 0u);
}

}  // namespace
