// What the cluster's benchmark has measured, and how it is printed: ratios beside what is expected of them first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace ashlar::bench {

struct Cell {
    std::vector<double> cpu_us, ops_per_s, p50_us, p99_us;  // by round
    std::uint64_t failures = 0;
};
/// By operation, connections, party.
using Table = std::map<std::tuple<std::string, int, std::string>, Cell>;

void print_text(const Table& table, const std::vector<int>& connections);
void print_json(const Table& table);

}  // namespace ashlar::bench
