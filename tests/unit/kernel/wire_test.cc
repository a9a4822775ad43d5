// Messages and frames: what is written is read back, and any other bytes are refused.
#include <gtest/gtest.h>

#include "base/seeded_random.h"
#include "port/hint.h"
#include "wire/frame.h"

namespace ashlar::wire {
namespace {

std::vector<Message> one_of_each() {
    RosterEntry entry;
    entry.node.value = 7;
    entry.incarnation = 3;
    entry.heartbeat = 99;
    entry.name = "n1";
    entry.datacentre = "east";
    entry.rack = "r2";
    entry.clients_at = "127.0.0.1:7311";
    entry.link_at = "127.0.0.1:7313";
    entry.background_at = "127.0.0.1:7314";
    entry.parts = "partitioner equal_partitions 1";
    entry.epoch.value = 4;
    entry.accuses = {NodeId{5}, NodeId{6}};
    entry.expect = 3;
    EntryKey key{0x123456789abcdef0, TableId{9}, "a key"};
    Fault fault{static_cast<std::uint8_t>(Code::no_space), "the disk is full"};
    Ballot ballot{17, NodeId{7}};
    return {
        Greeting{"ashlar", "n1", 1, 1, "parts"},
        ReadAsk{Ref{1}, Epoch{2}, key, true, milliseconds(5)},
        ReadAnswer{Ref{1}, fault, "an entry", 42, false},
        WriteAsk{Ref{2}, Epoch{2}, key, "an entry", Sync::interval, NodeId{8}, seconds(1)},
        WriteAnswer{Ref{2}, Fault{}, true},
        ScanAsk{Ref{3}, Epoch{2}, TableId{1}, TokenRange{5, 9}, true, true, 6, "after", 100, 4096, seconds(2)},
        ScanAnswer{Ref{3}, Fault{}, {ScanLine{5, "k", "e"}, ScanLine{6, "l", "f"}}, true, false},
        OrderAsk{Ref{4}, Epoch{2}, 1, key, "value", "seen", WallTime{-7}, true, true, false, true, seconds(9),
                 Sync::never, RequestId{}, true, Consistency{Level::quorum, 0}, Consistency{Level::count, 2}, seconds(1)},
        OrderAnswer{Ref{4},
                    fault,
                    false,
                    true,
                    false,
                    {OrderValue{"v", WallTime{5}, WallTime{6}, Dot{{NodeId{7}, 1, 0}, 3}}},
                    "context",
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    Epoch{7},
                    true},
        GossipDigest{{RosterMark{NodeId{1}, 2, 3}, RosterMark{NodeId{4}, 5, 6}}},
        GossipDelta{{entry}, {RosterMark{NodeId{4}, 5, 6}}},
        Probe{Ref{5}, NodeId{3}},
        ProbeAnswer{Ref{5}, NodeId{3}, false},
        Prepare{Epoch{5}, ballot, 77},
        Promise{Epoch{5}, ballot, true, ballot, Ballot{}, "value"},
        Accept{Epoch{5}, ballot, 77, "value"},
        Accepted{Epoch{5}, ballot, false, ballot},
        StateAsk{Epoch{4}},
        StateGive{Epoch{5}, "state"},
        HintGive{Ref{6}, key, "an entry"},
        HintTaken{Ref{6}, fault, 250},
        ExplainAsk{Ref{7}, key, {NodeId{1}, NodeId{2}}, milliseconds(9)},
        ExplainAnswer{Ref{7}, fault, Epoch{4}, "an entry", {NodeId{2}}},
        RelayAsk{WriteAsk{Ref{2}, Epoch{2}, key, "an entry", Sync::always, NodeId{8}, seconds(1)}, NodeId{9},
                 {Onward{NodeId{5}, {}}, Onward{NodeId{6}, NodeId{7}}}},
        SumAsk{Ref{8}, Epoch{2}, TableId{3}, WallTime{4}, WallTime{5}, false, true, {TokenRange{6, 7}, TokenRange{9, 9}}},
        SumAnswer{Ref{8}, fault, {PieceSum{1, 2, 3}}, {TokenSum{4, 5, 6}}, 7, WallTime{8}, true, WallTime{9}, 10},
        FetchAsk{Ref{9}, Epoch{2}, TableId{3}, WallTime{4}, WallTime{5}, {TokenRange{6, 7}}, true, 6, "key", 8},
        FetchAnswer{Ref{9}, fault, {ScanLine{1, "key", "an entry"}}, true, 7, "key", 1, 250},
        EntriesGive{Ref{10}, Epoch{2}, TableId{3}, {ScanLine{1, "key", "an entry"}}},
        EntriesTaken{Ref{10}, fault, 250},
        RoundEnd{Epoch{2}, TableId{3}, TokenRange{4, 5}, seconds(6), WallTime{7}},
    };
}

TEST(WireCodec, EveryMessageComesBackAsItWas) {
    ASSERT_EQ(one_of_each().size(), std::variant_size_v<Message>);
    for (const Message& message : one_of_each()) {
        Bytes bytes;
        encode(message, bytes);
        EXPECT_EQ(encoded_bytes(message), bytes.size()) << name_of(message);
        Message back;
        ASSERT_TRUE(decode(bytes, back)) << name_of(message);
        ASSERT_EQ(back.index(), message.index());
        Bytes again;
        encode(back, again);
        EXPECT_EQ(again, bytes) << name_of(message);
    }
}

TEST(WireCodec, AShorterOrLongerMessageIsRefused) {
    for (const Message& message : one_of_each()) {
        Bytes bytes;
        encode(message, bytes);
        Message back;
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            EXPECT_FALSE(decode(View(bytes).substr(0, cut), back)) << name_of(message) << " cut at " << cut;
        const bool may_grow = std::holds_alternative<Greeting>(message);
        EXPECT_EQ(decode(bytes + "x", back), may_grow) << name_of(message);
    }
}

TEST(WireCodec, AGreetingMayHaveLaterFieldsBehindItsOwn) {
    Greeting said;
    said.cluster = "c";
    said.name = "n";
    Bytes bytes;
    encode(said, bytes);
    const std::size_t whole = bytes.size();
    Message heard;
    for (std::size_t size = 0; size < whole; ++size) EXPECT_FALSE(decode(View(bytes).substr(0, size), heard)) << size;
    bytes += "what a later build says too";
    ASSERT_TRUE(decode(bytes, heard));
    EXPECT_EQ(std::get<Greeting>(heard).name, "n");
    EXPECT_EQ(std::get<Greeting>(heard).protocol_max, protocol_max);
}

TEST(WireCodec, AnUnknownKindIsRefused) {
    Message back;
    EXPECT_FALSE(decode(Bytes(1, static_cast<char>(std::variant_size_v<Message>)), back));
    EXPECT_FALSE(decode(Bytes(1, '\xff'), back));
}

TEST(WireCodec, ACountThatTheBytesCannotHoldCostsNothing) {
    Bytes bytes;
    encode(GossipDigest{}, bytes);
    bytes.pop_back();
    kit::Writer(bytes).varint(std::uint64_t{1} << 60);
    Message back;
    EXPECT_FALSE(decode(bytes, back));
}

TEST(WireCodec, MoreMembersThanAClusterMayHaveAreRefused) {
    GossipDigest digest;
    digest.marks.resize(members_max);
    Bytes bytes;
    encode(digest, bytes);
    Message back;
    EXPECT_TRUE(decode(bytes, back));
    digest.marks.resize(members_max + 1);
    bytes.clear();
    encode(digest, bytes);
    EXPECT_FALSE(decode(bytes, back));
}

Bytes frame_of_all(std::uint64_t cluster) {
    FrameWriter writer(Sender{NodeId{7}, 3}, cluster);
    for (const Message& message : one_of_each()) writer.add(message);
    Bytes frame;
    writer.take(frame);
    return frame;
}

TEST(WireFrame, CarriesManyMessagesAndWhoseTheyAre) {
    std::uint64_t cluster = cluster_mark("ashlar");
    Bytes frame = frame_of_all(cluster);
    ASSERT_EQ(body_length(frame).value(), frame.size() - head_bytes);
    auto reader = FrameReader::open(frame, cluster);
    ASSERT_TRUE(reader) << reader.error().detail;
    EXPECT_EQ(reader->sender(), (Sender{NodeId{7}, 3}));
    Message message;
    std::size_t n = 0;
    while (reader->next(message)) EXPECT_EQ(message.index(), n++);
    EXPECT_FALSE(reader->bad());
    EXPECT_EQ(n, one_of_each().size());
}

TEST(WireFrame, OfAnotherClusterIsRefusedBeforeItsMessages) {
    auto reader = FrameReader::open(frame_of_all(cluster_mark("theirs")), cluster_mark("ours"));
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, Code::not_authorized);
}

TEST(WireFrame, AnyFlippedBitIsRefused) {
    std::uint64_t cluster = cluster_mark("ashlar");
    Bytes frame = frame_of_all(cluster);
    for (std::size_t at = 0; at < frame.size(); ++at) {
        Bytes bent = frame;
        bent[at] = static_cast<char>(bent[at] ^ (1 << (at % 8)));
        EXPECT_FALSE(FrameReader::open(bent, cluster)) << "byte " << at;
    }
}

TEST(WireFrame, AnAnnouncedGiantIsRefusedByItsHead) {
    Bytes head = frame_of_all(1).substr(0, head_bytes);
    std::uint32_t giant = frame_bytes_max + 1;
    std::memcpy(head.data() + 4, &giant, sizeof giant);
    EXPECT_FALSE(body_length(head));
}

TEST(HintRecord, KeysKeepTheirPartsAndOrderByOwner) {
    port::HintKey hint{NodeId{0x0102030405060708}, EntryKey{0xfffefdfcfbfaf9f8, TableId{3}, "a key"}};
    Bytes bytes = port::encode_hint_key(hint);
    auto back = port::decode_hint_key(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->owner, hint.owner);
    EXPECT_EQ(back->key, hint.key);
    hint.owner.value += 1;
    EXPECT_LT(bytes, port::encode_hint_key(hint));
    EXPECT_FALSE(port::decode_hint_key("short"));
}

TEST(HintRecord, JoinsByMaximum) {
    auto joined = port::join_hints(port::encode_hint({7, 3}), port::encode_hint({5, 5}));
    ASSERT_TRUE(joined);
    auto record = port::decode_hint(*joined);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->owed, 7u);
    EXPECT_EQ(record->paid, 5u);
    EXPECT_TRUE(record->open());
    EXPECT_FALSE(port::join_hints("x", *joined));
}

}  // namespace
}  // namespace ashlar::wire
