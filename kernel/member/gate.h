// Who may be in the roster at all: entries an honest node could have written, of nodes that compute as this one does.
//
// Nodes whose cluster-affecting plugins differ would place and merge the same data differently, and nodes that share
// no protocol cannot talk: they are refused, with one line per peer that names both sides' values, and counted.
// Bounded: the refusals of 256 peers are remembered. Loop only.
#pragma once

#include <map>
#include <string>

#include "ashlar/host.h"
#include "wire/message.h"

namespace ashlar::member {

/// Text from outside as it may stand in a log line: it cannot end it.
std::string printable(View text);

/// Heartbeats stay below it, whatever is claimed.
inline constexpr std::uint64_t heartbeat_end = std::uint64_t{1} << 62;

/// Within the sizes an honest node keeps; heartbeats leave room to count on.
bool well_formed(const wire::RosterEntry& entry);

/// How `theirs` differs from `ours` where it must not, field by field; empty when it does not.
/// RosterEntry::parts is read as pieces "KIND NAME VERSION" separated by ';'.
std::string difference(const wire::RosterEntry& ours, const wire::RosterEntry& theirs);

class Gate {
public:
    Gate(Log& log, Meter& meter);

    enum class Answer { welcome, refused, refused_anew };
    Answer judge(const wire::RosterEntry& ours, const wire::RosterEntry& theirs, View cluster);
    bool refuses(NodeId node) const { return refused_.contains(node); }
    /// Whom it refused last, and why; empty: nobody.
    const std::string& newest_refusal() const { return newest_refusal_; }

private:
    Log& log_;
    Meter::Counter& refusals_;
    Meter::Counter& malformed_;
    std::map<NodeId, std::string> refused_;  ///< and why
    std::string newest_refusal_;
};

}  // namespace ashlar::member
