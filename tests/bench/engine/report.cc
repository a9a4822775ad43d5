#include "report.h"

#include <cinttypes>
#include <cstdio>

namespace ashlar::bench {

namespace {

void print_figures(const char* name, const Figures& f) {
    std::printf("    %-8s %10.0f op/s %7.1f us CPU/op", name, f.ops_per_second, f.cpu_us_per_op);
    if (f.p50_us >= 0) std::printf("  p50 %.0f us, p99 %.0f us", f.p50_us, f.p99_us);
    if (f.syncs_per_write >= 0) std::printf("  %.3f syncs a write", f.syncs_per_write);
    if (f.settle_seconds >= 0) std::printf("  settled %.1f s later", f.settle_seconds);
    if (f.waits != 0) std::printf("  waited %" PRIu64 " times", f.waits);
    std::printf("\n");
}

void json_figures(const char* name, const Figures& f) {
    std::printf(
        "\"%s\": {\"ops_per_second\": %.1f, \"cpu_us_per_op\": %.3f, \"settle_seconds\": %.3f, \"p50_us\": %.1f, "
        "\"p99_us\": %.1f, \"syncs_per_write\": %.4f, \"waits\": %" PRIu64 "}",
        name, f.ops_per_second, f.cpu_us_per_op, f.settle_seconds, f.p50_us, f.p99_us, f.syncs_per_write, f.waits);
}

double speed_ratio(const Row& row) {
    return row.own.ops_per_second / row.rival.ops_per_second;
}
double cpu_ratio(const Row& row) {
    return row.own.cpu_us_per_op / row.rival.cpu_us_per_op;
}

}  // namespace

void Report::print() const {
    std::printf("%s\n\n", setting.c_str());
    if (rival) {
        std::printf("%s : rocksdb      speed (more is better)   CPU per operation (less is better)\n", engine.c_str());
        for (const Row& row : rows)
            std::printf("  %-22s %6.2f x                  %6.2f x\n", row.phase.c_str(), speed_ratio(row),
                        cpu_ratio(row));
        std::printf("\n");
    } else {
        std::printf(
            "RocksDB is not part of this build (librocksdb-dev was missing): no ratios, figures of %s alone.\n\n",
            engine.c_str());
    }
    for (const Row& row : rows) {
        std::printf("  %s", row.phase.c_str());
        if (row.sync_probe_us >= 0) std::printf(" (the bare disk synced 1 KB in %.0f us)", row.sync_probe_us);
        std::printf("\n");
        print_figures(engine.c_str(), row.own);
        if (rival) print_figures("rocksdb", row.rival);
    }
}

void Report::print_json() const {
    std::printf("{\"engine\": \"%s\", \"setting\": \"%s\", \"phases\": [", engine.c_str(), setting.c_str());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::printf("%s{\"phase\": \"%s\", ", i == 0 ? "" : ", ", rows[i].phase.c_str());
        if (rival)
            std::printf("\"speed_ratio\": %.3f, \"cpu_ratio\": %.3f, ", speed_ratio(rows[i]), cpu_ratio(rows[i]));
        std::printf("\"sync_probe_us\": %.1f, ", rows[i].sync_probe_us);
        json_figures("own", rows[i].own);
        if (rival) std::printf(", ");
        if (rival) json_figures("rocksdb", rows[i].rival);
        std::printf("}");
    }
    std::printf("]}\n");
}

}  // namespace ashlar::bench
