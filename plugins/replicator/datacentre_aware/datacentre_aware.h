// So many owners in each data centre, there on as many racks as possible.
//
// A table says `replicas: 3`, three in every data centre that has nodes (also in one that is added later, as users of
// Cassandra expect), or `replicas: {east: 3, west: 2}`, which places nothing elsewhere. A data centre with fewer nodes
// than that gives all it has, and levels count those.
//
// The walk is the same on every node: owners first, the data centres taking turns, beginning with the one met first
// clockwise; then, still in turns, all further nodes of these data centres; at the end nodes of data centres that
// should hold nothing. So whoever looks for the stand-in of an absent owner takes the first behind the owners that is
// in the same data centre, and finds it within as many steps as there are data centres; and if none is left there,
// the next of all. order.h says who comes when inside a data centre.
//
// Levels: local_one and local_quorum ask the owners in the coordinator's data centre, each_quorum a majority in every
// data centre that should hold the table; all others count owners anywhere, so a quorum is a majority of all of them.
//
// Pure, any thread, no state. Source: DeCandia et al., Dynamo, SOSP 2007, sections 4.2, 4.3 and 4.6; levels as in
// Lakshman and Malik, "Cassandra", LADIS 2009, section 5.2.
#pragma once

#include "ashlar/replicator.h"

namespace ashlar::datacentre_aware {

inline constexpr std::uint32_t replicas_max = 64;  ///< in one data centre
inline constexpr std::size_t datacentres_max = 64;

class DatacentreAware final : public Replicator {
public:
    void walk(const Ring& ring, Token token, const Replication& replication, Walk& walk) const noexcept override;
    Result<std::vector<Need>> needs(const Consistency& consistency, const Ring& ring, const Replication& replication,
                                    View datacentre) const noexcept override;
    /// Counts from 1 to replicas_max, data centres named once each and in order.
    Result<void> check(const Replication& replication) const noexcept override;
};

}  // namespace ashlar::datacentre_aware
