#include "request/catalogue.h"

#include <algorithm>

#include "request/targets.h"

namespace ashlar::request {

void Catalogue::replace(std::vector<port::Table> tables, std::shared_ptr<const Ring> ring) {
    tables_ = std::move(tables);
    ring_ = std::move(ring);
    std::sort(tables_.begin(), tables_.end(),
              [](const port::Table& a, const port::Table& b) { return a.name < b.name; });
    if (first_ring_ == nullptr && !ring_->claims.empty()) first_ring_ = ring_;
    const bool moved = first_ring_ != nullptr && (first_ring_->claims != ring_->claims ||
                                                  first_ring_->members != ring_->members);
    served_.clear();
    by_id_.clear();
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const port::Table& table = tables_[i];
        ServedTable served;
        served.table = &table;
        if (const LoadedResolver* loaded = resolver(table.resolver)) served.resolver = *loaded;
        served.placement = std::make_unique<ring::Placement>(ring_, replicator_, table.replication, seat_);
        if (moved)
            served.first = std::make_unique<ring::Placement>(first_ring_, replicator_, table.replication, seat_);
        served_.push_back(std::move(served));
        by_id_[table.id] = i;
    }
}

ServedTable* Catalogue::find(View name) {
    auto at = std::lower_bound(tables_.begin(), tables_.end(), name,
                               [](const port::Table& table, View wanted) { return View(table.name) < wanted; });
    if (at == tables_.end() || at->name != name) return nullptr;
    return &served_[static_cast<std::size_t>(at - tables_.begin())];
}

bool Catalogue::owned_from_the_start(ServedTable& table, Token token) const {
    if (!is_owner(table.placement->walk(token), seat_.self)) return false;
    return table.first == nullptr || is_owner(table.first->walk(token), seat_.self);
}

bool Catalogue::answers_for(ServedTable& table, const TokenRange& tokens) const {
    if (!is_owner(table.placement->walk(tokens.first), seat_.self)) return false;
    return !complete_ || complete_(table.table->id, tokens);
}

base::TokenRanges Catalogue::owned() {
    base::TokenRanges out;
    for (std::size_t at = 0; at < ring_->claims.size(); ++at) {
        const TokenRange tokens = ring_->range_of(at);
        if (!owned_in(tokens).empty()) base::add(out, tokens);
    }
    return out;
}

bool Catalogue::owned_elsewhere(const TokenRange& tokens) {
    if (ring_->members.size() < 2) return false;
    for (std::size_t at = 0; at < ring_->claims.size(); ++at) {
        const TokenRange part = ring_->range_of(at);
        if (part.last < tokens.first || tokens.last < part.first) continue;
        for (const ServedTable& table : served_) {
            const Walk& walk = table.placement->walk(part.first);
            if (walk.owners < 2 && is_owner(walk, seat_.self)) return false;
        }
    }
    return true;
}

std::vector<TableId> Catalogue::owned_in(const TokenRange& tokens) {
    std::vector<TableId> out;
    for (const ServedTable& table : served_)
        if (is_owner(table.placement->walk(tokens.first), seat_.self)) out.push_back(table.table->id);
    return out;
}

ServedTable* Catalogue::find(TableId id) {
    auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : &served_[at->second];
}

const LoadedResolver* Catalogue::resolver(const std::string& name) const {
    auto at = resolvers_.find(name);
    return at == resolvers_.end() ? nullptr : &at->second;
}

}  // namespace ashlar::request
