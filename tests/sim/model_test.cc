// What the model holds against a store, and what it does not: shown on made-up histories.
#include "model.h"

#include <gtest/gtest.h>

namespace ashlar::sim {
namespace {

class ModelTest : public testing::Test {
protected:
    WriteNumber write(Sync sync, std::vector<WriteNumber> sees, std::int64_t begun_ms, std::int64_t ended_ms,
                      RequestId name = {}) {
        WriteRecord record;
        record.place = "t/k";
        record.remove = !sees.empty();
        record.sees = std::move(sees);
        record.sync = sync;
        record.request = name;
        if (!record.remove) record.value = Model::make_value(model.next_number(), 20);
        record.invoked = at(begun_ms);
        WriteNumber number = model.begin(record);
        model.end(number, Outcome::acked, at(ended_ms), {}, {});
        return number;
    }
    void show(std::vector<WriteNumber> numbers, std::int64_t ms) {
        Shown shown;
        shown.place = "t/k";
        for (WriteNumber number : numbers) shown.values.push_back(model.write(number).value);
        shown.invoked = at(ms);
        shown.ended = at(ms + 1);
        model.check(shown);
    }
    static Instant at(std::int64_t ms) { return Instant{ms * 1000}; }

    std::vector<std::string> complaints;
    Model model{false, [this](const std::string& what) { complaints.push_back(what); }};
};

TEST_F(ModelTest, AReplacedValueMustNotComeBack) {
    WriteNumber old = write(Sync::always, {}, 1, 2);
    write(Sync::always, {old}, 10, 20);
    show({old}, 15);
    EXPECT_TRUE(complaints.empty()) << "while the remove is under way both are right";
    show({old}, 30);
    EXPECT_EQ(complaints.size(), 1u);
}

// Seed 978 of an earlier simulator: a remove with sync `never` was acknowledged after the sync of a new log segment had
// failed on its lane and before the loop had learned of it. It never left the memory of a process that was restarted.
TEST_F(ModelTest, WhatIsAcknowledgedBeforeAFailedSyncIsNoticedMayBeLost) {
    for (Sync sync : {Sync::interval, Sync::never, Sync::always}) {
        complaints.clear();
        WriteNumber old = write(Sync::always, {}, 1, 2);
        model.sync_failed(at(100), milliseconds(50), at(120));
        write(sync, {old}, 105, 110);
        show({old}, 200);
        EXPECT_EQ(complaints.size(), sync == Sync::always ? 1u : 0u) << static_cast<int>(sync);
    }
}

// Seed 5014 of an earlier simulator: the link to the node that coordinated a named write broke, the write was passed on
// to another and acknowledged there; its client replaced the version it knew of, and the other one came.
TEST_F(ModelTest, ANamedWriteThatTwoMachinesCoordinateMayShowAgain) {
    for (std::size_t second : {1u, 2u}) {
        complaints.clear();
        RequestId name;
        name.bytes[0] = static_cast<std::uint8_t>(second);
        WriteNumber old = write(Sync::always, {}, 1, 2, name);
        model.passed_on(old, 1);
        model.passed_on(old, second);
        write(Sync::always, {old}, 10, 20);
        show({old}, 30);
        EXPECT_EQ(complaints.size(), second == 1 ? 1u : 0u);
    }
}

TEST_F(ModelTest, WhatIsAcknowledgedLaterMayNot) {
    WriteNumber old = write(Sync::always, {}, 1, 2);
    model.sync_failed(at(100), milliseconds(50), at(120));
    write(Sync::never, {old}, 125, 130);
    show({old}, 200);
    EXPECT_EQ(complaints.size(), 1u);
}

}  // namespace
}  // namespace ashlar::sim
