// Calls that fail: every one of them once, every sync, every read, a disk that fills up. The engine says so, stops
// what it must and keeps serving what it can; nothing promised is lost.
#include "ordeal.h"

namespace ashlar::contract {
namespace {

ON_PERSISTENT_ENGINES(EngineFault);
ON_EVERY_ENGINE(EnginePressure);

/// What holds after any fault: the running engine serves all it took (or says that it cannot), and a power cut keeps
/// the promises.
void judge_running(EngineCase engine, Rig& rig, const Witness& witness, std::uint64_t seed) {
    auto found = rig.content();
    if (found) {
        ASSERT_TRUE(witness.holds_all(*found)) << rig.log();
    }
    for (auto loss : {sim::Loss::everything, sim::Loss::lottery, sim::Loss::nothing}) {
        auto disk = rig.crash(seed, loss);
        disk->set_capacity(std::nullopt);
        Rig after(engine, disk);
        ASSERT_TRUE(after.open()) << after.log();
        auto kept = after.content();
        ASSERT_OK(kept);
        ASSERT_TRUE(witness.judge(*kept)) << after.log();
    }
}

/// The calls of an undisturbed run that a predicate likes.
template <class Likes>
std::vector<std::uint64_t> calls_of(EngineCase engine, const Script& script, Likes likes) {
    auto disk = std::make_shared<sim::FaultyDisk>();
    disk->record(true);
    Rig rig(engine, disk);
    Witness witness;
    EXPECT_TRUE(play(script, rig, witness).to_the_end) << rig.log();
    std::vector<std::uint64_t> numbers;
    for (const sim::Call& call : disk->trace())
        if (likes(call)) numbers.push_back(call.number);
    return numbers;
}

}  // namespace

void fail_every_sync(const EngineCase& engine) {
    Script script;
    script.seed = 31;
    std::uint64_t stopped = 0;
    for (std::uint64_t number : calls_of(engine, script, [](const sim::Call& c) { return c.syncs(); })) {
        SCOPED_TRACE(kit::text("call ", number));
        auto disk = std::make_shared<sim::FaultyDisk>();
        disk->fail_call(number);
        Rig rig(engine, disk);
        if (!rig.open()) continue;  // the sync was part of making the engine: refusing is right
        Witness witness;
        Outcome outcome = play(script, rig, witness);
        disk->heal();
        if (!outcome.sync) {
            ++stopped;
            EXPECT_FALSE(rig->stats().writable);
            EXPECT_NE(rig->stats().why_not, "");
            EXPECT_EQ(code_of(rig.put(key_of(1), slot_of(900'000))), static_cast<int>(Code::closed));
            Result<void> retried = rig.sync();
            EXPECT_FALSE(retried.has_value() && rig->stats().synced == rig->stats().applied)
                << "the sync was tried again";
            EXPECT_OK(rig.content()) << "reads must go on";
        } else if (!outcome.apply) {
            EXPECT_EQ(outcome.apply.error().code, Code::closed) << outcome.apply.error().detail;
        }
        judge_running(engine, rig, witness, number);
        if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_GT(stopped, 10u) << "the syncs of the log must have been among them";
}

namespace {

TEST_P(EngineFault, AFailedSyncStopsWritesForGood) {
    fail_every_sync(GetParam());
}

TEST_P(EngineFault, AnyCallMayFailOnce) {
    Script script;
    script.seed = 32;
    auto numbers = calls_of(GetParam(), script, [](const sim::Call& c) { return true; });
    std::uint64_t step = stride(1 + numbers.size() / 400);
    for (std::size_t i = 0; i < numbers.size(); i += step) {
        for (Code code : {Code::io, Code::no_space}) {
            SCOPED_TRACE(kit::text("call ", numbers[i], " code ", static_cast<int>(code)));
            auto disk = std::make_shared<sim::FaultyDisk>();
            disk->fail_call(numbers[i], code);
            Rig rig(GetParam(), disk);
            if (!rig.open()) {
                disk->heal();
                ASSERT_TRUE(rig.reopen()) << "an engine whose making failed once cannot be made any more\n"
                                          << rig.log();
            }
            Witness witness;
            play(script, rig, witness);
            disk->heal();
            judge_running(GetParam(), rig, witness, numbers[i]);
            if (HasFatalFailure()) return;
        }
    }
}

TEST_P(EngineFault, AllCallsMayFailFromOneOn) {
    Script script;
    script.seed = 33;
    auto numbers = calls_of(GetParam(), script, [](const sim::Call& c) { return true; });
    std::uint64_t step = stride(1 + numbers.size() / 200);
    for (std::size_t i = 0; i < numbers.size(); i += step) {
        SCOPED_TRACE(kit::text("from call ", numbers[i]));
        auto disk = std::make_shared<sim::FaultyDisk>();
        disk->fail_from(numbers[i]);
        Rig rig(GetParam(), disk);
        Witness witness;
        if (rig.open()) play(script, rig, witness);
        if (rig.open()) {
            for (std::uint64_t n = 0; n < script.keys; ++n) {
                auto found = rig.get(key_of(n));
                if (!found) continue;
                Content one, wanted;
                if (!found->empty()) one.emplace(key_of(n), *found);
                if (!witness.wanted(key_of(n)).empty()) wanted.emplace(key_of(n), witness.wanted(key_of(n)));
                ASSERT_TRUE(same_content(witness.settled(wanted), witness.settled(one)));
            }
        }
        disk->heal();
        if (rig.open()) judge_running(GetParam(), rig, witness, numbers[i]);
        if (HasFatalFailure()) return;
    }
}

TEST_P(EngineFault, AFullDiskStopsWritesOnly) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    fill(rig, model, 200, 3, 800);
    rig.disk().set_capacity(rig.disk().used() + (96 << 10));
    bool refused = false;
    std::uint64_t stamp = 100'000;
    for (int i = 0; i < 2000 && !refused; ++i, ++stamp) {
        Key key = key_of(stamp % 300);
        auto done = rig.put_patiently({{key, slot_of(stamp, 800)}});
        refused = !done.has_value();
        if (done) {
            join_into(model, key, slot_of(stamp, 800));
            auto synced = rig.sync();
            refused = !synced.has_value();
        }
        (void)rig.maintain(WallTime{0}, 1).has_value();
    }
    ASSERT_TRUE(refused) << "a full disk was never noticed";
    auto found = rig.content();
    ASSERT_OK(found) << "reads must go on";
    EXPECT_TRUE(same_content(model, *found));
    ASSERT_OK(rig->retire({TokenRange{}, TableId{2}, true, WallTime{0}})) << "deletes of whole tables must go on";

    ASSERT_TRUE(rig.reopen()) << "recovery must work on a full disk\n" << rig.log();
    found = rig.content();
    ASSERT_OK(found);
    EXPECT_TRUE(same_content(model, *found)) << rig.log();
    rig.disk().set_capacity(std::nullopt);
    ASSERT_TRUE(rig.reopen()) << rig.log();
    fill(rig, model, 100, 1, 800, 200'000);
    EXPECT_TRUE(same_content(model, taken(rig.content())));
}

TEST_P(EngineFault, DroppingATableFreesAFullDisk) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    for (std::uint64_t n = 0; n < 600; ++n) {
        Key key = key_of(n, static_cast<std::uint32_t>(1 + n % 2));
        ASSERT_OK(rig.put_patiently({{key, slot_of(n + 1, 800)}}));
        join_into(model, key, slot_of(n + 1, 800));
    }
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    std::uint64_t before = rig.disk().used();
    rig.disk().set_capacity(before + (160 << 10));
    ASSERT_OK(rig->retire({TokenRange{}, TableId{1}, true, WallTime{0}}));
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    std::erase_if(model, [](const auto& held) { return held.first.table == 1; });
    EXPECT_TRUE(same_content(model, taken(rig.content())));
    EXPECT_LT(rig.disk().used(), before * 4 / 5) << "the room came back without a write";
    ASSERT_TRUE(rig.reopen()) << rig.log();
    EXPECT_TRUE(same_content(model, taken(rig.content())));
    fill(rig, model, 50, 1, 500, 10'000);
    EXPECT_TRUE(same_content(model, taken(rig.content())));
}

TEST_P(EnginePressure, IsAnsweredNotSuffered) {
    Overrides overrides = small();
    overrides["capacity_bytes"] = "1MiB";
    Rig rig(GetParam(), disk_, overrides);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    Result<Sequence> done = Sequence{0};
    std::uint64_t stamp = 0;
    while (done && stamp < 20'000) {
        ++stamp;
        done = rig.put(key_of(stamp), slot_of(stamp, 1000));
        if (done) join_into(model, key_of(stamp), slot_of(stamp, 1000));
    }
    ASSERT_FALSE(done) << "20 MB unflushed and no bound was met";
    EXPECT_EQ(done.error().code, GetParam().persistent() ? Code::overloaded : Code::no_space);
    EXPECT_NE(done.error().detail, "");
    EXPECT_TRUE(same_content(model, taken(rig.content()))) << "a refused batch left something behind";
    if (!GetParam().persistent()) {
        ASSERT_OK(rig->retire({TokenRange{}, TableId{1}, true, WallTime{0}}));
        model.clear();
    }
    ASSERT_OK(rig.sync());
    ASSERT_OK(rig.maintain());
    fill(rig, model, 20, 1, 500, 100'000);
    EXPECT_TRUE(same_content(model, taken(rig.content())));
}

}  // namespace
}  // namespace ashlar::contract
