// The tables as orders meet them: each with its resolver and its placement. Rebuilt when tables or ring change.
//
// Loop only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/plugin.h"
#include "ashlar/replicator.h"
#include "base/token_ranges.h"
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
    /// How the room meets those who know what this node has lost or not got yet (repair/gaps.h).
    using Complete = std::function<bool(TableId, const TokenRange&)>;
    void on_complete(Complete complete) { complete_ = std::move(complete); }
    /// Whether this node owns these tokens, which the same nodes own, and what it has of them is all there was for it:
    /// only then do its answers count towards R. As of now: asked before a read begins.
    bool answers_for(ServedTable& table, const TokenRange& tokens) const;
    /// What this node owns in any table.
    base::TokenRanges owned();
    /// Whether all that this node owns of these tokens has another owner.
    bool owned_elsewhere(const TokenRange& tokens);
    /// The tables in which this node owns these tokens, which the same nodes own.
    std::vector<TableId> owned_in(const TokenRange& tokens);
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
    Complete complete_;
};

}  // namespace ashlar::request
