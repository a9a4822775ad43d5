// Counting answers: a pure value. What is needed comes in, answers are added, three questions are asked of it.
//
// Habit of riak_kv_put_core (init, add_result, enough, response). Paper: DeCandia et al., Dynamo, SOSP 2007,
// 4.5 (R and W of N). No clock, no chance, no node; memory is kept between uses.
#pragma once

#include <memory>
#include <vector>

#include "port/order.h"
#include "ring/placement.h"

namespace ashlar::request {

class Quorum {
public:
    struct Answer {
        bool ok = false;
        bool owner = true;
        bool synced = false;  ///< of a write: on the disk when it was answered
        bool hint = false;    ///< kept by a stand-in for an absent owner
        View datacentre;      ///< of who answered
    };

    /// `replicas` is how many can be asked.
    void init(std::shared_ptr<const ring::Needs> needs, std::uint32_t replicas, Epoch epoch);
    void add(const Answer& answer);
    void mark_merged() { achieved_.merged = true; }

    /// Every group has what it needs.
    bool enough() const;
    /// Some group can no longer get there, whatever the outstanding answers say.
    bool impossible() const;
    const port::Achieved& achieved() const { return achieved_; }

private:
    struct Tally {
        std::uint32_t yes = 0;
        std::uint32_t no = 0;
    };
    std::shared_ptr<const ring::Needs> needs_;
    std::vector<Tally> tallies_;  ///< one per group of needs_
    port::Achieved achieved_;
};

}  // namespace ashlar::request
