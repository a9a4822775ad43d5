// Values that merge on the server: counters, sets, registers, and maps of them.
//
// A put whose value is an operation (operation.h) is applied by its coordinator to what that holds; what it leaves is
// joined everywhere, so operations made at the same time all take effect: increments add up, an element added while
// another takes it away stays, maps merge field by field, of register values assigned at the same time readers see the
// one with the latest stamp. Readers get text: a number, JSON, the register's bytes.
//
// A put of anything else is a plain value under the rules of dotted_version_vector: concurrent ones are siblings, a put
// or remove with context replaces exactly what was seen. Values of different kinds stand beside each other as siblings
// where they were made at the same time; an operation on a key that holds another kind is refused.
//
// What one cannot have: operations do not expire. A key removed while a node adds to its counter keeps the whole sum of
// that node, since a node's amount is one number. A retry with the request id of an operation is recognised where its
// version or its counter's last 32 requests are held: at the same coordinator always, at another once it has it.
//
// A reading tells of every dot that is there, as who did not see one did not see the value: those that only add to a text
// which a newer version shows stand among the tombstones. For the same reason an operation that only takes away leaves a
// tombstone of its own, until the next operation.
//
// Safe as dotted_version_vector is: Change::complete_through bounds what a node folds of its own. Pure, any thread.
// Fails with invalid_request (a bad operation, a wrong kind, a value over entry_bytes_max) and corrupt.
// Source: Shapiro et al., INRIA RR-7506, 2011; Almeida et al., JPDC 2018; see state.h.
#pragma once

#include <cstddef>

#include "ashlar/conflict_resolver.h"

namespace ashlar::crdt {

class Crdt final : public ConflictResolver {
public:
    explicit Crdt(std::size_t entry_bytes_max) : entry_bytes_max_(entry_bytes_max) {}

    /// An operation and a causal write; a blind plain one is its dot alone.
    bool needs_held(const Change& change) const noexcept override;
    Result<Bytes> update(View held, const Change& change) const noexcept override;
    Result<Bytes> join(View a, View b) const noexcept override;
    Result<void> read(View entry, WallTime now, Reading& reading) const noexcept override;
    Result<Bytes> settle(View entry, const Keep& keep) const noexcept override;
    Result<void> check(View entry) const noexcept override;

private:
    std::size_t entry_bytes_max_;
};

}  // namespace ashlar::crdt
