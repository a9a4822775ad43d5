// The one machine: everything a node decides, as step(now, event, effects).
//
// Deterministic: same parts, same seed, same events, same effects. No clock, thread, socket, file or chance
// of its own; plugins are values it consults, what may block leaves as Work. One Node is one slice; the host
// calls it from one thread (the loop).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "accord/accord.h"
#include "ashlar/conflict_resolver.h"
#include "ashlar/failure_detector.h"
#include "ashlar/host.h"
#include "ashlar/partitioner.h"
#include "ashlar/replicator.h"
#include "ashlar/storage_engine.h"
#include "handoff/hints.h"
#include "ledger/ledger.h"
#include "member/members.h"
#include "node/birth.h"
#include "node/errand.h"
#include "port/effects.h"
#include "port/event.h"
#include "port/limits.h"
#include "repair/repair_order.h"
#include "repair/tree_file.h"

namespace ashlar::node {

using port::Limits;

/// What the node is made of. All of it outlives the node.
struct Parts {
    Partitioner* partitioner = nullptr;
    Replicator* replicator = nullptr;
    FailureDetector* detector = nullptr;
    std::map<std::string, ConflictResolver*> resolvers;  ///< by plugin name; all that tables may use
    std::map<std::string, std::uint64_t> resolver_capabilities;
    StorageEngine* engine = nullptr;
    std::string engine_name;
    std::string default_resolver;
    ledger::Ledger* ledger = nullptr;  ///< opened: what this node remembers
    repair::TreeFile* trees = nullptr;  ///< taken; none: what the hash trees know ends with the process
    Log* log = nullptr;
    Meter* meter = nullptr;
    Random* random = nullptr;
    const Joiner* summing = nullptr;   ///< what hashes settle entries with; tests bend it
    Limits limits;
    member::Rules cluster;   ///< how the others are found
    accord::Rules accord;    ///< how the first ring comes to be
    Identity identity;       ///< what the first ring is made with
    wire::RosterEntry self;  ///< what this node says of itself; node, incarnation and data centre at least
};

/// Figures for the operator, taken on the loop.
struct Facts {
    Epoch epoch;
    std::size_t waiting_orders = 0;
    EngineStats engine;
    std::vector<member::Standing> standings;          ///< this node too, sorted by node
    std::map<NodeId, handoff::Hints::Account> hints;  ///< by absent owner
    std::string problem;  ///< what stands in the way of a first ring or of taking part; empty: nothing
    repair::Convergence convergence;  ///< how far the replicas of what this node owns are proven equal
    std::string refusal;  ///< the node that was turned away last, and why; empty: none
};

class Node {
public:
    explicit Node(Parts parts);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    void step(const Now& now, const port::Event& event, port::Effects& effects);

    // Looks, for hello, status and describe; valid until the next step.
    const Ring& ring() const;
    const std::vector<port::Table>& tables() const;  ///< sorted by name
    /// Where clients find a node; empty: nobody has heard of it.
    std::string_view clients_at(NodeId node) const;
    Facts facts() const;
    /// The long work that operators began: under way, and what ended last; by number.
    std::vector<Errand> errands() const;

private:
    struct Rooms;
    std::unique_ptr<Rooms> rooms_;
};

}  // namespace ashlar::node
