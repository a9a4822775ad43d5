// ashlar-sim: runs seeds and says what went wrong, with the command that shows it again.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "world.h"

namespace {

using ashlar::sim::Plan;
using ashlar::sim::Verdict;

struct Asked {
    Plan plan;
    std::uint64_t seeds = 1;
    bool twice = false;
};

const char* usage =
    "usage: ashlar-sim [--seed N] [--seeds N] [--engine NAME] [--resolver NAME] [--partitioner NAME]\n"
    "                  [--seconds N] [--sabotage N] [--twice] [--verbose]\n"
    "Runs seeds N, N+1, ... of 60 virtual seconds each. --twice runs each again and compares the traces.\n";

bool parse(int count, char** words, Asked& asked) {
    for (int i = 1; i < count; ++i) {
        std::string word = words[i];
        if (word == "--verbose")
            asked.plan.verbose = true;
        else if (word == "--twice")
            asked.twice = true;
        else if (i + 1 == count)
            return false;
        else if (word == "--seed")
            asked.plan.seed = std::strtoull(words[++i], nullptr, 10);
        else if (word == "--seeds")
            asked.seeds = std::strtoull(words[++i], nullptr, 10);
        else if (word == "--seconds")
            asked.plan.length = ashlar::seconds(std::strtoll(words[++i], nullptr, 10));
        else if (word == "--engine")
            asked.plan.recipe.engine = words[++i];
        else if (word == "--resolver")
            asked.plan.recipe.resolver = words[++i];
        else if (word == "--partitioner")
            asked.plan.recipe.partitioner = words[++i];
        else if (word == "--sabotage") {
            asked.plan.recipe.sabotage = static_cast<ashlar::sim::Sabotage>(std::atoi(words[++i]));
        } else
            return false;
    }
    return true;
}

int known(const Asked& asked) {
    using ashlar::PluginKind;
    const auto& recipe = asked.plan.recipe;
    for (auto [kind, name] : {std::pair{PluginKind::storage_engine, recipe.engine},
                              {PluginKind::conflict_resolver, recipe.resolver},
                              {PluginKind::partitioner, recipe.partitioner}}) {
        if (ashlar::sim::find_plugin(kind, name) != nullptr) continue;
        std::fprintf(stderr, "no plugin '%s' of that kind is linked in; there are:", name.c_str());
        for (const std::string& other : ashlar::sim::plugin_names(kind)) std::fprintf(stderr, " %s", other.c_str());
        std::fprintf(stderr, "\n");
        return 0;
    }
    return 1;
}

}  // namespace

int main(int count, char** words) {
    Asked asked;
    if (!parse(count, words, asked)) return std::fputs(usage, stderr), 2;
    if (known(asked) == 0) return 2;
    std::uint64_t failed = 0, orders = 0, acked = 0, checks = 0, crashes = 0, traces = 0;
    for (std::uint64_t i = 0; i < asked.seeds; ++i) {
        Plan plan = asked.plan;
        plan.seed += i;
        Verdict verdict = ashlar::sim::World(plan).run();
        if (asked.twice && ashlar::sim::World(plan).run().trace_hash != verdict.trace_hash && !verdict.complaint) {
            verdict.complaint = "two runs of this seed left different traces";
        }
        orders += verdict.orders;
        acked += verdict.acked;
        checks += verdict.checks;
        crashes += verdict.crashes;
        traces = traces * 31 + verdict.trace_hash;
        if (asked.seeds == 1)
            std::printf("seed %llu trace %016llx\n", static_cast<unsigned long long>(plan.seed),
                        static_cast<unsigned long long>(verdict.trace_hash));
        if (!verdict.complaint) continue;
        ++failed;
        std::printf(
            "seed %llu: %s\n  swarm: %s\n  again: %s --seed %llu --engine %s --resolver %s --partitioner %s --seconds "
            "%lld "
            "--sabotage %d --verbose\n",
            static_cast<unsigned long long>(plan.seed), verdict.complaint->c_str(), verdict.swarm.c_str(), words[0],
            static_cast<unsigned long long>(plan.seed), plan.recipe.engine.c_str(), plan.recipe.resolver.c_str(),
            plan.recipe.partitioner.c_str(), static_cast<long long>(plan.length.us / 1'000'000),
            static_cast<int>(plan.recipe.sabotage));
    }
    std::printf(
        "%llu seeds, %llu failed; %llu orders, %llu writes acknowledged, %llu keys checked, %llu crashes; traces "
        "%016llx\n",
        static_cast<unsigned long long>(asked.seeds), static_cast<unsigned long long>(failed),
        static_cast<unsigned long long>(orders), static_cast<unsigned long long>(acked),
        static_cast<unsigned long long>(checks), static_cast<unsigned long long>(crashes),
        static_cast<unsigned long long>(traces));
    return failed == 0 ? 0 : 1;
}
