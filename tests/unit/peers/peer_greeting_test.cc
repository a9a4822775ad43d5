// Who may speak with whom, as values.
#include "host/peer_greeting.h"

#include <gtest/gtest.h>

#include "kit/text.h"

namespace ashlar::host {
namespace {

PeerSelf somebody(std::uint64_t node) {
    return {{NodeId{node}, 3}, {"ashlar", "n" + std::to_string(node), 1, 1, "partitioner equal_partitions 1.0.0"}};
}

Greeted as_heard(const PeerSelf& self) {
    auto out = read_greeting(greeting_frame(self));
    EXPECT_TRUE(out) << out.error().detail;
    return *out;
}

TEST(PeerGreeting, ComesBackAsItWas) {
    PeerSelf self = somebody(7);
    Greeted heard = as_heard(self);
    EXPECT_EQ(heard.sender, self.sender);
    EXPECT_EQ(heard.greeting.cluster, "ashlar");
    EXPECT_EQ(heard.greeting.name, "n7");
    EXPECT_EQ(heard.greeting.parts, self.greeting.parts);
    EXPECT_EQ(difference(somebody(8), heard).reason, nullptr);
    EXPECT_EQ(common_protocol(self.greeting, heard.greeting), 1);
}

TEST(PeerGreeting, ADifferenceNamesBothValues) {
    PeerSelf ours = somebody(1);
    PeerSelf other = somebody(2);
    other.greeting.cluster = "staging";
    Difference found = difference(ours, as_heard(other));
    EXPECT_STREQ(found.reason, "refused_cluster");
    EXPECT_NE(found.sentence.find("'staging'"), std::string::npos) << found.sentence;
    EXPECT_NE(found.sentence.find("'ashlar'"), std::string::npos) << found.sentence;

    other = somebody(2);
    other.greeting.parts = "partitioner ordered 1.0.0";
    found = difference(ours, as_heard(other));
    EXPECT_STREQ(found.reason, "refused_parts");
    EXPECT_NE(found.sentence.find("ordered"), std::string::npos) << found.sentence;
    EXPECT_NE(found.sentence.find("equal_partitions"), std::string::npos) << found.sentence;

    Greeted later = as_heard(somebody(2));
    later.greeting.protocol_min = 4;
    later.greeting.protocol_max = 6;
    found = difference(ours, later);
    EXPECT_STREQ(found.reason, "refused_protocol");
    EXPECT_NE(found.sentence.find("4 to 6"), std::string::npos) << found.sentence;
    EXPECT_NE(found.sentence.find("1 to 1"), std::string::npos) << found.sentence;

    EXPECT_STREQ(difference(ours, as_heard(somebody(1))).reason, "refused_self");
}

TEST(PeerGreeting, ANewerNodeThatStillSpeaksOursIsWelcome) {
    PeerSelf newer = somebody(2);
    newer.greeting.protocol_max = 5;
    Greeted heard = as_heard(newer);
    EXPECT_EQ(difference(somebody(1), heard).reason, nullptr);
    EXPECT_EQ(common_protocol(somebody(1).greeting, heard.greeting), 1);
}

TEST(PeerGreeting, TheNewestThatBothKnowIsSpoken) {
    PeerSelf ours = somebody(1);
    ours.greeting.protocol_min = 2;
    ours.greeting.protocol_max = 4;
    struct {
        std::uint8_t min, max, spoken;  // 0: none
    } const pairs[] = {{1, 1, 0}, {1, 2, 2}, {1, 3, 3}, {2, 4, 4}, {3, 9, 4}, {4, 9, 4}, {5, 9, 0}, {9, 2, 0}};
    for (const auto& pair : pairs) {
        PeerSelf other = somebody(2);
        other.greeting.protocol_min = pair.min;
        other.greeting.protocol_max = pair.max;
        // Whatever protocol its frame is in: it says itself what its sender speaks.
        Difference found = difference(ours, as_heard(other));
        if (pair.spoken != 0) {
            EXPECT_EQ(found.reason, nullptr) << found.sentence;
            EXPECT_EQ(common_protocol(ours.greeting, other.greeting), pair.spoken);
            continue;
        }
        EXPECT_STREQ(found.reason, "refused_protocol");
        EXPECT_NE(found.sentence.find("this node 2 to 4"), std::string::npos) << found.sentence;
        EXPECT_NE(found.sentence.find(kit::text(unsigned{pair.min}, " to ", unsigned{pair.max})), std::string::npos);
    }
}

TEST(PeerGreeting, OnlyAGreetingAloneIsOne) {
    PeerSelf self = somebody(7);
    std::uint64_t mark = wire::cluster_mark("ashlar");
    auto read_with = [&](std::uint64_t cluster, const std::vector<wire::Message>& messages) {
        wire::FrameWriter writer(self.sender, cluster);
        writer.begin();
        for (const wire::Message& message : messages) writer.add(message);
        Bytes frame;
        writer.take(frame);
        return read_greeting(frame).has_value();
    };
    EXPECT_TRUE(read_with(mark, {self.greeting}));
    EXPECT_FALSE(read_with(mark, {}));
    EXPECT_FALSE(read_with(mark, {wire::Probe{}}));
    EXPECT_FALSE(read_with(mark, {self.greeting, wire::Probe{}}));
    EXPECT_FALSE(read_with(mark + 1, {self.greeting})) << "its stamp and its text name different clusters";
    EXPECT_FALSE(read_greeting("").has_value());
}

TEST(PeerGreeting, EveryCutOrBentFrameIsRefused) {
    Bytes frame = greeting_frame(somebody(7));
    for (std::size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(read_greeting(View(frame).substr(0, size)));
    for (std::size_t at = 0; at < frame.size(); ++at) {
        Bytes bent = frame;
        bent[at] = static_cast<char>(bent[at] ^ 0x10);
        EXPECT_FALSE(read_greeting(bent)) << "byte " << at;
    }
}

TEST(PeerGreeting, TheLongestIsShortEnough) {
    PeerSelf self = somebody(7);
    self.greeting.cluster = self.greeting.name = self.greeting.parts = std::string(1024, 'x');
    EXPECT_LE(greeting_frame(self).size(), wire::head_bytes + greeting_bytes_max);
}

}  // namespace
}  // namespace ashlar::host
