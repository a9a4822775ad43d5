// Whose turn it is to be probed: a shuffled round, each peer once, then shuffled anew; who comes in between gets a
// random place among those still to come. So every peer is probed within two rounds, at moments nobody can foresee.
//
// Loop only. Source: SWIM, section 4.3.
#pragma once

#include <cstddef>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/types.h"

namespace ashlar::swim {

class Turns {
public:
    explicit Turns(Random& random) : random_(random) {}

    void add(NodeId peer);     ///< one that is not in the round
    void remove(NodeId peer);  ///< one that may be
    /// Nobody (0) when there are no peers.
    NodeId next();

private:
    Random& random_;
    std::vector<NodeId> order_;
    std::size_t next_ = 0;
};

}  // namespace ashlar::swim
