// Slots for things that wait, named by ids that cannot be mistaken for a later tenant's.
//
// A slot keeps its memory between tenants, so a busy node allocates nothing per order once it is warm. An id
// carries the slot's generation: after give_back() it finds nothing. References stay valid until give_back().
// One thread. T has clear(), called when a slot is given back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace ashlar::base {

/// Names a tenant of a slab. A default one names nobody.
struct SlotId {
    std::uint32_t index = ~std::uint32_t{0};
    std::uint32_t generation = 0;
    bool given() const { return generation != 0; }
    bool operator==(const SlotId&) const = default;
};

template <class T>
class Slab {
public:
    SlotId take() {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(slots_.size()));
            slots_.emplace_back();
        }
        std::uint32_t index = free_.back();
        free_.pop_back();
        slots_[index].used = true;
        ++used_;
        return SlotId{index, slots_[index].generation};
    }
    /// The tenant, or nullptr when it has left.
    T* find(SlotId id) {
        if (id.index >= slots_.size()) return nullptr;
        Slot& slot = slots_[id.index];
        return slot.used && slot.generation == id.generation ? &slot.value : nullptr;
    }
    /// Who lives in a slot now; a default id when nobody does.
    SlotId tenant(std::uint32_t index) const {
        return index < slots_.size() && slots_[index].used ? SlotId{index, slots_[index].generation} : SlotId{};
    }
    void give_back(SlotId id) {
        if (find(id) == nullptr) return;
        Slot& slot = slots_[id.index];
        slot.value.clear();
        slot.used = false;
        // 0 is kept for "nobody".
        if (++slot.generation == 0) slot.generation = 1;
        free_.push_back(id.index);
        --used_;
    }
    std::size_t used() const { return used_; }
    std::size_t slots() const { return slots_.size(); }

private:
    struct Slot {
        T value;
        std::uint32_t generation = 1;
        bool used = false;
    };
    std::deque<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t used_ = 0;
};

}  // namespace ashlar::base
