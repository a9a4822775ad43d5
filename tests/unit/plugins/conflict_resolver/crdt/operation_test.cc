// Operations: their bytes as docs/crdt.md gives them to clients, and those that are refused.
#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Operations : public CrdtStage {};

TEST_F(Operations, TheBytesAreThoseOfThePageForClients) {
    // docs/crdt.md
    EXPECT_EQ(Steps().increment(5).bytes(), Bytes("\xcd\x63\x72\x64\x74\x01\x01\x00\x01\x0a", 10));
    EXPECT_EQ(Steps().add("milk", {"tags"}).bytes(),
              Bytes("\xcd\x63\x72\x64\x74\x01\x01\x01\x04\x74\x61\x67\x73\x02\x04\x6d\x69\x6c\x6b"));
}

TEST_F(Operations, OperationsThatAreNoneExpireOrGrowTooLargeAreRefused) {
    for (Bytes bad : {Steps().bytes(), Steps().increment(1).bytes() + "x", Steps().increment(1).bytes().substr(0, 8),
                      Steps().assign("v", {""}).bytes(), Steps().assign("v", {"\xff"}).bytes(),
                      Steps().assign("v", Names(9, "n")).bytes(), Steps().clear({}).bytes(),
                      Bytes("\xcd"
                            "crdt\x01\xff\xff\xff\xff\xff\x7f")}) {
        EXPECT_EQ(refusal("", change(1, bad)).code, Code::invalid_request);
    }
    Steps many;
    for (int i = 0; i < 100; ++i) many.increment(1);
    EXPECT_EQ(value(apply("", 1, many)), "100");
    const Bytes too_many = many.increment(1).bytes();
    EXPECT_EQ(refusal("", change(1, too_many)).code, Code::invalid_request);
    const Bytes one = Steps().increment(1).bytes();
    Change expiring = change(1, one);
    expiring.expires = WallTime{wall_ + 1000};
    EXPECT_EQ(refusal("", expiring).code, Code::invalid_request);
    Crdt small(1024);
    const Bytes large = Steps().add(Bytes(600, 'x')).bytes();
    auto refused = small.update("", change(1, large));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("entry_bytes_max"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::crdt
