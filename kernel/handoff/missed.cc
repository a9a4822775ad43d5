// Marks of what there was no room for: kept until a round of anti-entropy has proven that nobody misses it any more.
#include "handoff/hints.h"
#include "kit/text.h"

namespace ashlar::handoff {

/// Durable like a hint, and one for each partition: so there is always room.
void Hints::mark_missed(NodeId owner, const EntryKey& key) {
    dropped_.add();
    const Token token = routes_.partition ? routes_.partition(key.token) : key.token;
    if (!debts_[owner].missed.insert_or_assign({key.table, token}, pumped_at_).second) return;
    const auto mark =
        port::HintWrite::owed(port::HintKey{owner, EntryKey{token, key.table, {}}}, engine_.applied() + 1);
    const Write write = mark.write();
    // Where the engine takes nothing at all, this life remembers it at least.
    if (!engine_.apply(std::span<const Write>(&write, 1)))
        log_.write(LogLevel::error,
                   kit::text("node ", kit::hex16(owner.value),
                             " misses a write, and that is not noted durably: the disk takes nothing"));
}

std::string Hints::problem() const {
    if (!unread_.empty()) return unread_;
    for (const auto& [owner, debt] : debts_) {
        if (debt.missed.empty()) continue;
        return kit::text("node ", kit::hex16(owner.value), " misses writes in ", debt.missed.size(),
                         " partitions: there was no room for hints (limits.hint_bytes); they are being compared");
    }
    return {};
}

bool Hints::owes_nothing() const {
    for (const auto& [owner, debt] : debts_)
        if (debt.open || debt.account.entries != 0 || !debt.given.empty()) return false;
    return counted_;
}

std::vector<std::pair<TableId, Token>> Hints::missed() const {
    std::vector<std::pair<TableId, Token>> out;
    for (const auto& [owner, debt] : debts_)
        for (const auto& [where, at] : debt.missed) out.push_back(where);
    return out;
}

void Hints::forget_missed(TableId table, const TokenRange& tokens, Instant then) {
    for (auto& [owner, debt] : debts_) {
        for (auto at = debt.missed.lower_bound({table, tokens.first});
             at != debt.missed.end() && at->first.first == table && at->first.second <= tokens.last;) {
            const EntryKey marked{at->first.second, table, {}};
            // One that was made since may be of a write that was not compared.
            if (then <= at->second) {
                ++at;
                continue;
            }
            const auto record =
                port::HintWrite::paid(port::encode_hint_key(port::HintKey{owner, marked}), engine_.applied());
            const Write write = record.write();
            if (!engine_.apply(std::span<const Write>(&write, 1))) return;
            at = debt.missed.erase(at);
        }
    }
}

}  // namespace ashlar::handoff
