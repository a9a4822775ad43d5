#include "progress.h"

#include <cstdio>

#include "forms.h"

namespace ashlar::cli::import {

void Progress::start(std::uint64_t bytes, std::uint64_t from) {
    bytes_ = bytes;
    from_ = from;
    began_ = Clock::now();
}

bool Progress::show(std::uint64_t offset, const Tally& tally) {
    Clock::time_point now = Clock::now();
    if (now - shown_ < std::chrono::milliseconds(200)) return false;
    shown_ = now;
    if (before_ < 0) before_ = tally.records();
    std::string line;
    if (bytes_ > 0) {
        auto done = static_cast<double>(offset) / static_cast<double>(bytes_);
        constexpr int width = 24;
        int filled = static_cast<int>(done * width);
        line = "[" + std::string(static_cast<std::size_t>(filled), '#') +
               std::string(static_cast<std::size_t>(width - filled), '.') + "] " +
               std::to_string(static_cast<int>(done * 100)) + " %  ";
    }
    line += grouped(tally.stored) + " stored, " + grouped(Tally::total(tally.refused)) + " refused, " +
            grouped(Tally::total(tally.failed)) + " failed";
    double gone = seconds();
    if (gone > 0.5) {
        line += "  " + grouped(static_cast<std::int64_t>(rate(tally.records() - before_))) + "/s";
        if (bytes_ > offset && offset > from_) {
            double left = gone * static_cast<double>(bytes_ - offset) / static_cast<double>(offset - from_);
            line += "  " + std::to_string(static_cast<std::int64_t>(left)) + " s left";
        }
    }
    out_.progress(line);
    return true;
}

double Progress::seconds() const {
    return std::chrono::duration<double>(Clock::now() - began_).count();
}

double Progress::rate(std::int64_t records) const {
    double gone = seconds();
    return gone > 0 ? static_cast<double>(records) / gone : 0;
}

std::string Progress::summary(std::int64_t records) const {
    char text[64];
    std::snprintf(text, sizeof text, "%.1f s, %.0f records/s", seconds(), rate(records));
    return text;
}

}  // namespace ashlar::cli::import
