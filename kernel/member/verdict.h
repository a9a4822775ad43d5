// What all sources together make of a peer.
//
// A peer is down when this node's detector condemns it and a second source agrees: another node that is itself
// believed alive accuses it, or it said itself that it stops, or, where no other witness lives, a second channel
// speaks against it. Until then it is suspect: avoided, not condemned. Once down it stays so while the detector
// condemns it, even if the accuser falls silent meanwhile; any sign of life ends it.
// Pure functions of the roster. Loop only.
#pragma once

#include "member/roster.h"

namespace ashlar::member {

/// Whether this node's detector has nothing against it.
inline bool believed(const Known& known) {
    return known.own.state == PeerState::alive || known.own.state == PeerState::slow;
}

/// Enters into each Known::accusers who accuses it: believed nodes whose word is newer than `fresh_from`.
void gather_accusers(Roster& roster, Instant fresh_from);

/// `lenient`: this node was away lately and condemns nobody anew.
PeerState verdict(const Roster& roster, NodeId node, const Known& known, bool lenient);

/// "silent by gossip and probe; accused by 0000000000000002": the reasons of a verdict, for people.
std::string reasons(const Known& known);

const char* name_of(PeerState state);

}  // namespace ashlar::member
