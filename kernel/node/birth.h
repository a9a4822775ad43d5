// How a node begins: what the ledger remembers is checked against what the config wants, the first start makes the
// identity (and, where one node is the cluster, the first ring and the `default` table), and every start whose engine
// is there notes durably that the node is running.
//
// Blocking; the host calls prepare() once, after Ledger::open and before it makes the engine (so that no engine
// touches another engine's files), and begin_life() behind that and before it makes the Node: a start that fails uses
// up no life. Refusals are sentences that name both sides and say what to do.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/partitioner.h"
#include "ledger/ledger.h"

namespace ashlar::node {

/// What the config says this node is.
struct Identity {
    std::string cluster = "ashlar";
    std::string name;
    std::string datacentre = "dc1";
    std::string rack = "rack1";
    std::uint32_t capacity = 1;
    std::uint32_t expect = 1;  ///< cluster.expect: nodes of the first ring; it is agreed on (kernel/accord) if several
    std::string address;       ///< host:port for clients
    std::string partitioner;
    std::string engine;
    std::string replicator;
    std::string default_resolver;
    std::vector<std::string> resolvers;  ///< all that are loaded
    Replication replication;             ///< of the `default` table when it is made
    Consistency read{Level::quorum, 0};
    Consistency write{Level::quorum, 0};
};

/// Counters are leased in blocks of so many: at 100,000 writes a second one ledger write in ten seconds.
inline constexpr std::uint64_t lease_block = 1u << 20;

/// Epoch 1 of exactly these members (sorted by node), with the `default` table.
Result<ledger::Agreed> first_agreed(const Identity& wanted, std::span<const Member> members, Random& random,
                                    const Partitioner& partitioner);

/// After success the ledger holds who this node is, durably.
Result<void> prepare(ledger::Ledger& ledger, const Identity& wanted, Random& random, const Partitioner& partitioner);

/// After success the ledger's state is durable, not clean, and leases counters behind every one ever used:
/// counter_used is the last that may have been, counter_lease the end of the new lease. Where the last stop was not
/// clean it names a life that never was; fails with unsupported where all have been.
///
/// An engine that keeps nothing over a restart has forgotten what the other members believe this node to hold: it
/// begins with a gap of the whole circle (ledger::State::gaps), as a new actor.
enum class EngineKeeps : std::uint8_t { all, nothing };
Result<void> begin_life(ledger::Ledger& ledger, EngineKeeps keeps = EngineKeeps::all,
                        std::uint64_t block = lease_block);

}  // namespace ashlar::node
