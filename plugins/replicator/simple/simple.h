// The next N distinct nodes clockwise, wherever they stand: for one data centre, or where that does not matter.
//
// The walk starts at the claim that holds the token and skips repeats; all further nodes with a claim follow
// as stand-ins, so a preference list names every node that can hold data. Where there are fewer than N such
// nodes, all of them are owners and levels count those. How many owners stand in one data centre of several differs
// from key to key, so there local_one and local_quorum are refused, rather than promised for some keys only; where
// all nodes with capacity share the coordinator's data centre they mean one and quorum. each_quorum is refused
// always: it is about several data centres, and this walk knows none.
//
// Pure, any thread, no state. Source: DeCandia et al., Dynamo, SOSP 2007, sections 4.2, 4.3 and 4.6.
#pragma once

#include "ashlar/replicator.h"

namespace ashlar::simple {

inline constexpr std::uint32_t replicas_max = 64;

class Simple final : public Replicator {
public:
    void walk(const Ring& ring, Token token, const Replication& replication, Walk& walk) const noexcept override;
    Result<std::vector<Need>> needs(const Consistency& consistency, const Ring& ring, const Replication& replication,
                                    View datacentre) const noexcept override;
    Result<void> check(const Replication& replication) const noexcept override;
};

}  // namespace ashlar::simple
