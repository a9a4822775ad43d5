// Frames, and the decision between a torn tail and damage.
#include "faulty_disk.h"
#include "joiner.h"
#include "log_replay.h"
#include "log_writer.h"
#include "names.h"
#include "random.h"

namespace ashlar::lsm {
namespace {

constexpr std::uint64_t directory = 5;

class LogTest : public testing::Test {
protected:
    void put(View key) {
        Write write{at(spread(++sequence), key), "e"};
        buffer.add_batch({&write, 1}, sequence);
    }
    Result<void> sync(SyncDepth depth = SyncDepth::synced) {
        auto chunks = buffer.take();
        return file->write(chunks, depth, 0);
    }
    /// The keys found on a disk, or the refusal.
    Result<std::vector<std::string>> replay(sim::FaultyDisk& on, LogExpected expected = {1, 0, 0, directory}) {
        std::vector<std::string> keys;
        std::vector<std::uint64_t> segments;
        const auto names = on.list("");
        for (const std::string& name : *names)
            if (auto n = number_in(name, log_prefix)) segments.push_back(*n);
        auto done = replay_log(on, segments, expected, [&](std::uint64_t, const RecordReader& record) -> Result<void> {
            for (const Write& write : record.writes) keys.emplace_back(write.key.key);
            return {};
        });
        if (!done) return done.error();
        replayed = *done;
        return keys;
    }
    std::unique_ptr<sim::FaultyDisk> copy() { return disk.crash(0, sim::Loss::nothing); }
    std::uint64_t frame_at(View key) { return disk.contents(log_name(1)).find(key); }

    sim::FaultyDisk disk;
    sim::SeededRandom random{3};
    LogBuffer buffer{random, directory, 1, 4096};
    std::unique_ptr<LogFile> file = std::make_unique<LogFile>(disk, 8192, 0);
    Sequence sequence = 0;
    Replayed replayed;
};

using Keys = std::vector<std::string>;

TEST_F(LogTest, GivesBackWhatWasSynced) {
    put("one");
    put("two");
    ASSERT_TRUE(fine(sync()));
    put("three");
    ASSERT_TRUE(fine(sync()));
    EXPECT_EQ(file->synced(), 3u);
    put("four");
    ASSERT_TRUE(fine(sync(SyncDepth::written)));
    EXPECT_EQ(file->synced(), 3u);
    EXPECT_EQ(file->written(), 4u);
    auto after_cut = disk.crash(1, sim::Loss::everything);
    auto found = replay(*after_cut);
    ASSERT_TRUE(fine(found));
    EXPECT_EQ(*found, (Keys{"one", "two", "three"}));
    EXPECT_EQ(*replay(*copy()), (Keys{"one", "two", "three", "four"}));
}

TEST_F(LogTest, OneSyncServesAllThatGathered) {
    put("first");
    ASSERT_TRUE(fine(sync()));
    std::uint64_t before = file->syncs();
    for (int n = 0; n < 32; ++n) put(kit::text("k", n));
    ASSERT_TRUE(fine(sync()));
    EXPECT_EQ(file->syncs(), before + 1);
}

TEST_F(LogTest, WrittenMeansNoSync) {
    put("first");
    ASSERT_TRUE(fine(sync()));
    std::uint64_t before = file->syncs();
    put("second");
    ASSERT_TRUE(fine(sync(SyncDepth::written)));
    EXPECT_EQ(file->syncs(), before);
}

TEST_F(LogTest, RefusesRotInTheMiddleAndSaysWhere) {
    for (const char* key : {"alpha", "beta", "gamma"}) {
        put(key);
        ASSERT_TRUE(fine(sync()));
    }
    for (const char* key : {"alpha", "beta", "gamma"}) {  // the last one too: the mark behind it knows
        auto bad = copy();
        ASSERT_TRUE(bad->flip_bit(log_name(1), frame_at(key) * 8));
        auto found = replay(*bad);
        ASSERT_FALSE(found) << key;
        EXPECT_EQ(found.error().code, Code::corrupt);
        EXPECT_NE(found.error().detail.find("log-000000000001 is damaged at offset"), std::string::npos)
            << found.error().detail;
        EXPECT_NE(found.error().detail.find("Put back a copy"), std::string::npos) << "what to do";
    }
}

TEST_F(LogTest, RefusesRotBehindTheSyncedMarkIfGoodRecordsFollow) {
    put("alpha");
    ASSERT_TRUE(fine(sync()));
    for (const char* key : {"beta", "gamma"}) {
        put(key);
        ASSERT_TRUE(fine(sync(SyncDepth::written)));
    }
    auto bad = copy();
    ASSERT_TRUE(bad->flip_bit(log_name(1), frame_at("beta") * 8));
    EXPECT_FALSE(replay(*bad));
    bad = copy();
    ASSERT_TRUE(bad->flip_bit(log_name(1), frame_at("gamma") * 8));
    auto found = replay(*bad);  // the last write, never synced: that is what a torn tail looks like
    ASSERT_TRUE(fine(found));
    EXPECT_EQ(*found, (Keys{"alpha", "beta"}));
    EXPECT_TRUE(replayed.torn);
}

TEST_F(LogTest, AnyPowerCutLeavesABeginningAtLeastAsLongAsWhatWasSynced) {
    Keys all;
    for (int n = 0; n < 12; ++n) {
        all.push_back(kit::text("key-", n, Bytes(static_cast<std::size_t>(n) * 70, 'k')));
        put(all.back());
        ASSERT_TRUE(fine(sync(n < 4 ? SyncDepth::synced : SyncDepth::written)));
    }
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        auto after_cut = disk.crash(seed, sim::Loss::lottery);
        auto found = replay(*after_cut);
        ASSERT_TRUE(fine(found)) << seed;
        ASSERT_GE(found->size(), 4u);
        ASSERT_TRUE(std::equal(found->begin(), found->end(), all.begin())) << seed;
    }
}

TEST_F(LogTest, MissesALostSegmentAndAnEndCutOff) {
    for (int n = 0; n < 30; ++n) {
        put(kit::text("key-", n, Bytes(400, 'k')));
        ASSERT_TRUE(fine(sync()));
    }
    ASSERT_GE(file->segments().size(), 3u);
    std::uint64_t last = file->segments().back().first;
    for (std::uint64_t lost = 1; lost <= last; ++lost) {
        auto bad = copy();
        ASSERT_TRUE(fine(bad->remove(log_name(lost))));
        EXPECT_FALSE(replay(*bad)) << lost;
        for (std::uint64_t length : {0u, 30u, 64u, 700u, 4000u}) {
            bad = copy();
            ASSERT_TRUE(bad->truncate(log_name(lost), length));
            EXPECT_FALSE(replay(*bad)) << lost << " cut to " << length;
        }
    }
    // Only the first is left to tell of the second, when the manifest counts from the second on.
    auto bad = copy();
    for (std::uint64_t lost = 2; lost <= last; ++lost) ASSERT_TRUE(fine(bad->remove(log_name(lost))));
    EXPECT_FALSE(replay(*bad, {2, 1, 10, directory}));
    ASSERT_TRUE(fine(bad->remove(log_name(1))));
    EXPECT_FALSE(replay(*bad, {2, 2, 10, directory})) << "the manifest knows that it was made";
}

TEST_F(LogTest, RefusesForeignAndNewerSegments) {
    put("alpha");
    ASSERT_TRUE(fine(sync()));
    EXPECT_FALSE(replay(disk, {1, 0, 0, directory + 1}));
    Bytes content = disk.contents(log_name(1));
    ++content[8];
    sim::FaultyDisk newer;
    ASSERT_TRUE(fine((*newer.create(log_name(1)))->append(content)));
    auto found = replay(newer);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::unsupported);
    EXPECT_NE(found.error().detail.find("format version 2"), std::string::npos);
}

