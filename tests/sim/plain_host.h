// A Host for tests: log and counters in memory, chance from a seed, disk and joiner as given (not owned).
//
// Any thread, except random(): loop only, as the contract says.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/host.h"
#include "random.h"

namespace ashlar::sim {

class MemoryLog final : public Log {
public:
    void write(LogLevel level, View line) noexcept override {
        std::lock_guard lock(mutex_);
        lines_.emplace_back(level, line);
    }
    std::vector<std::pair<LogLevel, std::string>> lines() const {
        std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<LogLevel, std::string>> lines_;
};

class MemoryMeter final : public Meter {
public:
    Counter& counter(View name) noexcept override {
        std::lock_guard lock(mutex_);
        return counters_[std::string(name)];
    }
    std::int64_t value(const std::string& name) const {
        std::lock_guard lock(mutex_);
        auto found = counters_.find(name);
        return found == counters_.end() ? 0 : found->second.value.load();
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Counter> counters_;
};

class PlainHost final : public Host {
public:
    PlainHost(Disk& disk, const Joiner& joiner, std::uint64_t seed = 1) : disk_(disk), joiner_(joiner), random_(seed) {}

    MemoryLog& log() noexcept override { return log_; }
    MemoryMeter& meter() noexcept override { return meter_; }
    Random& random() noexcept override { return random_; }
    Disk& disk() noexcept override { return disk_; }
    const Joiner& joiner() noexcept override { return joiner_; }

private:
    Disk& disk_;
    const Joiner& joiner_;
    SeededRandom random_;
    MemoryLog log_;
    MemoryMeter meter_;
};

}  // namespace ashlar::sim
