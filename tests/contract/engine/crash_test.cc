// Power cuts: at every call of the disk seam, during recovery, between process deaths. What was promised is there,
// nothing else is, and what was served once is served again.
#include "ordeal.h"

namespace ashlar::contract {
namespace {

ON_CRASH_ENGINES(EngineCrash);

using Crashed = std::shared_ptr<sim::FaultyDisk>;

/// Opens what a crash left and holds it against the witness; then checks that it stays so through another power cut
/// that takes all it may, and that writes go on.
void recover_and_judge(EngineCase engine, const Crashed& disk, const Witness& witness, Sequence acknowledged) {
    Rig rig(engine, disk);
    ASSERT_TRUE(rig.open()) << rig.log();
    auto found = rig.content();
    ASSERT_OK(found) << rig.log();
    ASSERT_TRUE(witness.judge(*found)) << rig.log();
    for (const auto& [key, entry] : *found) ASSERT_EQ(taken(rig.get(key)), entry) << show(key);
    EXPECT_GE(rig->stats().applied, acknowledged) << "the sequence went back";

    Rig again(engine, rig.crash(0, sim::Loss::everything));
    ASSERT_TRUE(again.open()) << "served once, refused the second time\n" << again.log();
    auto second = again.content();
    ASSERT_OK(second) << again.log();
    ASSERT_TRUE(same_content(witness.settled(*found), witness.settled(*second))) << "served once, not the second time\n"
                                                                                 << again.log();

    Slot fresh = slot_of(1'000'000, 100, 7);
    auto sequence = again.put_patiently({{key_of(3), fresh}});
    ASSERT_OK(sequence);
    EXPECT_GT(*sequence, acknowledged) << "the sequence went back";
    ASSERT_OK(again.sync());
    ASSERT_OK(again.maintain());
    join_into(*second, key_of(3), fresh);
    Rig third(engine, again.crash(1, sim::Loss::everything));
    ASSERT_TRUE(third.open()) << third.log();
    EXPECT_TRUE(same_content(witness.settled(*second), witness.settled(taken(third.content())))) << third.log();
}

/// The calls of a whole run at which a cut may find something new.
std::vector<std::uint64_t> cuts_of(EngineCase engine, const Script& script) {
    auto disk = std::make_shared<sim::FaultyDisk>();
    disk->record(true);
    Rig rig(engine, disk);
    Witness witness;
    Outcome outcome = play(script, rig, witness);
    EXPECT_TRUE(outcome.to_the_end) << rig.log();
    EXPECT_OK(outcome.maintain);
    EXPECT_TRUE(witness.holds_all(taken(rig.content())));
    std::vector<std::uint64_t> cuts;
    for (const sim::Call& call : disk->trace())
        if (call.changes()) cuts.push_back(call.number);
    return cuts;
}

/// Runs the script until the power goes at a call.
struct Interrupted {
    Crashed disk;
    Witness witness;
    Sequence synced = 0;
    std::unique_ptr<Rig> rig;
};
Interrupted interrupted(EngineCase engine, const Script& script, std::uint64_t cut) {
    Interrupted out;
    out.disk = std::make_shared<sim::FaultyDisk>();
    out.disk->cut_power_at(cut);
    out.rig = std::make_unique<Rig>(engine, out.disk);
    if (out.rig->open()) {
        play(script, *out.rig, out.witness);
        out.synced = (*out.rig)->stats().synced;
    }
    return out;
}

}  // namespace

void crash_at_every_call(const EngineCase& engine, const Script& script, std::uint64_t crashes, std::size_t stride) {
    auto cuts = cuts_of(engine, script);
    for (std::size_t i = 0; i < cuts.size(); i += stride) {
        std::uint64_t cut = cuts[i];
        Interrupted run = interrupted(engine, script, cut);
        for (std::uint64_t crash = 0; crash < crashes; ++crash) {
            SCOPED_TRACE(kit::text("script ", script.seed, ", cut at call ", cut, ", crash ", crash));
            auto loss = crash == 0 ? sim::Loss::everything : sim::Loss::lottery;
            recover_and_judge(engine, run.rig->crash(cut * 100 + crash, loss), run.witness, run.synced);
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

namespace {

TEST_P(EngineCrash, AtEveryCall) {
    for (std::uint64_t seed = 1; seed <= scaled(2, 20) && !HasFatalFailure(); ++seed) {
        Script script;
        script.seed = seed;
        crash_at_every_call(GetParam(), script, scaled(3, 12), stride(1));
    }
}

TEST_P(EngineCrash, AtCallsOfALongerLife) {
    for (std::uint64_t seed = 1; seed <= scaled(1, 5) && !HasFatalFailure(); ++seed) {
        Script script;
        script.seed = 50 + seed;
        script.batches = 200;
        crash_at_every_call(GetParam(), script, scaled(2, 6), stride(4));
    }
}

TEST_P(EngineCrash, AtEveryCallOfARecovery) {
    Script script;
    script.seed = 99;
    auto cuts = cuts_of(GetParam(), script);
    sim::SeededRandom random(1);
    for (std::uint64_t i = 0; i < scaled(6, 60); ++i) {
        std::uint64_t cut = cuts[cuts.size() / 3 + random.below(cuts.size() * 2 / 3)];
        Interrupted run = interrupted(GetParam(), script, cut);
        Crashed crashed = run.rig->crash(i);
        for (std::uint64_t second = 1;; ++second) {
            SCOPED_TRACE(kit::text("cut at call ", cut, ", crash ", i, ", cut at call ", second, " of the recovery"));
            Crashed disk(crashed->crash(0, sim::Loss::nothing));
            disk->cut_power_at(second);
            Rig rig(GetParam(), disk);
            if (rig.open() && !disk->powerless()) break;
            recover_and_judge(GetParam(), rig.crash(second), run.witness, run.synced);
            if (HasFatalFailure()) return;
        }
    }
}

TEST_P(EngineCrash, OfTheProcessOnly) {
    for (std::uint64_t seed = 1; seed <= scaled(5, 50); ++seed) {
        SCOPED_TRACE(kit::text("script ", seed));
        Script script;
        script.seed = 1000 + seed;
        auto disk = std::make_shared<sim::FaultyDisk>();
        Rig rig(GetParam(), disk);
        Witness witness;
        ASSERT_TRUE(play(script, rig, witness).to_the_end) << rig.log();
        for (std::uint64_t n = 0; n < 5; ++n) {
            Batch batch{{key_of(n), slot_of(500'000 + n, 200)}};
            ASSERT_OK(rig.put_patiently(batch));
            witness.applied(batch);
        }
        ASSERT_OK(rig.sync(SyncDepth::written));
        witness.promised(witness.events());
        recover_and_judge(GetParam(), rig.crash(0, sim::Loss::nothing), witness, rig->stats().synced);
        if (HasFatalFailure()) return;
    }
}

TEST_P(EngineCrash, ManyTimesInALife) {
    for (std::uint64_t seed = 1; seed <= scaled(4, 40); ++seed) {
        auto disk = std::make_shared<sim::FaultyDisk>();
        Witness witness;
        sim::SeededRandom random(seed);
        Content served;
        for (std::uint64_t life = 0; life < 8; ++life) {
            SCOPED_TRACE(kit::text("seed ", seed, ", life ", life));
            Rig rig(GetParam(), disk);
            ASSERT_TRUE(rig.open()) << rig.log();
            auto found = rig.content();
            ASSERT_OK(found);
            if (life > 0) {
                ASSERT_TRUE(witness.judge(*found)) << rig.log();
            }
            // What an unclean start serves is durable: it is the promise of the next life.
            Witness next;
            Batch held;
            for (const auto& [key, entry] : *found) {
                auto slots = decode(entry);
                ASSERT_OK(slots);
                for (const Slot& slot : *slots) held.emplace_back(key, slot);
            }
            if (!held.empty()) next.applied(held);
            next.promised(next.events());
            witness = next;
            for (std::uint64_t i = 0; i < 30 + random.below(60); ++i) {
                std::uint64_t stamp = (life + 1) * 10'000 + i;
                Batch batch{{key_of(random.below(40)), slot_of(stamp, 1200, static_cast<std::uint8_t>(i % 3))}};
                ASSERT_OK(rig.put_patiently(batch));
                witness.applied(batch);
                if (random.one_in(3)) {
                    ASSERT_OK(rig.sync());
                    witness.promised(witness.events());
                }
                if (random.one_in(3)) {
                    ASSERT_OK(rig.maintain(WallTime{0}, 1));
                }
            }
            disk = rig.crash(random.next());
        }
    }
}

TEST_P(EngineCrash, AfterACleanStopLosesNothing) {
    Rig rig(GetParam(), disk_);
    ASSERT_TRUE(rig.open()) << rig.log();
    Content model;
    for (int round = 0; round < 4; ++round) {
        fill(rig, model, 100, 2, 600, static_cast<std::uint64_t>(1 + round * 1000));
        Sequence applied = rig->stats().applied;
        ASSERT_TRUE(rig.reopen()) << rig.log();
        EXPECT_EQ(rig->stats().applied, applied);
        auto found = rig.content();
        ASSERT_OK(found);
        ASSERT_TRUE(same_content(model, *found)) << rig.log();
    }
}

}  // namespace
}  // namespace ashlar::contract
