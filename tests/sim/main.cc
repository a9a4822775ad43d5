// ashlar-sim: runs seeds and says what went wrong, with the command that shows it again.
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "shrink.h"
#include "verdict.h"
#include "words.h"

namespace {

using ashlar::sim::Plan;
using ashlar::sim::Verdict;

struct Asked {
    Plan plan;
    std::uint64_t seeds = 1;
    bool twice = false;
    bool shrink = false;
};

const char* usage =
    "usage: ashlar-sim [--seed N] [--seeds N] [--engine NAME] [--resolver NAME] [--partitioner NAME]\n"
    "                  [--nodes N|any] [--without FAULT] [--seconds N] [--sabotage N] [--twice] [--shrink] "
    "[--verbose]\n"
    "Runs seeds N, N+1, ... of 60 virtual seconds each: of one machine, or of a cluster with --nodes.\n"
    "--twice runs each again and compares the traces. --shrink looks for a smaller recipe that still fails.\n"
    "--without (several times if need be) switches off a kind of fault:\n ";

bool parse(int count, char** given, Asked& asked) {
    std::vector<std::string> words(given + 1, given + count);
    for (std::size_t at = 0; at < words.size();) {
        std::size_t taken = ashlar::sim::take_words(std::span(words).subspan(at), asked.plan);
        at += taken;
        if (taken != 0) continue;
        if (words[at] == "--twice")
            asked.twice = true;
        else if (words[at] == "--shrink")
            asked.shrink = true;
        else if (words[at] == "--seeds" && at + 1 < words.size())
            asked.seeds = std::strtoull(words[++at].c_str(), nullptr, 10);
        else
            return false;
        ++at;
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

struct Sums {
    std::uint64_t failed = 0, orders = 0, acked = 0, checks = 0, crashes = 0, frames = 0, traces = 0;
    void add(const Verdict& verdict) {
        failed += verdict.complaint ? 1 : 0;
        orders += verdict.orders;
        acked += verdict.acked;
        checks += verdict.checks;
        crashes += verdict.crashes;
        frames += verdict.frames;
        traces = traces * 31 + verdict.trace_hash;
    }
    void print(std::uint64_t seeds) const {
        auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
        std::printf(
            "%llu seeds, %llu failed; %llu orders, %llu writes acknowledged, %llu keys checked, %llu crashes, %llu "
            "frames; traces %016llx\n",
            number(seeds), number(failed), number(orders), number(acked), number(checks), number(crashes),
            number(frames), number(traces));
    }
};

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
    Sums sums;
    for (std::uint64_t i = 0; i < asked.seeds; ++i) {
        Plan plan = asked.plan;
        plan.seed += i;
        Verdict verdict = run_one(plan, asked.twice);
        sums.add(verdict);
        if (asked.seeds == 1)
            std::printf("seed %llu trace %016llx\n", static_cast<unsigned long long>(plan.seed),
                        static_cast<unsigned long long>(verdict.trace_hash));
        if (verdict.complaint) report(words[0], plan, verdict, asked.shrink);
        std::fflush(stdout);
    }
    sums.print(asked.seeds);
    return sums.failed == 0 ? 0 : 1;
}
