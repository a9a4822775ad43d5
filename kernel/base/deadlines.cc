#include "base/deadlines.h"

namespace ashlar::base {

void Deadlines::place(std::size_t at, const Entry& entry) {
    heap_[at] = entry;
    where_[entry.slot] = static_cast<std::uint32_t>(at) + 1;
}

void Deadlines::rise(std::size_t at) {
    Entry entry = heap_[at];
    while (at > 0) {
        std::size_t parent = (at - 1) / 2;
        if (!(entry < heap_[parent])) break;
        place(at, heap_[parent]);
        at = parent;
    }
    place(at, entry);
}

void Deadlines::sink(std::size_t at) {
    Entry entry = heap_[at];
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
        if (!(heap_[child] < entry)) break;
        place(at, heap_[child]);
        at = child;
    }
    place(at, entry);
}

void Deadlines::set(std::uint32_t slot, Instant when) {
    if (slot >= where_.size()) where_.resize(slot + 1, 0);
    if (where_[slot] == 0) {
        heap_.push_back(Entry{when, slot});
        rise(heap_.size() - 1);
        return;
    }
    std::size_t at = where_[slot] - 1;
    heap_[at].when = when;
    rise(at);
    sink(where_[slot] - 1);
}

void Deadlines::clear(std::uint32_t slot) {
    if (slot >= where_.size() || where_[slot] == 0) return;
    std::size_t at = where_[slot] - 1;
    where_[slot] = 0;
    Entry last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    place(at, last);
    rise(at);
    sink(where_[last.slot] - 1);
}

std::optional<std::uint32_t> Deadlines::take_due(Instant now) {
    if (heap_.empty() || now < heap_.front().when) return std::nullopt;
    std::uint32_t slot = heap_.front().slot;
    clear(slot);
    return slot;
}

}  // namespace ashlar::base
