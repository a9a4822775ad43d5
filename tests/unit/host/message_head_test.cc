// Where a message begins and ends, judged before anything of it is read.
#include "host/message_head.h"

#include <gtest/gtest.h>

namespace ashlar::host {
namespace {

TEST(MessageHead, RefusesWhatIsNoCall) {
    EXPECT_FALSE(read_head("").has_value());
    EXPECT_FALSE(read_head("GET / HTTP/1.1\r\n").has_value());
    EXPECT_FALSE(read_head(Bytes("\x80\x01\x00", 3)).has_value());
    EXPECT_FALSE(read_head(Bytes("\x80\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00", 12)).has_value())
        << "another version";
    EXPECT_FALSE(read_head(Bytes("\x80\x01\x00\x01\xff\xff\xff\xff\x00\x00\x00\x00", 12)).has_value())
        << "a name of -1 bytes";
    EXPECT_FALSE(read_head(Bytes("\x00\x00\x00\x03get\x01\x00\x00\x00\x00", 12)).has_value()) << "non-strict";
    EXPECT_FALSE(read_head(Bytes("\x82\x21\xff\xff\xff\xff\xff\xff", 8)).has_value()) << "an endless number";
    EXPECT_FALSE(read_head(Bytes("\x82\x22\x00\x03get", 7)).has_value()) << "another version";
}

TEST(MessageHead, FramesAreCutWithinTheirBound) {
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00", 3), 100).state, FrameCut::State::partial);
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00\x00", 4), 100).state, FrameCut::State::refused);
    EXPECT_EQ(cut_frame(Bytes("\x00\x00\x00\x65", 4), 100).state, FrameCut::State::refused);
    EXPECT_EQ(cut_frame("GET / HTTP/1.1", 16 << 20).state, FrameCut::State::refused);
    FrameCut partial = cut_frame(Bytes("\x00\x00\x00\x02y", 5), 100);
    EXPECT_EQ(partial.state, FrameCut::State::partial);
    EXPECT_EQ(partial.frame_bytes, 6u);
    Bytes received("\x00\x00\x00\x02yes", 7);  // the payload is a view into it
    FrameCut whole = cut_frame(received, 100);
    EXPECT_EQ(whole.state, FrameCut::State::whole);
    EXPECT_EQ(whole.payload, "ye");
    EXPECT_EQ(whole.frame_bytes, 6u);
}

}  // namespace
}  // namespace ashlar::host
