// One engine on one disk that can fail: the stage of this folder's tests.
#pragma once

#include "faulty_disk.h"
#include "joiner.h"
#include "lsm.h"
#include "plain_host.h"

namespace ashlar::lsm {

class LsmTest : public testing::Test {
protected:
    LsmTest() {
        tuning.memtable_bytes = 64 << 10;
        tuning.log_segment_bytes = 32 << 10;
        tuning.log_reserve_bytes = 8 << 10;
        tuning.block_bytes = 512;
        tuning.table_bytes = 32 << 10;
        tuning.level_base_bytes = 128 << 10;
        tuning.level_ratio = 4;
        tuning.disk_reserve_bytes = 0;
    }
    Result<void> open() {
        engine.reset();
        host = std::make_unique<sim::PlainHost>(*disk, joiner, seed);
        auto made = Lsm::open(*host, tuning);
        if (!made) return made.error();
        engine = std::move(*made);
        return {};
    }
    static Result<void> carry_out(std::unique_ptr<Work> work) {
        if (work == nullptr) return {};
        work->run();
        return work->finish();
    }
    Result<void> sync() { return carry_out(engine->sync(SyncDepth::synced)); }
    void maintain(WallTime now = {}) {
        while (auto work = engine->maintain(64 << 10, now)) {
            work->run();
            ASSERT_TRUE(fine(work->finish()));
        }
    }
    Result<Sequence> put(Token token, View key, View entry) {
        Write write{at(token, key), entry};
        return engine->apply({&write, 1});
    }
    Bytes get(Token token, View key) {
        auto found = engine->snapshot()->get(at(token, key));
        EXPECT_TRUE(fine(found));
        return found && found->state == Found::State::present ? Bytes(found->entry()) : Bytes("-");
    }
    /// Writes keys 0..count, 100 times the letter.
    void fill(std::uint64_t count, char letter, std::uint64_t from = 0) {
        for (std::uint64_t n = from; n < from + count; ++n) {
            while (!put(spread(n), kit::text("key-", n), Bytes(1, letter) + pad(n))) {
                ASSERT_TRUE(fine(sync()));
                maintain();
            }
        }
    }
    /// Digits that make entries of some length and survive the joiner.
    static Bytes pad(std::uint64_t) { return "0123456789"; }
    std::int64_t fact(const std::string& name) {
        for (const auto& [n, value] : engine->stats().facts)
            if (n == name) return value;
        return 0;
    }
    std::vector<std::string> files(View prefix) {
        std::vector<std::string> out;
        for (const std::string& name : disk->files())
            if (name.starts_with(prefix)) out.push_back(name);
        return out;
    }

    LetterJoiner joiner;
    std::unique_ptr<sim::FaultyDisk> disk = std::make_unique<sim::FaultyDisk>();
    Tuning tuning;
    std::uint64_t seed = 1;  ///< of what the engine draws at its start
    std::unique_ptr<sim::PlainHost> host;
    std::unique_ptr<Lsm> engine;
};

}  // namespace ashlar::lsm
