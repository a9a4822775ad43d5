// Operations as bytes: those of docs/crdt.md, which the resolver's own test holds, too.
#include "operation.h"

#include <gtest/gtest.h>

namespace ashlar::cli {
namespace {

const std::string mark("\xcd"
                       "crdt\x01");

TEST(Operation, StepsAreWrittenAsThePageForClientsSays) {
    Operation five;
    EXPECT_TRUE(five.empty());
    five.increment(5);
    EXPECT_EQ(five.bytes(), mark + std::string("\x01\x00\x01\x0a", 4));
    Operation tags;
    tags.at("tags");
    tags.add("milk");
    EXPECT_EQ(tags.bytes(), mark + std::string("\x01\x01\x04tags\x02\x04milk"));
}

TEST(Operation, NumbersFieldsAndLengths) {
    Operation all;
    all.increment(-1);
    all.increment(INT64_MIN);
    all.at("a/b");
    all.assign(std::string(200, 'v'));
    all.clear();
    EXPECT_EQ(all.bytes(), mark + std::string("\x04\x00\x01\x01\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 16) +
                               std::string("\x02\x01\x61\x01\x62\x04\xc8\x01") + std::string(200, 'v') +
                               std::string("\x02\x01\x61\x01\x62\x05"));
}

}  // namespace
}  // namespace ashlar::cli
