// What resolvers that keep plain versions share: expiry, reading, settling, and the join of dots.
//
// Pure functions over kit/entry.h, any thread. Malformed bytes are answered with `corrupt`, an entry of a
// newer resolver format with `unsupported`; each says which resolver refused.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "kit/entry.h"
#include "kit/text.h"

namespace ashlar::kit {

/// The one rule of expiry: readers, settling and comparison all ask this.
inline bool has_expired(WallTime expires, WallTime now) {
    return expires.us > 0 && expires <= now;
}

inline Error refuse_head(const EntryHead& head, const EntryHead& mine, View name) {
    if (head.tag == mine.tag && head.format > mine.format)
        return fail(Code::unsupported,
                    text("the entry has ", name, " format ", head.format, ", this node reads up to ", mine.format));
    return fail(Code::corrupt, text("the bytes are no entry of ", name));
}

/// Fills a reading, values first, as of `now`. Values with one request id and the same bytes are one write
/// that was retried through two coordinators: a reader sees the first of them (beyond 128 siblings all of
/// them, since each is compared with each). Their dots all stay in the context, so one put replaces all.
inline Result<void> read_versions(View entry, const EntryHead& mine, View name, WallTime now, Reading& reading) {
    reading.versions.clear();
    reading.values = 0;
    reading.truncated = false;
    reading.context.clear();
    bool tombstones = false;
    for (const bool want_values : {true, false}) {
        if (!want_values && !tombstones) break;
        EntryWalk walk(entry);
        if (!walk.ok() || walk.head() != mine) return refuse_head(walk.head(), mine, name);
        if (want_values) reading.context.assign(walk.context());
        for (StoredVersion v; walk.next(v);) {
            const bool lives = v.kind == VersionKind::value && !has_expired(v.expires, now);
            if (!lives) tombstones = true;
            if (lives != want_values) continue;
            const VersionKind kind = !lives && v.kind == VersionKind::value ? VersionKind::expired : v.kind;
            bool retried = false;
            if (lives && v.request.given() && reading.versions.size() < 128)
                for (const Version& seen : reading.versions)
                    retried = retried || (seen.request == v.request && seen.value == v.value);
            if (!retried)
                reading.versions.push_back(
                    Version{kind, lives ? v.value : View(), v.dot, v.wall, v.expires, v.request});
        }
        if (!walk.ok()) return refuse_head(EntryHead{}, mine, name);
        if (want_values) reading.values = static_cast<std::uint32_t>(reading.versions.size());
    }
    return {};
}

/// The context a write builds on. Refuses bytes that are none, and a dot that cannot name a version.
inline Result<CausalContext> context_of(const Change& change) {
    std::optional<CausalContext> context = CausalContext::parse(change.context);
    if (!context) return fail(Code::invalid_request, "the context is damaged: give back the bytes of a read unchanged");
    if (change.dot.counter == 0 || change.dot.counter > counter_max)
        return fail(Code::invalid_request, text("a write needs a dot from 1 to ", counter_max));
    return std::move(*context);
}

/// The same where versions are told apart by their dots: the write's own cannot have been seen.
inline Result<CausalContext> context_before(const Change& change) {
    Result<CausalContext> context = context_of(change);
    if (context && context->contains(change.dot))
        return fail(Code::invalid_request, "the context claims to have seen the write it comes with");
    return context;
}

/// Turns expired values into tombstones that keep their dot, and forgets the entry whole once only tombstones
/// older than keep.forget_before are left (an expired version is as old as its expiry). Each version is
/// settled by itself, so settling commutes with joining, except that an entry is forgotten only as a whole.
inline Result<Bytes> settle_versions(View entry, const EntryHead& mine, View name, const Keep& keep) {
    EntryWalk walk(entry);
    if (!walk.ok() || walk.head() != mine) return refuse_head(walk.head(), mine, name);
    bool changes = false;
    bool forget = keep.forget_before.us > 0;
    for (StoredVersion v; walk.next(v);) {
        const bool expires_now = v.kind == VersionKind::value && has_expired(v.expires, keep.now);
        changes = changes || expires_now;
        const bool lives = v.kind == VersionKind::value && !expires_now;
        const WallTime since = v.kind == VersionKind::removed ? v.wall : v.expires;
        if (lives || since >= keep.forget_before) forget = false;
    }
    if (!walk.ok()) return refuse_head(EntryHead{}, mine, name);
    if (forget) return Bytes();
    if (!changes) return Bytes(entry);
    std::optional<EntryParts> parts = open_entry(entry);
    for (StoredVersion& v : parts->versions) {
        if (v.kind != VersionKind::value || !has_expired(v.expires, keep.now)) continue;
        v.kind = VersionKind::expired;
        v.value = View();
    }
    return write_entry(parts->head, parts->context, parts->versions);
}

/// The join of two sets of versions. A version stays if both hold it, or if the other side has not seen its
/// dot. Per dot this is a maximum over "never seen < held < seen and replaced", hence commutative,
/// associative and idempotent for any two well-formed entries, whatever their history.
inline std::vector<StoredVersion> join_versions(const EntryParts& a, const EntryParts& b) {
    std::vector<StoredVersion> out;
    out.reserve(a.versions.size() + b.versions.size());
    auto left = a.versions.begin();
    auto right = b.versions.begin();
    while (left != a.versions.end() || right != b.versions.end()) {
        const bool take_left = right == b.versions.end() || (left != a.versions.end() && left->dot <= right->dot);
        const bool take_right = left == a.versions.end() || (right != b.versions.end() && right->dot <= left->dot);
        if (take_left && take_right)
            out.push_back(left->content() < right->content() ? *right : *left);
        else if (take_left && !b.context.contains(left->dot))
            out.push_back(*left);
        else if (take_right && !a.context.contains(right->dot))
            out.push_back(*right);
        if (take_left) ++left;
        if (take_right) ++right;
    }
    return out;
}

/// Whether `newer` holds all that `older` does, so that their join by join_versions() is `newer` itself. So it is
/// with what was just written on top of what is held, which makes this worth asking first: it takes no memory.
/// False as well for what this cannot judge: bytes that are no entry of `head`, versions that carry `extra`.
inline bool covers(View newer, View older, const EntryHead& head) {
    EntryWalk news(newer), olds(older);
    if (!news.ok() || !olds.ok() || news.head() != head || olds.head() != head) return false;
    if (!context_includes(news.context(), olds.context())) return false;
    StoredVersion fresh, held;
    bool more = olds.next(held);
    while (news.next(fresh)) {
        // An older version that is not there any more was seen and replaced: its dot is in the newer context.
        for (; more && held.dot < fresh.dot; more = olds.next(held))
            if (!held.extra.empty()) return false;
        bool both = more && held.dot == fresh.dot;
        if (!fresh.extra.empty() || (both && held.content() != fresh.content())) return false;
        if (both)
            more = olds.next(held);
        else if (context_holds(olds.context(), fresh.dot))
            return false;
    }
    for (; more; more = olds.next(held))
        if (!held.extra.empty()) return false;
    return news.ok() && olds.ok();
}

/// The version a change writes, under a dot; views into the change.
inline StoredVersion version_of(const Change& change, const Dot& dot) {
    StoredVersion made;
    made.dot = dot;
    made.kind = change.remove ? VersionKind::removed : VersionKind::value;
    made.wall = change.wall;
    if (!change.remove) {
        made.expires = WallTime{std::max<std::int64_t>(change.expires.us, 0)};
        made.value = change.value;
    }
    made.request = change.request;
    return made;
}

/// Whether a live version is this very write, made before: same request id, kind and value.
inline bool is_retry(const StoredVersion& version, const Change& change) {
    if (!change.request.given() || version.request != change.request) return false;
    if (change.remove) return version.kind == VersionKind::removed;
    return version.kind == VersionKind::value && version.value == change.value;
}

}  // namespace ashlar::kit
