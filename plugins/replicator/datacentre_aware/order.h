// In which order the nodes of a ring are asked to hold a token, data centre by data centre.
//
// In each data centre: clockwise from the token, but first the first node met of every rack, then the second of every
// rack, and so on. So the first N stand on as many racks as there are, and no rack holds two more than another
// while that other still has nodes; and a larger N only goes further down the same order.
//
// Pure, any thread. Memory follows the number of members.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/ring.h"

namespace ashlar::datacentre_aware {

struct Centre {
    View name;                  ///< of the ring's own text
    std::vector<NodeId> nodes;  ///< that can hold data, in the order they are asked
};

/// The data centres in the order in which they are met clockwise; nodes without a claim come last in theirs.
std::vector<Centre> centres_from(const Ring& ring, Token token);

}  // namespace ashlar::datacentre_aware
