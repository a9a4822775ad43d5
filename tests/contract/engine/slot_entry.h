// The entries of the engine suite: a join-semilattice small enough to see through, so that the suite needs no resolver.
//
// An entry is a few slots; of each the highest stamp wins, and of equal stamps the tombstone. So joins in any order
// and any number give the same bytes, a lost write shows as a missing or older slot, and a forgotten tombstone that
// an older run brings back shows as a slot that should be gone. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::contract {

struct Slot {
    std::uint8_t slot = 0;
    std::uint64_t stamp = 0;
    bool removed = false;
    WallTime wall;        ///< of a tombstone: when it was written
    WallTime expires{0};  ///< 0: never
    Bytes value;
    bool operator==(const Slot&) const = default;
};

/// Slots sorted and unique.
Bytes encode(const std::vector<Slot>& slots);
Bytes encode(const Slot& slot);
Result<std::vector<Slot>> decode(View entry);

class SlotJoiner final : public Joiner {
public:
    Result<Bytes> join(TableId table, View a, View b) const noexcept override;
    Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept override;
};

}  // namespace ashlar::contract
