// Maps: counters, sets, registers and maps under names, merged field by field.
#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Maps : public CrdtStage {};

TEST_F(Maps, MapsMergeFieldByField) {
    const Bytes start = apply("", 1, Steps().assign("Ann", {"name"}).increment(1, {"likes"}).add("x", {"more", "tags"}));
    EXPECT_EQ(value(start), R"({"counters":{"likes":1},"maps":{"more":{"sets":{"tags":["x"]}}},"registers":{"name":"Ann"}})");
    const Bytes a = apply(start, 1, Steps().increment(2, {"likes"}).clear({"more"}));
    const Bytes b = apply(start, 2, Steps().increment(4, {"likes"}).add("y", {"more", "tags"}).assign("Bea", {"name"}));
    EXPECT_EQ(value(a), R"({"counters":{"likes":3},"registers":{"name":"Ann"}})");
    EXPECT_EQ(value(join(a, b)), R"({"counters":{"likes":7},"maps":{"more":{"sets":{"tags":["y"]}}},"registers":{"name":"Bea"}})");
    const Bytes named = apply("", 3, Steps().increment(1, {"x"}).assign("r", {"x"}));
    EXPECT_EQ(value(named), R"({"counters":{"x":1},"registers":{"x":"r"}})") << "one name, two kinds";
    EXPECT_EQ(value(apply(named, 3, Steps().clear({"xy"}))), value(named)) << "another field that begins alike";
}

}  // namespace
}  // namespace ashlar::crdt
