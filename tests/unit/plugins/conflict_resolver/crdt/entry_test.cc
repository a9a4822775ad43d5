// Entries of any kind: kinds that meet, removed keys, what readers are told of, and text that lies.
#include "crdt_stage.h"

namespace ashlar::crdt {
namespace {

class Entries : public CrdtStage {};

TEST_F(Entries, KindsDoNotMixButStandBesideEachOtherWhenConcurrent) {
    const Bytes counter = apply("", 1, Steps().increment(1)), set = apply("", 2, Steps().add("a"));
    const Bytes add = Steps().add("b").bytes(), plain = "plain";
    EXPECT_NE(refusal(counter, change(3, add)).detail.find("holds a counter"), std::string::npos);
    const Bytes both = join(counter, set);
    EXPECT_EQ(values(both), (std::vector<std::string>{"1", R"(["a"])"}));
    EXPECT_EQ(value(made(both, change(3, plain, context_of(both)))), "plain") << "a put that saw both settles it";
    const Bytes other = made("", change(4, plain));
    EXPECT_NE(refusal(other, change(3, add)).detail.find("holds a plain value"), std::string::npos);
    const Bytes mixed = Steps().increment(1).add("x").bytes();
    EXPECT_EQ(refusal("", change(3, mixed)).code, Code::invalid_request);
}

TEST_F(Entries, ARemovedKeyStaysRemovedButForWhatWasAddedMeanwhile) {
    const Bytes start = apply("", 1, Steps().add("a"));
    const Bytes seen = context_of(start);
    Change gone = change(1, {}, seen);
    gone.remove = true;
    const Bytes removed = made(start, gone);
    EXPECT_TRUE(values(join(removed, start)).empty());
    EXPECT_EQ(value(join(removed, apply(start, 2, Steps().add("b")))), R"(["b"])");
}

TEST_F(Entries, ReadersAreToldOfEveryDotThatIsThereAndGivenEachTextOnce) {
    Bytes entry = join(apply("", 1, Steps().add("x")), apply("", 2, Steps().add("y")));
    Reading reading;
    ASSERT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
    ASSERT_EQ(reading.versions.size(), 2u);
    EXPECT_EQ(reading.values, 1u);
    EXPECT_EQ(reading.versions[0].value, R"(["x","y"])");
    EXPECT_EQ(reading.versions[1].dot, (Dot{Actor{NodeId{1}, 1, 0}, 1}));
    EXPECT_NE(reading.versions[1].kind, VersionKind::value);
    EXPECT_EQ(reading.versions[1].value, "");
}

TEST_F(Entries, ATextThatDoesNotFollowFromTheFactsIsRefused) {
    Bytes entry = apply("", 1, Steps().increment(5));
    ASSERT_EQ(entry.back(), '5');
    entry.back() = '6';
    EXPECT_EQ(resolver.check(entry).error().code, Code::corrupt);
    EXPECT_FALSE(resolver.join(entry, entry));
}

}  // namespace
}  // namespace ashlar::crdt
