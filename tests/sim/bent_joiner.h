// The node's joiner, straight unless a test plants a bug in it.
#pragma once

#include <map>
#include <string>

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
        return joiner_.settle(table, entry, keep);
    }

private:
    node::TagJoiner joiner_;
    Sabotage sabotage_;
};

}  // namespace ashlar::sim
