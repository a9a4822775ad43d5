#include "repair/gathering.h"

#include <algorithm>

#include "kit/entry.h"

namespace ashlar::repair {

namespace {

/// What one settled entry adds.
Content content_of(View key, View settled) {
    Content content;
    content.sum = sum_of(key, settled);
    content.keys = 1;
    WallTime newest{0};  // of its tombstones: it is forgotten as a whole, when the last of them may be
    bool values = false;
    kit::EntryWalk walk(settled);
    for (kit::StoredVersion version; walk.next(version);) {
        values = values || version.kind == VersionKind::value;
        if (version.kind == VersionKind::value && version.expires.us > 0)
            content.expires = std::min(content.expires, version.expires);
        if (version.kind != VersionKind::value)
            newest = std::max(newest, version.kind == VersionKind::removed ? version.wall : version.expires);
    }
    if (!values) {
        content.forgotten = newest;
        content.tombstones = 1;
    }
    return content;
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
        if (settled->empty()) {
            out.forgot = true;
            continue;
        }
        if (opens) out.tokens.push_back(TokenContent{at.token, {}});
        out.tokens.back().content += content_of(at.key, *settled);
    }
}

}  // namespace ashlar::repair
