#include "repair/entry_scan.h"

#include <utility>

#include "wire/frame.h"

namespace ashlar::repair {
namespace {

/// Entries that are left out end a page, too: a lane is not held for ever.
constexpr std::size_t seen_most = 50'000;

}  // namespace

std::vector<wire::ScanLine> views_of(const std::vector<Line>& lines) {
    std::vector<wire::ScanLine> out;
    out.reserve(lines.size());
    for (const Line& line : lines) out.push_back(wire::ScanLine{line.token, line.key, line.entry});
    return out;
}

std::size_t bytes_of(const std::vector<Line>& lines) {
    std::size_t bytes = 0;
    for (const Line& line : lines) bytes += sizeof(Token) + line.key.size() + line.entry.size();
    return bytes;
}

Result<void> EntryScan::walk() {
    for (const TokenRange& piece : order_.pieces) {
        if (order_.after.given && piece.last < order_.after.token) continue;
        const bool resume = order_.after.given && piece.holds(order_.after.token);
        auto whole = walk_piece(piece, resume);
        if (!whole) return whole.error();
        if (!*whole) {
            more = true;
            return {};
        }
    }
    return {};
}

Result<bool> EntryScan::walk_piece(const TokenRange& piece, bool resume) {
    ScanRange range;
    range.tokens = piece;
    range.table = order_.table;
    if (resume) {
        range.resume = true;
        range.after_token = order_.after.token;
        range.after_table = order_.table;
        range.after_key = order_.after.key;
    }
    auto cursor = snapshot_->scan(range);
    if (!cursor) return cursor.error();
    for (;;) {
        auto next = (*cursor)->next();
        if (!next) return next.error();
        if (!*next) return true;
        const EntryKey at = (*cursor)->key();
        auto settled = joiner_.settle(order_.table, (*cursor)->entry(), order_.keep);
        if (!settled) return settled.error();
        if (seen_++ == seen_most || !take(at, std::move(*settled))) return false;
        end = PageEnd{true, at.token, Bytes(at.key)};
    }
}

bool EntryScan::take(const EntryKey& at, Bytes settled) {
    if (settled.empty()) return true;
    if (settled.size() + at.key.size() > wire::entry_bytes_max) {
        ++too_large;
        return true;
    }
    const bool full = lines.size() >= order_.entries_most || bytes_ >= page_bytes_most;
    const std::size_t bytes = at.key.size() + settled.size();
    if (!lines.empty() && (full || bytes_ + bytes > background_most)) return false;
    bytes_ += bytes;
    lines.push_back(Line{at.token, Bytes(at.key), std::move(settled)});
    return true;
}

}  // namespace ashlar::repair
