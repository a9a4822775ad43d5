#include "permits.h"

#include <algorithm>

namespace ashlar::lsm {
namespace {

using Permit = Permits::Permit;

const Permit* find(const std::vector<Permit>& permits, Token token) {
    auto at = std::lower_bound(permits.begin(), permits.end(), token,
                               [](const Permit& p, Token t) { return p.tokens.last < t; });
    return at != permits.end() && at->tokens.holds(token) ? &*at : nullptr;
}

/// Appends, drawing ranges that touch and say the same together.
void append(std::vector<Permit>& out, Permit permit) {
    if (!out.empty() && out.back().before == permit.before && out.back().given == permit.given &&
        out.back().tokens.last + 1 == permit.tokens.first)
        out.back().tokens.last = permit.tokens.last;
    else
        out.push_back(permit);
}

bool overlap(TokenRange a, TokenRange b) {
    return a.first <= b.last && b.first <= a.last;
}

void append_before(std::vector<Permit>& out, Permit old, Token token) {
    if (old.tokens.first >= token) return;
    old.tokens.last = token - 1;
    append(out, old);
}

void append_behind(std::vector<Permit>& out, Permit old, Token token) {
    if (old.tokens.last <= token) return;
    old.tokens.first = token + 1;
    append(out, old);
}

}  // namespace

void Permits::add(TableId table, const Permit& permit) {
    std::vector<Permit>& permits = tables_[table];
    std::vector<Permit> out;
    Token next = permit.tokens.first;  // the first token of the new range not yet written out
    bool covered = false;              // all of it is
    auto put_gap = [&](Token last) {
        Permit gap = permit;
        gap.tokens = {next, last};
        append(out, gap);
    };
    for (const Permit& old : permits) {
        if (old.tokens.first > permit.tokens.last && !covered) {
            put_gap(permit.tokens.last);
            covered = true;
        }
        if (!overlap(old.tokens, permit.tokens)) {
            append(out, old);
            continue;
        }
        append_before(out, old, permit.tokens.first);
        Token from = std::max(old.tokens.first, permit.tokens.first);
        Token to = std::min(old.tokens.last, permit.tokens.last);
        if (from > next) put_gap(from - 1);
        Permit both = permit.before >= old.before ? permit : old;
        both.tokens = {from, to};
        append(out, both);
        covered = to == permit.tokens.last;
        if (!covered) next = to + 1;
        append_behind(out, old, permit.tokens.last);
    }
    if (!covered) put_gap(permit.tokens.last);
    permits = std::move(out);
    bound();
}

void Permits::clear(TableId table, TokenRange tokens) {
    auto found = tables_.find(table);
    if (found == tables_.end()) return;
    std::vector<Permit> out;
    for (const Permit& old : found->second) {
        if (!overlap(old.tokens, tokens)) {
            append(out, old);
            continue;
        }
        append_before(out, old, tokens.first);
        append_behind(out, old, tokens.last);
    }
    found->second = std::move(out);
    if (found->second.empty()) tables_.erase(found);
}

void Permits::bound() {
    while (size() > permits_max) {
        std::vector<Permit>* oldest_in = nullptr;
        std::size_t oldest = 0;
        for (auto& [table, permits] : tables_)
            for (std::size_t i = 0; i < permits.size(); ++i)
                if (oldest_in == nullptr || permits[i].before < (*oldest_in)[oldest].before) {
                    oldest_in = &permits;
                    oldest = i;
                }
        oldest_in->erase(oldest_in->begin() + static_cast<std::ptrdiff_t>(oldest));
        std::erase_if(tables_, [](const auto& t) { return t.second.empty(); });
    }
}

std::size_t Permits::size() const {
    std::size_t n = 0;
    for (const auto& [table, permits] : tables_) n += permits.size();
    return n;
}

WallTime Permits::before(Token token, TableId table) const {
    WallTime out;
    for (TableId t : {table, TableId{}}) {
        auto found = tables_.find(t);
        if (found == tables_.end()) continue;
        if (const Permit* permit = find(found->second, token)) out = std::max(out, permit->before);
    }
    return out;
}

bool Permits::news(TokenRange tokens, Sequence after, WallTime reaches) const {
    for (const auto& [table, permits] : tables_) {
        auto at = std::lower_bound(permits.begin(), permits.end(), tokens.first,
                                   [](const Permit& p, Token t) { return p.tokens.last < t; });
        for (; at != permits.end() && at->tokens.first <= tokens.last; ++at)
            if (at->given > after && at->before >= reaches) return true;
    }
    return false;
}

Permits Permits::given_by(Sequence sequence) const {
    Permits out;
    for (const auto& [table, permits] : tables_)
        for (const Permit& permit : permits)
            if (permit.given <= sequence) out.tables_[table].push_back(permit);
    return out;
}

}  // namespace ashlar::lsm
