// RocksDB as a server of this kind would set it up, with the sizes that the own engine gets.
#include "store.h"

#ifdef ASHLAR_HAVE_ROCKSDB

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace ashlar::bench {

namespace {

class RocksStore final : public Store {
public:
    RocksStore(const std::string& directory, const Sizes& sizes) {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.write_buffer_size = sizes.memtable_bytes;
        options.max_write_buffer_number = 4;
        options.max_bytes_for_level_base = sizes.level_base_bytes;
        options.target_file_size_base = sizes.table_bytes;
        options.compression = rocksdb::kLZ4Compression;
        options.max_background_jobs = 2;
        options.statistics = statistics_;
        rocksdb::BlockBasedTableOptions table;
        table.block_cache = rocksdb::NewLRUCache(sizes.block_cache_bytes);
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        table.format_version = 5;
        options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        rocksdb::DB* db = nullptr;
        must(rocksdb::DB::Open(options, directory, &db));
        db_.reset(db);
    }

    std::string name() const override { return "rocksdb"; }

    std::uint64_t write(std::span<const KeyNumber> keys, std::uint32_t round) override {
        for (KeyNumber key : keys) must(db_->Put({}, key_bytes(key), value_bytes(key, round)));
        must(db_->SyncWAL());
        return 0;
    }

    void settle() override {
        for (;;) {
            std::uint64_t busy = 0;
            for (const std::string& what :
                 {rocksdb::DB::Properties::kNumRunningFlushes, rocksdb::DB::Properties::kNumRunningCompactions,
                  rocksdb::DB::Properties::kMemTableFlushPending, rocksdb::DB::Properties::kCompactionPending}) {
                std::uint64_t n = 0;
                db_->GetIntProperty(what, &n);
                busy += n;
            }
            if (busy == 0) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    std::uint64_t read(std::span<const KeyNumber> keys) override {
        std::uint64_t right = 0;
        rocksdb::PinnableSlice value;
        for (KeyNumber key : keys) {
            value.Reset();
            auto status = db_->Get({}, db_->DefaultColumnFamily(), key_bytes(key), &value);
            if (!status.ok() && !status.IsNotFound()) must(status);
            if (status.ok() && value.size() == value_length) ++right;
        }
        return right;
    }

    Durable durable(std::uint32_t writers, double seconds, std::uint32_t round) override {
        Durable out;
        std::vector<std::vector<double>> latencies(writers);
        std::uint64_t syncs_before = statistics_->getTickerCount(rocksdb::WAL_FILE_SYNCED);
        std::atomic<std::uint64_t> writes{0};
        double start = now_seconds();
        std::vector<std::thread> threads;
        for (std::uint32_t w = 0; w < writers; ++w)
            threads.emplace_back([&, w] {
                rocksdb::WriteOptions synced;
                synced.sync = true;
                for (double begun = now_seconds(); begun < start + seconds; begun = now_seconds()) {
                    auto key = static_cast<KeyNumber>(writes.fetch_add(1) % 50'000);
                    must(db_->Put(synced, key_bytes(key), value_bytes(key, round)));
                    latencies[w].push_back((now_seconds() - begun) * 1e6);
                }
            });
        for (std::thread& thread : threads) thread.join();
        out.seconds = now_seconds() - start;
        out.writes = writes;
        out.syncs = statistics_->getTickerCount(rocksdb::WAL_FILE_SYNCED) - syncs_before;
        for (auto& some : latencies) out.latencies_us.insert(out.latencies_us.end(), some.begin(), some.end());
        return out;
    }

private:
    static void must(const rocksdb::Status& status) {
        if (!status.ok()) give_up("rocksdb", status.ToString());
    }
    std::shared_ptr<rocksdb::Statistics> statistics_ = rocksdb::CreateDBStatistics();
    std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

std::unique_ptr<Store> open_rocks(const std::string& directory, const Sizes& sizes) {
    return std::make_unique<RocksStore>(directory, sizes);
}

}  // namespace ashlar::bench

#else

namespace ashlar::bench {

std::unique_ptr<Store> open_rocks(const std::string&, const Sizes&) {
    return nullptr;
}

}  // namespace ashlar::bench

#endif
