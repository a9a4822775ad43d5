// What was measured of every party, round by round, and the figures made of it: medians over rounds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "load.h"

namespace ashlar::bench {

struct Cell {
    std::vector<double> cpu_us, ops_per_s, p50_us, p99_us;  // by round
    std::uint64_t failures = 0;
    /// One more round, in which the servers used so much CPU.
    void add(const LoadResult& result, double cpu_us_used);
};
/// By operation, connections, party.
using Table = std::map<std::tuple<std::string, int, std::string>, Cell>;

/// 0 of nothing.
double median(std::vector<double> values);
/// Median over rounds of a's CPU per operation over b's, formed round by round; 0 when one was not measured.
double ratio(const Table& table, const std::string& op, int connections, const std::string& a, const std::string& b);
/// Requests that failed, of all.
std::uint64_t failures_in(const Table& table);

}  // namespace ashlar::bench
