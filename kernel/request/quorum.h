// Counting answers: a pure value. What is needed comes in, asks and answers are added, questions are asked of it.
//
// Habit of riak_kv_put_core (init, add_result, enough, response). Paper: DeCandia et al., Dynamo, SOSP 2007,
// 4.5 (R and W of N). No clock, no chance, no node; memory is kept between uses.
#pragma once

#include <memory>
#include <span>
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

    /// `replicas` is how many own the key. Sloppy: what a stand-in keeps for an absent owner is an answer.
    void init(std::shared_ptr<const ring::Needs> needs, std::uint32_t replicas, Epoch epoch, bool sloppy);
    /// Forgets all; nothing is needed.
    void clear() {
        needs_.reset();
        tallies_.clear();
        achieved_ = {};
    }
    /// One more in this data centre was asked, as an owner or as a stand-in that keeps a hint.
    void ask(View datacentre, bool hint);
    /// One that was asked answered, or never will.
    void add(const Answer& answer);
    void mark_merged() { achieved_.merged = true; }
    /// What another coordinator achieved for this order.
    void report(const port::Achieved& achieved) { achieved_ = achieved; }

    /// Every group has what it needs.
    bool enough() const;
    /// Some group would still lack answers if all that were asked said yes: whether one more in there helps.
    bool wants(View datacentre) const;
    /// Some group cannot get there even if all that were asked, and all `askable` (their data centres), say yes.
    bool impossible(std::span<const View> askable) const;
    const port::Achieved& achieved() const { return achieved_; }

private:
    bool counts(const Need& need, View datacentre, bool hint) const;
    struct Tally {
        std::uint32_t yes = 0;
        std::uint32_t out = 0;  ///< asked, not heard of
    };
    std::shared_ptr<const ring::Needs> needs_;
    std::vector<Tally> tallies_;  ///< one per group of needs_
    port::Achieved achieved_;
    bool sloppy_ = true;
};

}  // namespace ashlar::request
