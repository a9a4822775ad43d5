#include "report.h"

#include <cstdio>
#include <utility>

namespace ashlar::bench {
namespace {

struct Comparison {
    const char *op, *a, *b, *aim;
};
constexpr Comparison comparisons[] = {
    {"get", "three (1,1)", "single", "4"},
    {"get", "three (2,2)", "single", "4"},
    {"put", "three (1,1)", "single", "4"},
    {"put", "three (2,2)", "single", "4"},
    {"put", "three (2,2) synced", "single synced", "4"},
    {"get", "three (1,1)", "bare quorum (1,1)", "3"},
    {"get", "three (2,2)", "bare quorum (2,2)", "3"},
    {"put", "three (1,1)", "bare quorum (1,1)", "3"},
    {"put", "three (2,2)", "bare quorum (2,2)", "3"},
    {"get", "three (2,2)", "etcd", "0.1"},
    {"put", "three (2,2) synced", "etcd", "0.1"},
};

}  // namespace

void print_text(const Table& table, const std::vector<int>& connections) {
    std::printf("server CPU per operation, summed over the nodes, ratio (median over rounds)\n%-46s%8s", "", "at most");
    for (int c : connections) std::printf("%8d conn", c);
    std::printf("\n");
    for (const Comparison& row : comparisons) {
        std::printf("%-4s %-18s / %-20s%8s", row.op, row.a, row.b, row.aim);
        for (int c : connections) std::printf("%13.2f", ratio(table, row.op, c, row.a, row.b));
        std::printf("\n");
    }
    std::printf("\n%-6s%-20s%6s%12s%12s%10s%10s%10s\n", "", "", "conn", "cpu us/op", "ops/s", "p50 us", "p99 us",
                "failed");
    for (const auto& [key, cell] : table) {
        const auto& [op, c, party] = key;
        std::printf("%-6s%-20s%6d%12.2f%12.0f%10.0f%10.0f%10llu\n", op.c_str(), party.c_str(), c, median(cell.cpu_us),
                    median(cell.ops_per_s), median(cell.p50_us), median(cell.p99_us),
                    static_cast<unsigned long long>(cell.failures));
    }
}

void print_json(const Table& table) {
    std::printf("{\"schema\":1,\"cells\":[");
    const char* comma = "";
    for (const auto& [key, cell] : table) {
        const auto& [op, c, party] = key;
        std::printf(
            "%s{\"operation\":\"%s\",\"party\":\"%s\",\"connections\":%d,\"cpu_us\":%.3f,\"ops_per_s\":%.0f,"
            "\"p50_us\":%.0f,\"p99_us\":%.0f,\"failed\":%llu}",
            std::exchange(comma, ","), op.c_str(), party.c_str(), c, median(cell.cpu_us), median(cell.ops_per_s),
            median(cell.p50_us), median(cell.p99_us), static_cast<unsigned long long>(cell.failures));
    }
    std::printf("]}\n");
}

}  // namespace ashlar::bench
