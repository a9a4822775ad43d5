// One version per key: the one with the latest stamp wins, and what it beat is gone.
//
// The stamp is (wall time, actor, counter): a hybrid clock whose physical part is the coordinator's and whose
// logical part is the dot, so it orders any two writes the same way everywhere, also two of one microsecond.
// The coordinator's clock is drawn by every stamp it reads, joins or is shown in a context, so a write that saw another
// is stamped after it, even if that node's wall clock is behind; of writes that saw nothing the wall clocks decide. So
// clocks must agree within limits.clock_skew: a client's context beyond it is refused by the coordinator. Replicas join
// every stamp, for they must be able to agree; one beyond the bound draws only what builds on it, and status tells.
// A put without context replaces, as said by merges_blind_writes. Tombstones take part like values.
//
// This resolver loses concurrent writes by design; use another where each must survive. Its context is the one
// dot it holds. Pure, any thread, no state.
#pragma once

#include "ashlar/conflict_resolver.h"
#include "kit/entry.h"

namespace ashlar::last_write_wins {

inline constexpr View name = "last_write_wins";
inline constexpr kit::EntryHead head{0xb4540f46, 1};

class LastWriteWins final : public ConflictResolver {
public:
    /// Never: two stamps are compared wherever they meet.
    bool needs_held(const Change& change) const noexcept override;
    Result<Bytes> update(View held, const Change& change) const noexcept override;
    Result<Bytes> join(View a, View b) const noexcept override;
    Result<void> read(View entry, WallTime now, Reading& reading) const noexcept override;
    Result<Bytes> settle(View entry, const Keep& keep) const noexcept override;
    Result<void> check(View entry) const noexcept override;
};

}  // namespace ashlar::last_write_wins
