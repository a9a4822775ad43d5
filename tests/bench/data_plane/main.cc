// Server CPU per get and per put of 1,000-byte values at 1, 16 and 64 connections, side by side in one run:
// a bare loop that moves frames of the same size, redis with its append-only log, and ashlard.
//
// usage: bench-data-plane ASHLARD PLUGINS COUNT_LIBRARY [--quick] [--json]
//
// Gets come first, served from memory; then puts; then gets again, of what the puts have spread over memory and tables.
// Every round runs all subjects in turn, ratios are formed inside a round, the table shows the median over rounds:
// the machine may be noisy, the ratios are what to read. Load is closed-loop and bounded in operations and seconds.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "load.h"
#include "program.h"
#include "subjects.h"
#include "table.h"

namespace ashlar::bench {
namespace {

const char* name(Op op) { return op == Op::get ? "get" : "put"; }

LoadResult fill(const Subject& subject) {
    return run_load(*subject.protocol, {.ports = {subject.port}, .op = Op::put, .connections = 16, .operations = 10'000,
                                        .seconds_max = 20, .keys_in_order = true});
}

struct Step {
    const char* name;
    Op op;
};
constexpr Step steps[] = {{"get", Op::get}, {"put", Op::put}, {"get after puts", Op::get}};

void measure(const Subject& subject, const Step& step, int connections, double seconds, std::uint64_t seed, Table& table) {
    double before = subject.server.cpu_us();
    LoadResult result = run_load(*subject.protocol, {.ports = {subject.port}, .op = step.op, .connections = connections,
                                                     .operations = 400'000, .seconds_max = seconds, .seed = seed});
    table[{step.name, connections, subject.name}].add(result, subject.server.cpu_us() - before);
}

struct Comparison {
    std::string step, a, b;
};
const std::vector<Comparison> comparisons = {
    {"get", "ashlar interval", "bare loop"},
    {"get", "ashlar interval", "redis everysec"},
    {"get after puts", "ashlar interval", "bare loop"},
    {"get after puts", "ashlar interval", "redis everysec"},
    {"put", "ashlar interval", "bare loop"},
    {"put", "ashlar interval", "redis everysec"},
    {"put", "ashlar always", "redis always"},
};

void print_text(const Table& table, const std::vector<int>& connections, const std::map<std::string, double>& mallocs) {
    std::printf("server CPU per operation, ratio (median over rounds)\n%-50s", "");
    for (int c : connections) std::printf("%8d conn", c);
    std::printf("\n");
    for (const Comparison& row : comparisons) {
        std::printf("%-15s %-16s / %-16s", row.step.c_str(), row.a.c_str(), row.b.c_str());
        for (int c : connections) std::printf("%13.2f", ratio(table, row.step, c, row.a, row.b));
        std::printf("\n");
    }
    std::printf("\nallocations per request (ashlard, counted in malloc, 16 connections)\n");
    for (const auto& [what, count] : mallocs) std::printf("%-8s %.2f\n", what.c_str(), count);
    std::printf("\n%-16s%-18s%6s%12s%12s%10s%10s%10s\n", "", "", "conn", "cpu us/op", "ops/s", "p50 us", "p99 us", "failed");
    for (const auto& [key, cell] : table) {
        const auto& [step, c, subject] = key;
        std::printf("%-16s%-18s%6d%12.2f%12.0f%10.0f%10.0f%10llu\n", step.c_str(), subject.c_str(), c, median(cell.cpu_us),
                    median(cell.ops_per_s), median(cell.p50_us), median(cell.p99_us),
                    static_cast<unsigned long long>(cell.failures));
    }
}

void print_json(const Table& table, const std::map<std::string, double>& mallocs) {
    std::printf("{\"schema\":1,\"allocations\":{");
    const char* comma = "";
    for (const auto& [what, count] : mallocs) std::printf("%s\"%s\":%.2f", std::exchange(comma, ","), what.c_str(), count);
    std::printf("},\"cells\":[");
    comma = "";
    for (const auto& [key, cell] : table) {
        const auto& [step, c, subject] = key;
        std::printf("%s{\"operation\":\"%s\",\"subject\":\"%s\",\"connections\":%d,\"cpu_us\":%.3f,\"ops_per_s\":%.0f,"
                    "\"p50_us\":%.0f,\"p99_us\":%.0f,\"failed\":%llu}",
                    std::exchange(comma, ","), step.c_str(), subject.c_str(), c, median(cell.cpu_us), median(cell.ops_per_s),
                    median(cell.p50_us), median(cell.p99_us), static_cast<unsigned long long>(cell.failures));
    }
    std::printf("]}\n");
}

/// A daemon of its own with a counting malloc: what one get and one put allocate when all is warm.
std::map<std::string, double> count_allocations(const Places& places, const std::string& library) {
    std::string path = (places.scratch / "allocations").string();
    std::ofstream(path) << std::string(8, '\0');
    int file = ::open(path.c_str(), O_RDWR);
    auto* counter = static_cast<std::atomic<std::uint64_t>*>(
        ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    ::close(file);
    std::map<std::string, double> out;
    Subject ashlar = start_ashlar(places, "interval", library, path);
    fill(ashlar);
    for (Op op : {Op::get, Op::put}) {
        LoadPlan plan{.ports = {ashlar.port}, .op = op, .connections = 16, .operations = 20'000};
        run_load(*ashlar.protocol, plan);
        std::uint64_t before = counter->load();
        std::uint64_t operations = run_load(*ashlar.protocol, plan).operations;
        out[name(op)] = static_cast<double>(counter->load() - before) / static_cast<double>(operations);
    }
    return out;
}

int run(const Places& places, const std::string& count_library, bool quick, bool json) {
    const std::vector<int> connections = {1, 16, 64};
    const int rounds = quick ? 3 : 7;
    const double seconds = quick ? 0.5 : 2;
    std::map<std::string, double> mallocs = count_allocations(places, count_library);
    std::vector<Subject> subjects;
    subjects.push_back(start_bare());
    for (const char* fsync : {"everysec", "always"}) {
        if (auto redis = start_redis(places, fsync)) subjects.push_back(std::move(*redis));
        else if (!json) std::printf("redis-server is not installed: skipped (apt-get install redis-server)\n");
    }
    for (const char* mode : {"interval", "always"}) subjects.push_back(start_ashlar(places, mode));
    stay_on_load_processor();
    for (const Subject& s : subjects) fill(s);
    Table table;
    for (const Step& step : steps)
        for (int round = 0; round < rounds; ++round)
            for (int c : connections)
                for (const Subject& s : subjects) {
                    if (step.op == Op::get && s.name.ends_with("always")) continue;
                    measure(s, step, c, seconds, static_cast<std::uint64_t>(round + 1), table);
                }
    if (json) print_json(table, mallocs);
    else print_text(table, connections, mallocs);
    return failures_in(table) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ashlar::bench

int main(int count, char** argv) {
    using std::filesystem::absolute;
    ashlar::bench::Words words(count, argv);
    bool quick = words.flag("--quick"), json = words.flag("--json");
    const auto& files = words.rest();
    if (files.size() != 3) {
        std::fprintf(stderr, "usage: bench-data-plane ASHLARD PLUGINS COUNT_LIBRARY [--quick] [--json]\n");
        return 2;
    }
    return ashlar::bench::in_scratch("bench-data-plane", [&](const std::filesystem::path& scratch) {
        return ashlar::bench::run({scratch, absolute(files[0]), absolute(files[1])}, absolute(files[2]).string(), quick,
                                  json);
    });
}
