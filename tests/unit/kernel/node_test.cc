#include <gtest/gtest.h>

#include "stage.h"

namespace ashlar::test {
namespace {

TEST(Node, PutGetRemove) {
    Stage stage;
    EXPECT_EQ(stage.get("k").value(), "(none)");
    Answer put = stage.put("k", "v");
    ASSERT_TRUE(put.ok()) << put.value();
    EXPECT_FALSE(put.item.context.empty());
    EXPECT_EQ(put.item.achieved.answered, 1u);
    EXPECT_EQ(put.item.achieved.owners, 1u);
    EXPECT_EQ(put.item.achieved.synced, 1u);
    EXPECT_EQ(put.item.achieved.needed, 1u);
    EXPECT_EQ(put.item.achieved.replicas, 1u);
    EXPECT_EQ(put.item.achieved.epoch.value, 1u);
    EXPECT_EQ(stage.get("k").value(), "v");
    EXPECT_TRUE(stage.exists("k").found);
    Answer removed = stage.remove("k");
    EXPECT_TRUE(removed.found);
    Answer after = stage.get("k");
    EXPECT_EQ(after.value(), "(none)");
    EXPECT_FALSE(after.item.context.empty()) << "a removal was seen";
    EXPECT_FALSE(stage.exists("k").found);
    EXPECT_FALSE(stage.remove("k").found);
    EXPECT_FALSE(stage.remove("never written").found);
}

TEST(Node, ARemovalWithAContextTellsWhetherThereWasAValue) {
    Stage stage;
    Answer put = stage.put("k", "v");
    EXPECT_TRUE(stage.remove("k", put.item.context).found);
    Answer again = stage.get("k");
    EXPECT_EQ(again.value(), "(none)");
    EXPECT_FALSE(stage.remove("k", again.item.context).found) << "only a removal was there";
    EXPECT_FALSE(stage.remove("another", put.item.context).found);
}

TEST(Node, BlindPutsAreSiblingsAndAContextReplacesThem) {
    Stage stage;
    stage.put("k", "a");
    stage.put("k", "b");
    Answer both = stage.get("k");
    EXPECT_EQ(both.item.values.size(), 2u);
    EXPECT_TRUE(both.item.achieved.merged);
    stage.put("k", "c");
    Answer resolved = stage.put("k", "ab", both.item.context);
    ASSERT_TRUE(resolved.ok());
    EXPECT_EQ(stage.get("k").item.values.size(), 2u) << "c was not seen by the writer of ab, so it stays";
    Answer next = stage.put("k", "abc", resolved.item.context);
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(stage.get("k").item.values.size(), 2u) << "the context of a put covers only what its writer saw";
    stage.put("k", "all", {}, true);
    EXPECT_EQ(stage.get("k").value(), "all");
}

TEST(Node, PutIfComparesTheContext) {
    Stage stage;
    Answer first = stage.put_if("k", "1", "");
    EXPECT_TRUE(first.stored);
    Answer again = stage.put_if("k", "x", "");
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(again.stored);
    EXPECT_TRUE(stage.put_if("k", "2", again.item.context).stored);
    EXPECT_FALSE(stage.put_if("k", "3", again.item.context).stored);
    EXPECT_EQ(stage.get("k").value(), "2");
    stage.remove("k");
    EXPECT_TRUE(stage.put_if("k", "4", "").stored);
    EXPECT_EQ(stage.get("k").value(), "4");
}

}  // namespace
}  // namespace ashlar::test
