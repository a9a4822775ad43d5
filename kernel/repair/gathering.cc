#include "repair/gathering.h"

#include <algorithm>

#include "kit/entry.h"

namespace ashlar::repair {

namespace {

/// When a value of this entry expires next.
WallTime next_expiry(View entry) {
    WallTime next = no_expiry;
    kit::EntryWalk walk(entry);
    for (kit::StoredVersion version; walk.next(version);)
        if (version.kind == VersionKind::value && version.expires.us > 0) next = std::min(next, version.expires);
    return next;
}

}  // namespace

Result<Gathered> gather(const Snapshot& snapshot, TableId table, const TokenRange& range, const Joiner& joiner,
                        const Keep& keep, std::size_t most) {
    ScanRange wanted;
    wanted.tokens = range;
    wanted.table = table;
    auto cursor = snapshot.scan(wanted);
    if (!cursor) return cursor.error();

    Gathered out;
    out.through = range.last;
    for (;;) {
        auto more = (*cursor)->next();
        if (!more) return more.error();
        if (!*more) return out;
        const EntryKey at = (*cursor)->key();
        const bool opens = out.tokens.empty() || out.tokens.back().token != at.token;
        if (opens && out.tokens.size() == most) {
            out.through = at.token - 1;  // above the token before it, so not below 0
            return out;
        }
        auto settled = joiner.settle(table, (*cursor)->entry(), keep);
        if (!settled) return settled.error();
        if (settled->empty()) continue;
        if (opens) out.tokens.push_back(TokenSum{at.token, {}, 0, no_expiry});
        TokenSum& token = out.tokens.back();
        token.sum += sum_of(at.key, *settled);
        ++token.keys;
        token.until = std::min(token.until, next_expiry(*settled));
    }
}

}  // namespace ashlar::repair
