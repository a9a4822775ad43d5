// bench-engine: a storage engine through its contract beside RocksDB, on the disk of --dir.
//
// Both stores get the same keys, values, sizes and order of work, in turns, and each rests until its compactions are
// done before the other's turn. See docs/performance.md for how to read the figures.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <numeric>

#include "kit/hash.h"
#include "kit/text.h"
#include "random.h"
#include "report.h"
#include "store.h"

namespace ashlar::bench {

void give_up(std::string_view what, std::string_view why) {
    std::fprintf(stderr, "bench-engine: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(why.size()), why.data());
    std::_Exit(1);
}

double now_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string key_bytes(KeyNumber key) {
    return "user" + kit::hex16(kit::hash64(kit::text(key))).substr(0, 12);
}

std::string value_bytes(KeyNumber key, std::uint32_t round) {
    // Half chance, half repetition, cut from one stretch of chance: making values must cost next to nothing.
    static const std::string chance = [] {
        sim::SeededRandom random(1);
        std::string out;
        while (out.size() < 1 << 16) out.append(kit::hex16(random.next()));
        return out;
    }();
    std::string out = kit::text(key, '/', round, ':');
    std::size_t from = (key * 7919u + round * 104729u) % (chance.size() - value_length);
    out.append(chance, from, value_length * 6 / 10);
    out.resize(value_length, 'x');
    return out;
}

namespace {

struct Options {
    std::uint32_t keys = 1'000'000;
    double durable_seconds = 10;
    Sizes sizes{64 << 20, 256 << 20, 64 << 20, 256 << 20};
    std::string directory = "/var/tmp";
    std::string engine = "lsm";
    bool json = false;
};

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::vector<KeyNumber> drawn(std::uint32_t from, std::uint32_t count, std::uint64_t seed, bool all_once) {
    std::vector<KeyNumber> keys(count);
    std::iota(keys.begin(), keys.end(), from);
    sim::SeededRandom random(seed);
    for (std::uint32_t i = count; i > 1 && all_once; --i) std::swap(keys[i - 1], keys[random.below(i)]);
    for (std::uint32_t i = 0; i < count && !all_once; ++i) keys[i] = from + static_cast<KeyNumber>(random.below(count));
    return keys;
}

Figures measure_writes(Store& store, const std::vector<KeyNumber>& keys, std::uint32_t round) {
    Figures out;
    double cpu = cpu_seconds(), start = now_seconds();
    out.waits = store.write(keys, round);
    double written = now_seconds();
    store.settle();
    double count = static_cast<double>(keys.size());
    out.ops_per_second = count / (written - start);
    out.settle_seconds = now_seconds() - written;
    out.cpu_us_per_op = (cpu_seconds() - cpu) * 1e6 / count;
    return out;
}

Figures measure_reads(Store& store, const std::vector<KeyNumber>& keys, bool present) {
    Figures out;
    double cpu = cpu_seconds(), start = now_seconds();
    std::uint64_t found = store.read(keys);
    double count = static_cast<double>(keys.size());
    out.ops_per_second = count / (now_seconds() - start);
    out.cpu_us_per_op = (cpu_seconds() - cpu) * 1e6 / count;
    if (found != (present ? keys.size() : 0))
        give_up(store.name(), kit::text("found ", found, " of ", keys.size(), " keys"));
    return out;
}

Figures figures_of(Durable& done, double cpu) {
    Figures out;
    double count = static_cast<double>(done.writes);
    out.cpu_us_per_op = cpu * 1e6 / count;
    out.ops_per_second = count / done.seconds;
    out.syncs_per_write = static_cast<double>(done.syncs) / count;
    std::sort(done.latencies_us.begin(), done.latencies_us.end());
    out.p50_us = done.latencies_us[done.latencies_us.size() / 2];
    out.p99_us = done.latencies_us[done.latencies_us.size() * 99 / 100];
    return out;
}

struct Load {
    std::uint32_t writers;
    double seconds;
    std::uint32_t round;
};
/// In many short turns: what else happens on the disk changes by the second and must hit both alike.
Row measure_durable(const char* phase, Store& own, Store* rival, const Load& load, const std::string& directory) {
    constexpr int turns = 8;
    Store* stores[2] = {&own, rival};
    Durable sums[2];
    double cpu[2] = {0, 0};
    std::vector<double> probes;
    for (int turn = 0; turn < turns; ++turn) {
        probes.push_back(sync_probe_us(directory));
        for (int i = 0; i < 2 && stores[i]; ++i) {
            double before = cpu_seconds();
            Durable part = stores[i]->durable(load.writers, load.seconds / turns, load.round);
            cpu[i] += cpu_seconds() - before;
            sums[i].seconds += part.seconds;
            sums[i].writes += part.writes;
            sums[i].syncs += part.syncs;
            sums[i].latencies_us.insert(sums[i].latencies_us.end(), part.latencies_us.begin(), part.latencies_us.end());
            stores[i]->settle();
        }
    }
    std::sort(probes.begin(), probes.end());
    return {phase, figures_of(sums[0], cpu[0]), rival ? figures_of(sums[1], cpu[1]) : Figures{}, probes[turns / 2]};
}

Report run(const Options& options, const std::string& directory) {
    std::filesystem::create_directories(directory + "/own");
    auto own = open_own(options.engine, directory + "/own", options.sizes);
    auto rival = open_rocks(directory + "/rocksdb", options.sizes);
    Report report;
    report.engine = own->name();
    report.rival = rival != nullptr;
    report.setting = kit::text(options.keys, " keys, values of ", value_length, " bytes, memtable ",
                               options.sizes.memtable_bytes >> 20, " MiB, cache ",
                               options.sizes.block_cache_bytes >> 20, " MiB, in ", options.directory);
    auto phase = [&](const char* name, const std::function<Figures(Store&)>& measure) {
        report.rows.push_back({name, measure(*own), rival ? measure(*rival) : Figures{}, -1});
    };
    auto all = drawn(0, options.keys, 1, true);
    auto again = drawn(0, options.keys, 2, false);
    auto reads = drawn(0, options.keys, 3, false);
    auto absent = drawn(options.keys * 2, options.keys, 4, false);
    phase("fill", [&](Store& s) { return measure_writes(s, all, 1); });
    phase("overwrite", [&](Store& s) { return measure_writes(s, again, 2); });
    phase("read", [&](Store& s) { return measure_reads(s, reads, true); });
    phase("missing keys", [&](Store& s) { return measure_reads(s, absent, false); });
    report.rows.push_back(
        measure_durable("durable, 1 writer", *own, rival.get(), {1, options.durable_seconds, 3}, directory));
    report.rows.push_back(
        measure_durable("durable, 32 writers", *own, rival.get(), {32, options.durable_seconds, 4}, directory));
    return report;
}

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        std::string_view word = words[i];
        auto value = [&]() -> std::string {
            if (i + 1 >= count) give_up(word, "needs a value");
            return words[++i];
        };
        if (word == "--quick") {
            options.keys = 120'000;
            options.durable_seconds = 2;
            options.sizes = {16 << 20, 64 << 20, 16 << 20, 64 << 20};
        } else if (word == "--json") {
            options.json = true;
        } else if (word == "--dir") {
            options.directory = value();
        } else if (word == "--engine") {
            options.engine = value();
        } else if (word == "--keys") {
            options.keys = static_cast<std::uint32_t>(std::strtoul(value().c_str(), nullptr, 10));
        } else {
            std::printf(
                "usage: bench-engine [--quick] [--json] [--dir DIRECTORY] [--engine lsm|memory] [--keys N]\n"
                "  --dir   a directory on a real disk; a scratch directory is made below it (/var/tmp)\n");
            std::_Exit(word == "--help" ? 0 : 2);
        }
    }
    if (options.keys < 1000) give_up("--keys", "fewer than 1,000 keys measure nothing");
    return options;
}

}  // namespace
}  // namespace ashlar::bench

int main(int count, char** words) {
    using namespace ashlar::bench;
    Options options = parse(count, words);
    std::string scratch = options.directory + "/bench-engine-XXXXXX";
    if (!mkdtemp(scratch.data())) give_up(scratch, std::strerror(errno));
    Report report = run(options, scratch);
    std::filesystem::remove_all(scratch);
    options.json ? report.print_json() : report.print();
    return 0;
}
