// The node's joiner, straight unless a test plants a bug in it.
#pragma once

#include <map>
#include <string>

#include "kit/entry.h"
#include "node/tag_joiner.h"
#include "swarm.h"

namespace ashlar::sim {

class BentJoiner final : public Joiner {
public:
    BentJoiner(const std::map<std::string, ConflictResolver*>& resolvers, Sabotage sabotage)
        : joiner_(resolvers), sabotage_(sabotage) {}

    Result<Bytes> join(TableId table, View a, View b) const noexcept override {
        if (sabotage_ == Sabotage::last_writer_wins) return Bytes(b);
        return joiner_.join(table, a, b);
    }
    Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept override {
        if (sabotage_ != Sabotage::forget_tombstones_early) return joiner_.settle(table, entry, keep);
        return joiner_.settle(table, entry, Keep{keep.now, keep.now});
    }

private:
    node::TagJoiner joiner_;
    Sabotage sabotage_;
};

/// What a node sums up entries with, straight unless a test plants a bug in it.
class BentSum final : public Joiner {
public:
    BentSum(const std::map<std::string, ConflictResolver*>& resolvers, Sabotage sabotage)
        : joiner_(resolvers), sabotage_(sabotage) {}

    Result<Bytes> join(TableId table, View a, View b) const noexcept override { return joiner_.join(table, a, b); }
    Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept override {
        auto settled = joiner_.settle(table, entry, keep);
        if (!settled || settled->empty()) return settled;
        if (sabotage_ == Sabotage::skip_bucket && kit::hash64(*settled) % 2 == 0) return Bytes();
        if (sabotage_ == Sabotage::hash_without_context) return kinds_of(*settled);
        return settled;
    }

private:
    /// What people read of it, and nothing of what it has seen.
    static Bytes kinds_of(View entry) {
        Bytes out;
        kit::EntryWalk walk(entry);
        for (kit::StoredVersion version; walk.next(version);)
            if (version.kind == VersionKind::value) out.append(version.value);
        return out;
    }

    node::TagJoiner joiner_;
    Sabotage sabotage_;
};

}  // namespace ashlar::sim
