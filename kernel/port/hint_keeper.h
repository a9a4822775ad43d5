// Who counts the hints of this node and says whether there is room for another (kernel/handoff).
//
// Whoever applies a write for an absent owner asks first and tells after. Loop only.
#pragma once

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::port {

class HintKeeper {
public:
    /// Refuses with overloaded, in words with the numbers, when `bytes` more do not fit: before anything is
    /// acknowledged, so that the next stand-in can be asked.
    virtual Result<void> admit(NodeId owner, std::size_t bytes) = 0;
    /// A record was applied.
    virtual void kept(NodeId owner, std::size_t bytes) = 0;
    /// An owner did not acknowledge an entry: keep a record for it, and the entry too where this node does not `hold`
    /// it. It counted towards no quorum, so where there is no room it is dropped, and counted as dropped.
    virtual void owe(NodeId owner, const EntryKey& key, View entry, bool held) = 0;

protected:
    ~HintKeeper() = default;
};

}  // namespace ashlar::port
