#include "last_write_wins.h"

#include <limits>
#include <optional>
#include <tuple>

#include "kit/resolve.h"

namespace ashlar::last_write_wins {

namespace {

/// The one version of an entry; nothing if the bytes are not exactly what this resolver writes.
std::optional<kit::StoredVersion> only_version(View entry) {
    kit::EntryWalk walk(entry);
    kit::StoredVersion version;
    if (!walk.ok() || walk.head() != head || walk.left() != 1 || !walk.next(version) || !version.extra.empty())
        return {};
    if (kit::StoredVersion more; walk.next(more) || !walk.ok()) return {};
    // The context must be this dot and no other: the general form of the same bytes.
    kit::Reader in(walk.context());
    kit::ContextCursor cursor(in);
    const bool same = cursor.next() && cursor.actor() == version.dot.actor &&
                      (cursor.base() == version.dot.counter ? cursor.base() == 1 && cursor.dots() == 0
                                                            : cursor.base() == 0 && cursor.dots() == 1);
    if (!same || cursor.next()) return {};
    return version;
}

Error refuse(View entry) {
    return kit::refuse_head(kit::EntryWalk(entry).head(), head, name);
}

bool earlier(const kit::StoredVersion& a, const kit::StoredVersion& b) {
    if (a.wall != b.wall) return a.wall < b.wall;
    if (a.dot != b.dot) return a.dot < b.dot;
    return a.content() < b.content();
}

}  // namespace

bool LastWriteWins::needs_held(const Change&) const noexcept {
    return false;
}

Result<Bytes> LastWriteWins::update(View held, const Change& change) const noexcept {
    const Result<kit::CausalContext> seen = kit::context_of(change);
    if (!seen) return seen.error();
    kit::StoredVersion made = kit::version_of(change, change.dot);
    if (held.empty()) return kit::write_single(head, made);

    const std::optional<kit::StoredVersion> before = only_version(held);
    if (!before) return refuse(held);
    if (kit::is_retry(*before, change)) return Bytes(held);
    const bool after = seen->contains(before->dot) && before->wall.us < std::numeric_limits<std::int64_t>::max();
    if (after && made.wall <= before->wall) made.wall.us = before->wall.us + 1;
    return earlier(made, *before) ? Bytes(held) : kit::write_single(head, made);
}

Result<Bytes> LastWriteWins::join(View a, View b) const noexcept {
    const std::optional<kit::StoredVersion> left = only_version(a);
    if (!left) return refuse(a);
    const std::optional<kit::StoredVersion> right = only_version(b);
    if (!right) return refuse(b);
    return Bytes(earlier(*left, *right) ? b : a);
}

Result<void> LastWriteWins::read(View entry, WallTime now, Reading& reading) const noexcept {
    return kit::read_versions(entry, head, name, now, reading);
}

Result<Bytes> LastWriteWins::settle(View entry, const Keep& keep) const noexcept {
    return kit::settle_versions(entry, head, name, keep);
}

Result<void> LastWriteWins::check(View entry) const noexcept {
    if (!only_version(entry)) return refuse(entry);
    return {};
}

}  // namespace ashlar::last_write_wins
