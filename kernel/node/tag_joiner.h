// The joiner engines merge with: each entry goes to the resolver whose tag it opens with.
//
// Made before the engine and handed to it by the host; immutable from then on, any thread. An entry without a
// known tag, or two entries of different resolvers under one key, are corrupt: refused, never guessed.
#pragma once

#include <map>
#include <string>

#include "ashlar/conflict_resolver.h"
#include "ashlar/host.h"

namespace ashlar::node {

class TagJoiner final : public Joiner {
public:
    /// By plugin name; they outlive the joiner.
    explicit TagJoiner(const std::map<std::string, ConflictResolver*>& resolvers);

    Result<Bytes> join(TableId table, View a, View b) const noexcept override;
    Result<Bytes> settle(TableId table, View entry, const Keep& keep) const noexcept override;

private:
    Result<const ConflictResolver*> resolver_of(TableId table, View entry) const;
    std::map<std::uint32_t, const ConflictResolver*> by_tag_;
};

}  // namespace ashlar::node
