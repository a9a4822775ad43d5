// Registers: one value is read of several written at once.
#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Registers : public CrdtStage {};

TEST_F(Registers, OfARegisterTheLatestOfConcurrentValuesIsReadAndTheNextReplacesAll) {
    const Bytes start = apply("", 1, Steps().assign("old"));
    const Bytes a = apply(start, 1, Steps().assign("a"));
    const Bytes b = apply(start, 2, Steps().assign("b"));
    EXPECT_EQ(value(join(a, b)), "b");
    EXPECT_EQ(value(apply(join(a, b), 1, Steps().assign(""))), "");
    EXPECT_EQ(value(join(apply(join(a, b), 3, Steps().assign("c")), join(a, b))), "c");
}

}  // namespace
}  // namespace ashlar::crdt
