// The engine through its contract, driven as the kernel drives it: the loop applies and looks, one lane syncs the log,
// another flushes and compacts.
#include <algorithm>

#include "ashlar/plugin.h"
#include "host/posix_disk.h"
#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "lane.h"
#include "plain_host.h"
#include "rig.h"
#include "store.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_storage_engine_memory;
extern const ashlar::Descriptor ashlar_plugin_storage_engine_lsm;
}

namespace ashlar::bench {

namespace {

/// The newest of two values by the stamp they open with: the least a resolver can do.
class NewestWins final : public Joiner {
public:
    Result<Bytes> join(TableId, View a, View b) const noexcept override {
        return Bytes(kit::load<std::uint64_t>(a.data()) < kit::load<std::uint64_t>(b.data()) ? b : a);
    }
    Result<Bytes> settle(TableId, View entry, const Keep&) const noexcept override { return Bytes(entry); }
};

class OwnStore final : public Store {
public:
    OwnStore(const Descriptor& card, const std::string& directory, const Sizes& sizes) : card_(card) {
        auto disk = host::PosixDisk::on(directory);
        if (!disk) give_up(directory, disk.error().detail);
        disk_ = std::move(*disk);
        host_ = std::make_unique<sim::PlainHost>(*disk_, joiner_);
        Settings settings = contract::fill_settings(card, {{"memtable_bytes", kit::text(sizes.memtable_bytes)},
                                                           {"level_base_bytes", kit::text(sizes.level_base_bytes)},
                                                           {"table_bytes", kit::text(sizes.table_bytes)},
                                                           {"block_cache_bytes", kit::text(sizes.block_cache_bytes)},
                                                           {"capacity_bytes", "16GiB"}});
        Error error;
        engine_ = static_cast<StorageEngine*>(card.create(host_.get(), &settings, &error));
        if (!engine_) give_up(card.name, error.detail);
    }
    ~OwnStore() override {
        while (sync_.busy() || maintain_.busy()) wait();
        card_.destroy(engine_);
    }

    std::string name() const override { return card_.name; }

    std::uint64_t write(std::span<const KeyNumber> keys, std::uint32_t round) override {
        std::uint64_t waits = 0;
        for (KeyNumber key : keys) {
            while (!apply(key, round)) {
                ++waits;
                turn(SyncDepth::written);
                wait();
            }
            turn(SyncDepth::written);
        }
        while (engine_->stats().synced < engine_->stats().applied || sync_.busy()) {
            turn(SyncDepth::synced);
            if (sync_.busy()) wait();
        }
        return waits;
    }

    void settle() override {
        do {
            turn(SyncDepth::synced);
            if (sync_.busy() || maintain_.busy()) wait();
        } while (sync_.busy() || maintain_.busy());
    }

    std::uint64_t read(std::span<const KeyNumber> keys) override {
        std::uint64_t right = 0;
        for (KeyNumber key : keys) {
            std::string bytes = key_bytes(key);
            EntryKey at{kit::hash64(bytes), TableId{1}, bytes};
            auto found = engine_->get(at);
            if (found && found->state == Found::State::needs_disk) found = engine_->snapshot()->get(at);
            if (!found) give_up("read", found.error().detail);
            if (found->state == Found::State::present && found->entry().size() == value_length + 8) ++right;
        }
        return right;
    }

    Durable durable(std::uint32_t writers, double seconds, std::uint32_t round) override {
        Durable out;
        std::vector<double> begun(writers, 0);  // 0: idle
        std::vector<Sequence> waits_for(writers, 0);
        double start = now_seconds();
        double end = start + seconds;
        for (bool waiting = true; waiting;) {
            waiting = false;
            double now = now_seconds();
            for (std::uint32_t w = 0; w < writers; ++w) {
                if (begun[w] != 0 && engine_->stats().synced >= waits_for[w]) {
                    out.latencies_us.push_back((now - begun[w]) * 1e6);
                    begun[w] = 0;
                }
                if (begun[w] == 0 && now < end && apply(static_cast<KeyNumber>(out.writes % 50'000), round)) {
                    begun[w] = now;
                    waits_for[w] = engine_->stats().applied;
                    ++out.writes;
                }
                waiting = waiting || begun[w] != 0;
            }
            out.syncs += turn(SyncDepth::synced) ? 1 : 0;
            if (waiting && sync_.busy()) wait();
        }
        out.seconds = now_seconds() - start;
        return out;
    }

private:
    /// False: overloaded.
    bool apply(KeyNumber key, std::uint32_t round) {
        std::string bytes = key_bytes(key);
        entry_.clear();
        kit::Writer writer(entry_);
        writer.u64(++stamp_);
        writer.bytes(value_bytes(key, round));
        Write write{{kit::hash64(bytes), TableId{1}, bytes}, entry_};
        auto done = engine_->apply({&write, 1});
        if (!done && done.error().code != Code::overloaded) give_up("apply", done.error().detail);
        return done.has_value();
    }

    /// Takes over what the lanes did and hands them what there is. Whether a sync began.
    bool turn(SyncDepth depth) {
        for (Lane* lane : {&sync_, &maintain_}) {
            if (!lane->busy()) continue;
            if (auto work = lane->take(); work) {
                if (auto done = work->finish(); !done) give_up("work", done.error().detail);
            }
        }
        if (!maintain_.busy()) {
            if (auto work = engine_->maintain(8 << 20, WallTime{1}); work) maintain_.run(std::move(work));
        }
        if (sync_.busy()) return false;
        auto work = engine_->sync(depth);
        bool began = work != nullptr;
        if (began) sync_.run(std::move(work));
        return began;
    }
    /// Sleeps until a lane is done.
    void wait() {
        std::unique_lock lock(bell_.mutex);
        if (!sync_.busy() && !maintain_.busy()) return;
        bell_.rung.wait(lock, [&] { return sync_.done() || maintain_.done(); });
    }

    const Descriptor& card_;
    NewestWins joiner_;
    std::unique_ptr<host::PosixDisk> disk_;
    std::unique_ptr<sim::PlainHost> host_;
    StorageEngine* engine_ = nullptr;
    std::uint64_t stamp_ = 0;
    Bytes entry_;
    Bell bell_;
    Lane sync_{bell_};
    Lane maintain_{bell_};
};

}  // namespace

double sync_probe_us(const std::string& directory) {
    auto disk = host::PosixDisk::on(directory);
    if (!disk) give_up(directory, disk.error().detail);
    auto file = (*disk)->create("sync-probe");
    if (!file) give_up("sync-probe", file.error().detail);
    const Bytes kilobyte(1024, 'p');
    constexpr std::size_t probes = 101;
    std::vector<double> took;
    bool fine = (*file)->reserve(probes * kilobyte.size()) && (*file)->sync();
    for (std::size_t i = 0; i < probes && fine; ++i) {
        double begun = now_seconds();
        fine = (*file)->append(kilobyte) && (*file)->sync();
        took.push_back((now_seconds() - begun) * 1e6);
    }
    if (!fine || !(*disk)->remove("sync-probe")) give_up("sync-probe", "the disk refused");
    std::sort(took.begin(), took.end());
    return took[probes / 2];
}

std::unique_ptr<Store> open_own(const std::string& engine, const std::string& directory, const Sizes& sizes) {
    for (const Descriptor* card : {&ashlar_plugin_storage_engine_lsm, &ashlar_plugin_storage_engine_memory})
        if (engine == card->name) return std::make_unique<OwnStore>(*card, directory, sizes);
    give_up(engine, "no such engine; there are lsm and memory");
}

}  // namespace ashlar::bench
