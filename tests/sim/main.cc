// ashlar-sim: runs seeds and says what went wrong, with the command that shows it again.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "shrink.h"
#include "verdict.h"
#include "words.h"
#include "workers.h"

namespace {

using ashlar::sim::Batch;
using ashlar::sim::Plan;
using ashlar::sim::Sums;
using ashlar::sim::Verdict;

struct Asked {
    Batch batch;
    bool twice = false;
    bool shrink = false;
};

const char* usage =
    "usage: ashlar-sim [--seed N] [--seeds N] [--jobs N] [--engine NAME] [--resolver NAME] [--partitioner NAME|any]\n"
    "                  [--nodes N|any] [--without FAULT] [--seconds N] [--sabotage N] [--twice] [--shrink] "
    "[--verbose]\n"
    "Runs seeds N, N+1, ... of 60 virtual seconds each: of one machine, or of a cluster with --nodes.\n"
    "--jobs runs them on so many processes; a seed that fails, crashes or has no end does not stop the others.\n"
    "--twice runs each again and compares the traces. --shrink looks for a smaller recipe that still fails.\n"
    "--without (several times if need be) switches off a kind of fault:\n ";

bool parse(int count, char** given, Asked& asked) {
    std::vector<std::string> words(given + 1, given + count);
    for (std::size_t at = 0; at < words.size();) {
        std::size_t taken = ashlar::sim::take_words(std::span(words).subspan(at), asked.batch.plan);
        at += taken;
        if (taken != 0) continue;
        if (words[at] == "--twice")
            asked.twice = true;
        else if (words[at] == "--shrink")
            asked.shrink = true;
        else if (words[at] == "--seeds" && at + 1 < words.size())
            asked.batch.seeds = std::strtoull(words[++at].c_str(), nullptr, 10);
        else if (words[at] == "--jobs" && at + 1 < words.size())
            asked.batch.jobs = static_cast<std::uint32_t>(std::strtoul(words[++at].c_str(), nullptr, 10));
        else
            return false;
        ++at;
    }
    return asked.batch.seeds != 0 && asked.batch.jobs != 0;
}

int known(const Asked& asked) {
    using ashlar::PluginKind;
    const auto& recipe = asked.batch.plan.recipe;
    for (auto [kind, name] : {std::pair{PluginKind::storage_engine, recipe.engine},
                              {PluginKind::conflict_resolver, recipe.resolver},
                              {PluginKind::partitioner, recipe.partitioner}}) {
        if (ashlar::sim::find_plugin(kind, name) != nullptr) continue;
        if (kind == PluginKind::partitioner && name == "any") continue;
        std::fprintf(stderr, "no plugin '%s' of that kind is linked in; there are:", name.c_str());
        for (const std::string& other : ashlar::sim::plugin_names(kind)) std::fprintf(stderr, " %s", other.c_str());
        std::fprintf(stderr, "\n");
        return 0;
    }
    return 1;
}

void print(const Sums& sums, long long took_ms) {
    auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "%llu seeds, %llu failed; %llu orders, %llu writes acknowledged, %llu keys checked, %llu crashes, %llu "
        "frames, %llu keys differed before they were read; traces %016llx; %lld.%01lld s\n",
        number(sums.ran), number(sums.failed.size()), number(sums.orders), number(sums.acked), number(sums.checks),
        number(sums.crashes), number(sums.frames), number(sums.differing), number(sums.traces), took_ms / 1000,
        took_ms / 100 % 10);
    if (sums.failed.empty()) return;
    std::printf("failed:");
    for (std::uint64_t seed : sums.failed) std::printf(" %llu", number(seed));
    std::printf("\n");
}

Verdict run_one(const Plan& plan, bool twice) {
    Verdict verdict = ashlar::sim::run(plan);
    if (twice && ashlar::sim::run(plan).trace_hash != verdict.trace_hash && !verdict.complaint)
        verdict.complaint = "two runs of this seed left different traces";
    return verdict;
}

void report(const char* program, const Plan& plan, const Verdict& verdict, bool shrink) {
    std::printf("seed %llu: %s\n  swarm: %s\n  again: %s %s --verbose\n", static_cast<unsigned long long>(plan.seed),
                verdict.complaint->c_str(), verdict.swarm.c_str(), program, ashlar::sim::words_for(plan).c_str());
    if (!shrink) return;
    Plan smaller = ashlar::sim::shrink(plan);
    std::printf("  smaller: %s\n           %s %s --verbose\n", ashlar::sim::run(smaller).complaint->c_str(), program,
                ashlar::sim::words_for(smaller).c_str());
}

}  // namespace

int main(int count, char** words) {
    Asked asked;
    if (!parse(count, words, asked)) {
        std::fputs(usage, stderr);
        for (const std::string& kind : ashlar::sim::fault_kinds()) std::fprintf(stderr, " %s", kind.c_str());
        return std::fputs("\n", stderr), 2;
    }
    if (known(asked) == 0) return 2;
    // One seed runs here, where a debugger finds it.
    auto one = [&](const Plan& plan) {
        Verdict verdict = run_one(plan, asked.twice);
        if (asked.batch.seeds == 1)
            std::printf("seed %llu trace %016llx\n", static_cast<unsigned long long>(plan.seed),
                        static_cast<unsigned long long>(verdict.trace_hash));
        if (verdict.complaint) report(words[0], plan, verdict, asked.shrink);
        return verdict;
    };
    if (asked.batch.seeds == 1) return one(asked.batch.plan).complaint ? 1 : 0;
    auto began = std::chrono::steady_clock::now();
    Sums sums = ashlar::sim::run_batch(asked.batch, one);
    auto took = std::chrono::steady_clock::now() - began;
    print(sums, std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    return sums.failed.empty() ? 0 : 1;
}
