// Probes under way: those this node sent to learn for itself, and those it sent for others.
//
// Only the node that was asked may answer, under the number it was given. Bounded: at most probes_max are under way,
// relays_max of them for others; more are not begun. Sends nothing itself. Loop only.
// Paper: Das et al., "SWIM", 2002, section 3; Dadgar et al., "Lifeguard", 2018 (a helper also says that it heard
// nothing).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "ashlar/types.h"
#include "port/turn.h"
#include "wire/message.h"

namespace ashlar::member {

inline constexpr std::size_t probes_max = 1024;
inline constexpr std::size_t relays_max = 256;

struct Asked {
    NodeId to;  ///< the target itself, or a helper
    NodeId target;
    Instant sent;
    Instant until;  ///< then no answer has come in time
    NodeId asker;   ///< given: for this node, which calls it asker_ref
    wire::Ref asker_ref;
    bool said_no = false;  ///< a helper said that it heard nothing in time
    bool late = false;     ///< the time is up; an answer still helps
    bool direct() const { return to == target; }
};

class Probing {
public:
    explicit Probing(std::uint64_t first) : next_(first) {}

    /// What to call it; nothing when too many are under way.
    std::optional<wire::Ref> begin(const Asked& asked);
    /// The one that `from` answers, if there is such. It ends, unless a helper says that it heard nothing: a late
    /// answer may still come.
    std::optional<Asked> end(const wire::ProbeAnswer& answer, NodeId from);
    /// All whose time is up, each once. They stay for `late` more, since a late answer still helps.
    std::vector<Asked> overdue(Instant now, Duration late);
    /// Whether this node waits for an answer of the target itself, and its time is not up.
    bool waits_for(NodeId target) const;
    /// What was sent to an earlier life of a node is not waited for.
    void forget(NodeId target);
    /// port::never when none is under way.
    Instant earliest() const;
    void clear() { asked_.clear(); }

private:
    std::uint64_t next_;
    std::map<std::uint64_t, Asked> asked_;
};

}  // namespace ashlar::member
