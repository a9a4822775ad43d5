// bench-trees: what marking a hash tree adds to a write, and how much memory a tree of 1,000,000 buckets takes.
//
// Two engines of a kind get the same writes in turns, one of them through the decorator that marks a tree as large as
// that of a billion keys. Only apply() is timed, by the CPU of this thread; syncs and compaction happen in between.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <vector>

#include "ashlar/plugin.h"
#include "host/posix_disk.h"
#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "plain_host.h"
#include "program.h"
#include "repair/marked_engine.h"
#include "rig.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_storage_engine_memory;
extern const ashlar::Descriptor ashlar_plugin_storage_engine_lsm;
}

namespace ashlar::bench {
namespace {

constexpr TableId table{1};
constexpr std::size_t keys = 50'000;
constexpr std::size_t writes_per_turn = 500;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "bench-trees: %s\n", why.c_str());
    std::_Exit(1);
}
void must(const Result<void>& done) {
    if (!done) give_up(done.error().detail);
}

/// The newest of two values by the stamp they open with: the least a resolver can do.
class NewestWins final : public Joiner {
public:
    Result<Bytes> join(TableId, View a, View b) const noexcept override {
        return Bytes(kit::load<std::uint64_t>(a.data()) < kit::load<std::uint64_t>(b.data()) ? b : a);
    }
    Result<Bytes> settle(TableId, View entry, const Keep&) const noexcept override { return Bytes(entry); }
};

double cpu_ns() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Lets the tree learn of a thousand keys in each of so many even pieces of the token space.
void grow(repair::BucketTree& tree, std::size_t buckets) {
    std::vector<repair::TokenContent> found(buckets);
    const Token step = ~Token{0} / buckets + 1;
    for (std::size_t i = 0; i < buckets; ++i) {
        found[i].token = step * i;
        found[i].content.keys = 1000;
    }
    tree.learn(repair::whole_circle, tree.begin(repair::whole_circle), found, ~Token{0});
}

class Side {
public:
    Side(const Descriptor& card, const std::filesystem::path& directory, repair::Forest* forest) : card_(card) {
        std::filesystem::create_directories(directory);
        auto disk = host::PosixDisk::on(directory.string());
        if (!disk) give_up(disk.error().detail);
        disk_ = std::move(*disk);
        host_ = std::make_unique<sim::PlainHost>(*disk_, joiner_);
        Settings settings = contract::fill_settings(card, {{"capacity_bytes", "4GiB"}});
        Error error;
        made_ = static_cast<StorageEngine*>(card.create(host_.get(), &settings, &error));
        if (made_ == nullptr) give_up(error.detail);
        if (forest != nullptr) marked_ = std::make_unique<repair::MarkedEngine>(*made_, *forest);
    }
    ~Side() { card_.destroy(made_); }
    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;

    /// CPU of one write, in nanoseconds.
    double turn(std::size_t value_bytes) {
        StorageEngine& engine = marked_ ? *marked_ : *made_;
        const Bytes value(value_bytes, 'v');
        std::vector<std::pair<Bytes, Bytes>> batch;
        for (std::size_t i = 0; i < writes_per_turn; ++i) {
            Bytes entry;
            kit::Writer writer(entry);
            writer.u64(++stamp_);
            writer.bytes(value);
            batch.emplace_back(kit::text("user", kit::hex16(stamp_ * 7919 % keys)), std::move(entry));
        }
        const double begun = cpu_ns();
        for (const auto& [key, entry] : batch) {
            const Write write{{kit::hash64(key), table, key}, entry};
            if (auto done = engine.apply({&write, 1}); !done) give_up(done.error().detail);
        }
        const double took = cpu_ns() - begun;
        carry_out(engine.sync(SyncDepth::written));
        while (auto work = engine.maintain(8 << 20, WallTime{1})) carry_out(std::move(work));
        return took / writes_per_turn;
    }

private:
    static void carry_out(std::unique_ptr<Work> work) {
        if (!work) return;
        work->run();
        must(work->finish());
    }

    const Descriptor& card_;
    NewestWins joiner_;
    std::unique_ptr<host::PosixDisk> disk_;
    std::unique_ptr<sim::PlainHost> host_;
    StorageEngine* made_ = nullptr;
    std::unique_ptr<repair::MarkedEngine> marked_;
    std::uint64_t stamp_ = 0;
};

void compare(const Descriptor& card, const std::filesystem::path& directory, repair::Forest& forest,
             std::size_t value_bytes, int turns) {
    Side without(card, directory / "without", nullptr), control(card, directory / "control", nullptr),
        with(card, directory / "with", &forest);
    std::vector<double> plain, marked, ratios, noise;
    for (int i = 0; i < turns; ++i) {
        // Each is first as often as the others.
        double took[3];
        Side* sides[] = {&without, &control, &with};
        for (int k = 0; k < 3; ++k) took[(i + k) % 3] = sides[(i + k) % 3]->turn(value_bytes);
        plain.push_back(took[0]);
        marked.push_back(took[2]);
        noise.push_back(took[1] / took[0]);
        ratios.push_back(took[2] / took[0]);
    }
    std::printf("%-7s %5zu bytes: %7.0f ns a write without, %7.0f with; ratio %.3f (two without: %.3f)\n", card.name,
                value_bytes, median(plain), median(marked), median(ratios), median(noise));
}

int run(const std::filesystem::path& directory, int turns) {
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    repair::Forest forest;
    repair::BucketTree& tree = forest.tree(table);
    constexpr std::size_t buckets = std::size_t{1} << 20;  // a power of four: even cuts
    grow(tree, buckets);
    const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::printf("tree: %zu buckets, %.1f MB, %.0f bytes each\n", tree.buckets(),
                static_cast<double>(after - before) / 1e6,
                static_cast<double>(after - before) / static_cast<double>(tree.buckets()));
    std::uint64_t token = 1;
    constexpr int marks = 2'000'000;
    const double begun = cpu_ns();
    for (int i = 0; i < marks; ++i) {
        token = token * 6364136223846793005u + 1442695040888963407u;
        const Write write{{token, table, {}}, {}};
        forest.mark({&write, 1});
    }
    std::printf("mark:    %.0f ns, tokens by chance\n", (cpu_ns() - begun) / marks);
    const Descriptor* cards[] = {&ashlar_plugin_storage_engine_memory, &ashlar_plugin_storage_engine_lsm};
    for (const Descriptor* card : cards)
        for (std::size_t bytes : {100u, 1000u})
            compare(*card, directory / card->name / kit::text(bytes), forest, bytes, turns);
    return 0;
}

}  // namespace
}  // namespace ashlar::bench

int main(int count, char** given) {
    ashlar::bench::Words words(count, given);
    const int turns = words.flag("--quick") ? 150 : 600;
    if (!words.rest().empty()) {
        std::printf("usage: bench-trees [--quick]\n");
        return 2;
    }
    return ashlar::bench::in_scratch("bench-trees", [turns](const auto& directory) {
        return ashlar::bench::run(directory, turns);
    });
}
