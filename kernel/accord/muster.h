// Who would make the first ring, seen from one node's roster.
//
// The founders are the nodes that hold no ring and are not down. Where they are exactly as many as cluster.expect
// says, their mark names the list; they are ready when all live and each reports the same mark (RosterEntry::known),
// that is, sees the same list, and none says that it expects another number. What is wrong is a sentence that says what
// to do. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accord/neighbours.h"
#include "ashlar/ring.h"

namespace ashlar::accord {

struct Muster {
    std::vector<Member> founders;  ///< sorted by node
    std::uint64_t mark = 0;        ///< of the founders, however many
    bool complete = false;         ///< as many as are expected
    bool ready = false;            ///< complete, all live, all see the same
    NodeId formed;                 ///< somebody who holds a ring already; 0: nobody seen
    std::string problem;           ///< what stands in the way for good, in words
    std::string apart;             ///< who reports another list, in words: for a moment, or for good
};

Muster muster(const std::vector<Sighting>& sightings, std::uint32_t expect);

}  // namespace ashlar::accord
