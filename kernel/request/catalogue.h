// The tables as orders meet them: each with its resolver and its placement. Rebuilt when tables or ring change.
//
// Loop only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/plugin.h"
#include "ashlar/replicator.h"
#include "port/order.h"
#include "ring/placement.h"

namespace ashlar::request {

/// A resolver as tables use it.
struct LoadedResolver {
    ConflictResolver* resolver = nullptr;
    std::uint64_t capabilities = 0;
    std::uint32_t tag = 0;
    bool stamps_decide() const { return (capabilities & merges_blind_writes) != 0; }
};

struct ServedTable {
    const port::Table* table = nullptr;
    LoadedResolver resolver;
    std::unique_ptr<ring::Placement> placement;
    std::unique_ptr<ring::Placement> first;  ///< by the ring this node began with; none while it is the same
};

class Catalogue {
public:
    Catalogue(const Replicator& replicator, std::map<std::string, LoadedResolver> resolvers, ring::Seat seat)
        : replicator_(replicator), resolvers_(std::move(resolvers)), seat_(std::move(seat)) {}

    void replace(std::vector<port::Table> tables, std::shared_ptr<const Ring> ring);
    /// nullptr: there is no such table. Valid until replace().
    ServedTable* find(View name);
    ServedTable* find(TableId id);
    /// Whether this node owns it, and has since it began: only then does it hold all it ever named there.
    bool owned_from_the_start(ServedTable& table, Token token) const;
    const LoadedResolver* resolver(const std::string& name) const;
    const std::vector<port::Table>& tables() const { return tables_; }
    const std::shared_ptr<const Ring>& ring() const { return ring_; }
    const Replicator& replicator() const { return replicator_; }
    NodeId self() const { return seat_.self; }
    const ring::Seat& seat() const { return seat_; }

private:
    const Replicator& replicator_;
    std::map<std::string, LoadedResolver> resolvers_;
    ring::Seat seat_;
    std::shared_ptr<const Ring> ring_;
    std::shared_ptr<const Ring> first_ring_;  ///< the first with claims
    std::vector<port::Table> tables_;  ///< sorted by name
    std::vector<ServedTable> served_;  ///< same order
    std::map<TableId, std::size_t> by_id_;
};

}  // namespace ashlar::request
