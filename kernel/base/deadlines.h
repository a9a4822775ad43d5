// Moments by which slots must be done: an indexed heap, so that an order that finishes leaves at once and the
// queue is never larger than the slab it belongs to. Ties fall by slot number. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::base {

class Deadlines {
public:
    /// Sets or moves the moment of a slot.
    void set(std::uint32_t slot, Instant when);
    void clear(std::uint32_t slot);
    bool empty() const { return heap_.empty(); }
    /// Only when not empty.
    Instant earliest() const { return heap_.front().when; }
    /// Takes out one slot whose moment has come.
    std::optional<std::uint32_t> take_due(Instant now);

private:
    struct Entry {
        Instant when;
        std::uint32_t slot = 0;
        auto operator<=>(const Entry&) const = default;
    };
    void place(std::size_t at, const Entry& entry);
    void rise(std::size_t at);
    void sink(std::size_t at);

    std::vector<Entry> heap_;
    std::vector<std::uint32_t> where_;  ///< by slot: 1 + position in the heap, 0 when not in it
};

}  // namespace ashlar::base
