#include "repair/orders.h"

#include <utility>

#include "kit/text.h"

namespace ashlar::repair {

RepairReport& RepairReport::operator+=(const RepairReport& other) {
    partitions += other.partitions;
    partitions_done += other.partitions_done;
    partitions_equal += other.partitions_equal;
    partitions_failed += other.partitions_failed;
    ranges_compared += other.ranges_compared;
    keys_differing += other.keys_differing;
    entries_given += other.entries_given;
    bytes_given += other.bytes_given;
    entries_fetched += other.entries_fetched;
    bytes_fetched += other.bytes_fetched;
    entries_too_large += other.entries_too_large;
    for (const auto& [node, keys] : other.differing) differing[node] += keys;
    silent.insert(other.silent.begin(), other.silent.end());
    if (!other.problem.empty()) problem = other.problem;
    return *this;
}

Result<std::uint64_t> Orders::open(const port::Turn& turn, std::vector<Job> jobs, OrderDone then) {
    if (open_.size() >= open_most)
        return fail(Code::overloaded, kit::text(open_.size(), " repair orders are open on this node already"));
    const std::uint64_t name = ++names_;
    Open& open = open_[name];
    open.report.partitions = jobs.size();
    for (Job& job : jobs) {
        job.order = name;
        open.left.push_back(std::move(job));
    }
    open.then = std::move(then);
    end_if_done(turn, name);
    return name;
}

std::optional<Job> Orders::next() {
    for (auto& [name, open] : open_) {
        if (open.under_way || open.left.empty()) continue;
        Job job = std::move(open.left.front());
        open.left.pop_front();
        open.under_way = true;
        return job;
    }
    return std::nullopt;
}

bool Orders::any_waiting() const {
    for (const auto& [name, open] : open_)
        if (!open.under_way && !open.left.empty()) return true;
    return false;
}

void Orders::done(const port::Turn& turn, std::uint64_t order, bool answered, bool equal, const RepairReport& tally) {
    auto at = open_.find(order);
    if (at == open_.end()) return;
    RepairReport& report = at->second.report;
    report += tally;
    ++report.partitions_done;
    if (equal) ++report.partitions_equal;
    if (!answered) ++report.partitions_failed;
    at->second.under_way = false;
    end_if_done(turn, order);
}

std::optional<RepairReport> Orders::progress(std::uint64_t order) const {
    auto at = open_.find(order);
    return at == open_.end() ? std::nullopt : std::optional(at->second.report);
}

void Orders::cancel(const port::Turn& turn, std::uint64_t order) {
    auto at = open_.find(order);
    if (at == open_.end()) return;
    at->second.report.partitions -= at->second.left.size();
    at->second.left.clear();
    end_if_done(turn, order);
}

void Orders::end_if_done(const port::Turn& turn, std::uint64_t order) {
    auto at = open_.find(order);
    if (at->second.under_way || !at->second.left.empty()) return;
    const Open open = std::move(at->second);
    open_.erase(at);
    open.then(turn, open.report);
}

void Orders::close(const port::Turn& turn) {
    std::map<std::uint64_t, Open> open = std::move(open_);
    open_.clear();
    for (auto& [name, one] : open) one.then(turn, fail(Code::closed, "this node is stopping"));
}

}  // namespace ashlar::repair
