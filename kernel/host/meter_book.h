// The counters of a node by name. Asking for one may lock and allocate; counting never does. Any thread.
// Counters live as long as the book.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/host.h"

namespace ashlar::host {

class MeterBook final : public Meter {
public:
    Counter& counter(View name) noexcept override {
        std::lock_guard lock(mutex_);
        auto found = counters_.find(name);
        return found != counters_.end() ? found->second : counters_[std::string(name)];
    }
    /// All of them, sorted by name.
    std::vector<std::pair<std::string, std::int64_t>> figures() const {
        std::lock_guard lock(mutex_);
        std::vector<std::pair<std::string, std::int64_t>> out;
        out.reserve(counters_.size());
        for (const auto& [name, counter] : counters_)
            out.emplace_back(name, counter.value.load(std::memory_order_relaxed));
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Counter, std::less<>> counters_;
};

}  // namespace ashlar::host
