// What a seed draws for a cluster on top of its swarm: how many nodes, how the network behaves when it is well, and
// what goes wrong with it and with whole machines. Each kind is left out of half of the seeds, and any kind can be
// switched off by name, so that a failing seed can be shrunk to the kinds it needs.
#pragma once

#include <string>
#include <vector>

#include "reach.h"
#include "swarm.h"

namespace ashlar::sim {

/// Per million, unless it is named otherwise. 0: never.
struct Storm {
    std::uint32_t nodes = 3;
    std::uint32_t replicas = 3;          ///< of all data centres together
    std::vector<std::uint32_t> by_site;  ///< replicas in each data centre, if there are several
    bool by_vote = false;                ///< the machines find each other and agree on the first ring
    std::string detector = "heartbeat";
    // The network when it is well.
    Duration link_delay_max{1'000};
    Duration background_delay_max{5'000};
    std::uint64_t loss = 0;          ///< of background frames
    std::uint64_t duplication = 0;   ///< of background frames
    std::uint64_t late = 0;          ///< of background frames: up to a second, so others overtake them
    std::uint64_t damage = 0;        ///< of frames: a bit is flipped
    std::uint64_t refused_send = 0;  ///< the queue towards a peer is full
    // What befalls it.
    Duration partition_every{0};
    Duration partition_most{0};  ///< how long at most
    Duration cut_site_every{0};  ///< a data centre whole, for as long as a partition
    bool one_way = false;        ///< some partitions let one direction through
    Duration slow_every{0};
    Duration slow_most{0};  ///< what one way takes in addition, at most
    // What befalls machines.
    Duration pause_every{0};
    Duration pause_most{0};
    Duration skew_most{0};      ///< of a wall clock, from the start
    Duration down_most{0};      ///< how long a machine stays down
    bool one_bad_disk = false;  ///< disk faults befall one machine only
    // What clients ask.
    std::uint64_t strict = 0;
    std::uint64_t elsewhere = 0;  ///< orders that do not go to the client's usual machine
    std::uint64_t by_default = 1, one = 0, two = 0, three = 0, quorum = 0, all = 0, any = 0, count = 0, local_one = 0,
                  local_quorum = 0,
                  each_quorum = 0;  ///< weights of levels

    // Drawn apart, so that seeds kept what they had drawn before.
    bool own_terms = false;  ///< tables are made with replicas and levels of their own
    bool ordered = false;    ///< scans go from key to key

    // What only anti-entropy heals.
    Duration wipe_every{0};  ///< the unlucky machine loses its disk
    Duration rot_every{0};   ///< a table file of the unlucky machine goes bad somewhere
    Duration take_home_after{0};
    Duration absence{0};     ///< so long one machine is away, and so far all wall clocks go meanwhile
    bool table_ttl = false;  ///< some tables have a TTL

    /// Of every key of a table that says nothing else.
    Reach owners() const { return Reach{replicas, by_site}; }
    /// The data centre of a machine.
    std::size_t site_of(std::size_t place) const { return by_site.empty() ? 0 : place % by_site.size(); }
    std::string describe() const;
};

/// `nodes` 0: drawn.
Storm draw_storm(SeededRandom& random, std::uint32_t nodes);
/// What came later, from a chance of its own.
void draw_more(Storm& storm, Swarm& swarm, SeededRandom& random, const std::string& partitioner);
/// What only anti-entropy heals.
void draw_healing(Storm& storm, SeededRandom& random);
/// Of a table with replicas and levels of its own.
Terms draw_terms(const Storm& storm, SeededRandom& random);

/// Kinds of faults by name, and switching one off; false for an unknown name.
const std::vector<std::string>& fault_kinds();
bool switch_off(const std::string& kind, Swarm& swarm, Storm& storm);

}  // namespace ashlar::sim
