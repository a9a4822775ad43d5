// How an import goes, for the person who waits: a line on a terminal, and the figures at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "output.h"
#include "tally.h"

namespace ashlar::cli::import {

class Progress {
public:
    explicit Progress(Output& out) : out_(out) {}

    /// Bytes of the whole input (0: unknown), and where this run begins.
    void start(std::uint64_t bytes, std::uint64_t from);
    /// True when it is time to look: five times a second, and the first time.
    bool show(std::uint64_t offset, const Tally& tally);
    void clear() { out_.progress(""); }
    double seconds() const;
    double rate(std::int64_t records) const;
    /// "1.2 s, 700 records/s"
    std::string summary(std::int64_t records) const;

private:
    using Clock = std::chrono::steady_clock;
    Output& out_;
    std::uint64_t bytes_ = 0, from_ = 0;
    std::int64_t before_ = -1;
    Clock::time_point began_ = Clock::now(), shown_{};
};

}  // namespace ashlar::cli::import
