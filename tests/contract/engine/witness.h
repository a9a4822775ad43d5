// Remembers what an engine was given and what it promised, and judges what is found after a fault.
//
// Events are batches and whole retirements, in the order the engine took them; promised() says that all so far are
// durable. judge() allows everything the contract allows and nothing else: promised writes are there unless a later
// one or a retirement took their place, nothing stands there that was never written, a batch came whole or not at
// all, a promised retirement brings nothing back, an unpromised one worked everywhere or nowhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine_test.h"

namespace ashlar::contract {

using Batch = std::vector<std::pair<Key, Slot>>;

class Witness {
public:
    void applied(const Batch& batch);
    void retired(const Retirement& retirement);
    /// From now on tombstones written before this may be gone, here and in everything judged.
    void may_forget(WallTime before) { forget_before_ = std::max(forget_before_, before); }
    /// How many events there are: taken when a sync begins, given to promised() when it succeeded.
    std::size_t events() const { return events_.size(); }
    void promised(std::size_t events) { durable_ = std::max(durable_, events); }

    /// Whether a running engine holds every event.
    testing::AssertionResult holds_all(const Content& found) const;
    /// The entry a running engine must have, as far as nothing may be forgotten.
    Bytes wanted(const Key& key) const;
    /// A content without what may be forgotten: two that should be equal are equal then.
    Content settled(const Content& content) const;
    /// What is found after a fault.
    testing::AssertionResult judge(const Content& found) const;

private:
    struct Event {
        Batch batch;
        Retirement retirement;  ///< if the batch is empty
    };
    using Place = std::pair<Key, std::uint8_t>;
    struct Written {
        std::size_t event;
        Slot slot;
    };
    struct Seen;

    bool covered_later(const Key& key, std::size_t event, bool promised_only) const;
    bool forgotten(const Key& key, const Slot& slot, const Seen& seen) const;
    std::string judge_place(const Place& place, const std::vector<Written>& writes, const Seen& seen) const;
    std::string judge_batches(const Seen& seen) const;
    std::string judge_retirements(const Seen& seen) const;

    std::vector<Event> events_;
    std::size_t durable_ = 0;
    std::map<Place, std::vector<Written>> written_;
    Content all_;
    WallTime forget_before_{0};
};

}  // namespace ashlar::contract
