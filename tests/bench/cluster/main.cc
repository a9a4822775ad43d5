// Server CPU per get and per put of 1,000-byte values at 3, 16 and 64 connections, summed over the nodes, side by side
// in one run: three of our nodes with N=3 at (R,W) = (1,1) and (2,2), one of them alone, three processes that exchange
// the same frames with no store behind them, and etcd with three members.
//
// usage: bench-cluster ASHLAR ASHLARD PLUGINS [--quick] [--spread] [--json] [--only WORD]
//
// Connections are spread over the nodes. A put replaces what is there: it looks first. "synced" puts are acknowledged
// when they are on the disk, as etcd's always are; the others when they are in memory. Every round runs all parties in
// turn, ratios are formed inside a round. All servers share one processor and the load has another, which is steady and
// the cheapest for all of them; with --spread the system puts them where it likes. Load is closed-loop and bounded in
// operations and seconds.
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "etcd_frames.h"
#include "load.h"
#include "parties.h"
#include "program.h"
#include "report.h"

namespace ashlar::bench {
namespace {

constexpr std::uint32_t keys = 5'000;
constexpr int sync_always = 1;  // SYNC_ALWAYS of ashlar.thrift

std::vector<Party> gather(const Programs& programs, bool json) {
    std::vector<Party> out;
    auto bare = start_bare_quorum();
    out.push_back({"bare quorum (1,1)", bare, bare_quorum_frames(1)});
    out.push_back({"bare quorum (2,2)", bare, bare_quorum_frames(2)});
    auto single = start_playground(programs, 1, "interval");
    out.push_back({"single", single, thrift_frames("one")});
    out.push_back({"single synced", single, thrift_frames("one", {.sync = sync_always})});
    auto three = start_playground(programs, 3, "interval");
    out.push_back({"three (1,1)", three, thrift_frames("one")});
    out.push_back({"three (2,2)", three, thrift_frames("two")});
    out.push_back({"three (2,2) synced", three, thrift_frames("two", {.sync = sync_always})});
    if (auto etcd = start_etcd(programs))
        out.push_back({"etcd", etcd, etcd_frames()});
    else if (!json)
        std::printf("etcd is not installed: skipped (apt-get install etcd-server)\n");
    return out;
}

void fill(const Party& party) {
    auto result = run_load(*party.protocol, {.ports = party.servers->ports,
                                             .op = Op::put,
                                             .connections = 64,
                                             .operations = keys,
                                             .seconds_max = 30,
                                             .keys_in_order = true,
                                             .keys = keys});
    if (result.operations != keys || result.failures != 0)
        throw std::runtime_error(party.name + " could not be filled");
}

void measure(const Party& party, Op op, int connections, double seconds, std::uint64_t seed, Table& table) {
    double before = party.servers->cpu_us();
    LoadResult result = run_load(*party.protocol, {.ports = party.servers->ports,
                                                   .op = op,
                                                   .connections = connections,
                                                   .operations = 200'000,
                                                   .seconds_max = seconds,
                                                   .keys = keys,
                                                   .seed = seed});
    table[{op == Op::get ? "get" : "put", connections, party.name}].add(result, party.servers->cpu_us() - before);
}

int run(const Programs& programs, bool quick, bool json, const std::string& only) {
    const std::vector<int> connections = {3, 16, 64};
    const int rounds = quick ? 3 : 7;
    const double seconds = quick ? 0.5 : 2;
    std::vector<Party> parties = gather(programs, json);
    std::erase_if(parties, [&](const Party& party) { return party.name.find(only) == std::string::npos; });
    stay_on_load_processor();
    for (const Party& party : parties) fill(party);
    Table table;
    for (Op op : {Op::get, Op::put})
        for (int round = 0; round < rounds; ++round)
            for (int c : connections)
                for (const Party& party : parties) {
                    if (op == Op::get && party.name.ends_with("synced")) continue;
                    measure(party, op, c, seconds, static_cast<std::uint64_t>(round + 1), table);
                }
    if (json)
        print_json(table);
    else
        print_text(table, connections);
    return failures_in(table) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ashlar::bench

int main(int count, char** argv) {
    using std::filesystem::absolute;
    ashlar::bench::Words words(count, argv);
    bool quick = words.flag("--quick"), json = words.flag("--json");
    std::string only = words.value("--only", "");
    if (words.flag("--spread")) ashlar::bench::let_processes_spread();
    const auto& files = words.rest();
    if (files.size() != 3) {
        std::fprintf(stderr,
                     "usage: bench-cluster ASHLAR ASHLARD PLUGINS [--quick] [--spread] [--json] [--only WORD]\n");
        return 2;
    }
    return ashlar::bench::in_scratch("bench-cluster", [&](const std::filesystem::path& scratch) {
        return ashlar::bench::run({scratch, absolute(files[0]), absolute(files[1]), absolute(files[2])}, quick, json,
                                  only);
    });
}
