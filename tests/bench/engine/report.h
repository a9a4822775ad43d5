// The figures of one run: one row a phase, both stores beside each other, ratios first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ashlar::bench {

struct Figures {
    double ops_per_second = 0;
    double cpu_us_per_op = 0;    ///< of the whole process, background work included
    double settle_seconds = -1;  ///< until nothing was left to flush or compact; below 0: does not apply
    double p50_us = -1;
    double p99_us = -1;
    double syncs_per_write = -1;
    std::uint64_t waits = 0;
};

struct Row {
    std::string phase;
    Figures own;
    Figures rival;
    double sync_probe_us = -1;  ///< of the bare disk during this phase
};

struct Report {
    std::string engine;
    std::string setting;  ///< sizes and place, in words
    bool rival = false;
    std::vector<Row> rows;

    void print() const;
    void print_json() const;
};

}  // namespace ashlar::bench
