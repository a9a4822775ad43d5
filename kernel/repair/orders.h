// Operators' orders: which partitions are still to be compared for each, and what came of those that were.
//
// Loop only; bounded: so many orders at a time. One partition of an order is compared at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "ashlar/result.h"
#include "port/turn.h"
#include "repair/ages.h"
#include "repair/repair_order.h"

namespace ashlar::repair {

using OrderDone = std::function<void(const port::Turn&, const Result<RepairReport>&)>;

/// One partition, or a part of it, to be compared for an order.
struct Job {
    std::uint64_t order = 0;
    Ages::Place place;
    TokenRange tokens;       ///< what of the partition the order is about
    std::string datacentre;  ///< as RepairOrder
    bool dry_run = false;
};

class Orders {
public:
    static constexpr std::size_t open_most = 16;

    /// `then` hears within the call if there is nothing to do.
    Result<std::uint64_t> open(const port::Turn& turn, std::vector<Job> jobs, OrderDone then);
    /// The next to be done; nothing while each order has one under way.
    std::optional<Job> next();
    bool any_waiting() const;
    /// What came of a job that next() answered. False outcome in the tally's problem.
    void done(const port::Turn& turn, std::uint64_t order, bool answered, bool equal, const RepairReport& tally);
    std::optional<RepairReport> progress(std::uint64_t order) const;
    void cancel(const port::Turn& turn, std::uint64_t order);
    /// All are told that this node stops.
    void close(const port::Turn& turn);

private:
    struct Open {
        RepairReport report;
        std::deque<Job> left;
        bool under_way = false;
        OrderDone then;
    };
    void end_if_done(const port::Turn& turn, std::uint64_t order);

    std::map<std::uint64_t, Open> open_;
    std::uint64_t names_ = 0;
};

}  // namespace ashlar::repair