TEST_F(LogTest, AFullDiskLeavesTheLogAsItWas) {
    put("alpha");
    ASSERT_TRUE(fine(sync()));
    disk.set_capacity(disk.used());
    put(Bytes(20'000, 'b'));
    auto chunks = buffer.take();
    auto done = file->write(chunks, SyncDepth::synced, 0);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::no_space);
    EXPECT_EQ(chunks.size(), 1u) << "not written, so it can be tried again";
    disk.set_capacity(std::nullopt);
    ASSERT_TRUE(fine(file->write(chunks, SyncDepth::synced, 0)));
    auto found = replay(*copy());
    ASSERT_TRUE(fine(found));
    EXPECT_EQ(found->size(), 2u);
    EXPECT_FALSE(replayed.torn);
}

TEST_F(LogTest, AValueThatLooksLikeAFrameIsNone) {
    // What a client could send: a frame as this file would hold it, but for the salt it cannot know.
    FileHeader guess;
    guess.number = 1;
    guess.directory = directory;
    Bytes fake(frame_header_bytes, 0);
    fake.append("payload");
    Frame fields;
    fields.first = fields.last = 9;
    fields.synced = 8;
    seal_frame(fake, guess, fields);
    put("alpha");
    ASSERT_TRUE(fine(sync()));
    put(fake);
    ASSERT_TRUE(fine(sync(SyncDepth::written)));
    auto bad = copy();
    ASSERT_TRUE(bad->flip_bit(log_name(1), (frame_at("payload") - frame_header_bytes - 30) * 8));
    EXPECT_TRUE(fine(replay(*bad))) << "the record that holds it is torn; nothing valid follows";
}

}  // namespace
}  // namespace ashlar::lsm
