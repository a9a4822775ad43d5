// The canonical bytes of an entry, version 1: all that is stored under (table, key).
//
//   u8 format (1), u32 resolver tag, u8 resolver format version, causal context (kit/context.h),
//   varint versions, then the versions, sorted by dot, each dot once:
//     varint index of the dot's actor in the context, varint counter, u8 flags, i64 wall,
//     [i64 expires], [16 bytes request id], [blob extra], [blob value: only of kind value]
//   flags: bits 0-1 the VersionKind, 4 has expires, 8 has request id, 16 has extra; the others are 0.
//
// Every version's dot is in the context. A stamp that is absent is 0; one that is present is not: expires is
// above 0, a request id is not all zero, extra is not empty. A removed version never expires; an expired one
// says when it did. So equal entries are equal bytes, and any other bytes are refused, not repaired.
// Plain values, any thread. Reading takes memory only for what the bytes hold, never for what they claim.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/types.h"
#include "kit/bytes.h"
#include "kit/context.h"
#include "kit/hash.h"

namespace ashlar::kit {

inline constexpr std::uint8_t entry_format = 1;

/// Opens every entry: who made it and in which form, so that a joiner finds the resolver without opening it.
struct EntryHead {
    std::uint32_t tag = 0;    ///< resolver_tag of the resolver's plugin name; 0 is none
    std::uint8_t format = 1;  ///< of what the resolver keeps in `extra` and of its rules
    bool operator==(const EntryHead&) const = default;
};

/// The tag of a resolver by its plugin name. Plugins hold theirs as a constant; a test compares the two.
inline std::uint32_t resolver_tag(View name) {
    return static_cast<std::uint32_t>(hash64(name));
}

/// The tag of whoever made an entry; 0 if the bytes do not open like an entry of this format.
inline std::uint32_t tag_of(View entry) {
    if (entry.size() < 6 || static_cast<std::uint8_t>(entry[0]) != entry_format) return 0;
    return load<std::uint32_t>(entry.data() + 1);
}

/// One version as it is stored; views into the entry's bytes.
struct StoredVersion {
    Dot dot;
    VersionKind kind = VersionKind::value;
    WallTime wall;
    WallTime expires{0};
    RequestId request;
    View extra;
    View value;

    /// Orders what two entries hold under one dot. Only expiry makes them differ, and an expired version is
    /// the greater, so taking the greater is right; for bytes of a broken peer it is at least the same everywhere.
    auto content() const { return std::tie(kind, wall, expires, request, extra, value); }
};

/// Walks the versions of an entry without taking memory. ok() turns false for good at the first byte that is
/// not canonical; an entry is well-formed if next() came to its end and ok() still holds.
class EntryWalk {
public:
    explicit EntryWalk(View entry) : in_(entry), actors_(View()) {
        const std::uint8_t format = in_.u8();
        head_.tag = in_.u32();
        head_.format = in_.u8();
        if (format != entry_format || head_.tag == 0) in_.spoil();
        const char* from = in_.position();
        for (ContextCursor all(in_); all.next();) continue;
        if (in_.ok()) context_ = View(from, static_cast<std::size_t>(in_.position() - from));
        left_ = in_.count(11);
        actors_ = Reader(context_);
        cursor_.emplace(actors_);
    }
    EntryWalk(const EntryWalk&) = delete;
    EntryWalk& operator=(const EntryWalk&) = delete;

    const EntryHead& head() const { return head_; }
    /// The bytes of the causal context.
    View context() const { return context_; }
    /// Versions not yet visited.
    std::uint64_t left() const { return left_; }
    bool ok() const { return in_.ok(); }

    /// Fills the next version; false at the end, or when the bytes are not canonical.
    bool next(StoredVersion& version) {
        if (in_.bad()) return false;
        if (left_ == 0) {
            if (!in_.done()) in_.spoil();
            return false;
        }
        --left_;
        if (!read_dot(version) || !read_rest(version)) in_.spoil();
        return in_.ok();
    }

private:
    bool read_dot(StoredVersion& version) {
        const std::uint64_t index = in_.varint() + 1;
        const std::uint64_t counter = in_.varint();
        if (in_.bad() || index == 0 || index < actor_ || counter == 0) return false;
        if (index == actor_ && counter <= counter_) return false;
        for (; actor_ < index; ++actor_) {
            if (!cursor_->next()) return false;
            dot_ = 0;
        }
        counter_ = counter;
        version.dot = Dot{cursor_->actor(), counter};
        if (counter <= cursor_->base()) return true;
        while (dot_ < counter) {
            dot_ = cursor_->dot();
            if (dot_ == 0) return false;
        }
        return dot_ == counter;
    }
    bool read_rest(StoredVersion& version) {
        const std::uint8_t flags = in_.u8();
        version.kind = static_cast<VersionKind>(flags & 3);
        version.wall.us = in_.i64();
        version.expires.us = (flags & 4) != 0 ? in_.i64() : 0;
        version.request = RequestId{};
        if ((flags & 8) != 0) {
            const View id = in_.bytes(version.request.bytes.size());
            std::copy(id.begin(), id.end(), version.request.bytes.begin());
        }
        version.extra = (flags & 16) != 0 ? in_.blob() : View();
        version.value = version.kind == VersionKind::value ? in_.blob() : View();
        if (flags > 31 || (flags & 3) == 3) return false;
        if (((flags & 4) != 0) != (version.expires.us > 0) || ((flags & 8) != 0) != version.request.given())
            return false;
        if (((flags & 16) != 0) == version.extra.empty()) return false;
        if (version.kind == VersionKind::removed) return version.expires.us == 0;
        return version.kind != VersionKind::expired || version.expires.us > 0;
    }

    Reader in_;
    Reader actors_;
    std::optional<ContextCursor> cursor_;  ///< borrows actors_, so a walk is never copied
    EntryHead head_;
    View context_;
    std::uint64_t left_ = 0;
    std::uint64_t actor_ = 0;    ///< actors the cursor has taken: 1 + the index it stands on
    std::uint64_t counter_ = 0;  ///< of the version before, for the order
    std::uint64_t dot_ = 0;      ///< of the cursor, above the base
};

/// An entry opened whole; the versions are views into its bytes.
struct EntryParts {
    EntryHead head;
    CausalContext context;
    std::vector<StoredVersion> versions;  ///< sorted by dot, each dot in the context
};

/// Nothing if the bytes are not a canonical entry.
inline std::optional<EntryParts> open_entry(View entry) {
    EntryWalk walk(entry);
    EntryParts parts;
    if (!walk.ok()) return std::nullopt;
    parts.head = walk.head();
    parts.versions.reserve(static_cast<std::size_t>(walk.left()));
    for (StoredVersion version; walk.next(version);) parts.versions.push_back(version);
    if (!walk.ok()) return std::nullopt;
    Reader context(walk.context());
    parts.context = CausalContext::decode(context);
    return parts;
}

/// Whether the bytes are a canonical entry; without taking memory.
inline bool is_entry(View entry) {
    EntryWalk walk(entry);
    for (StoredVersion version; walk.next(version);) continue;
    return walk.ok();
}

inline void write_version(Writer& out, std::uint64_t index, const StoredVersion& version) {
    const bool expires = version.expires.us > 0;
    const bool request = version.request.given();
    const bool extra = !version.extra.empty();
    out.varint(index);
    out.varint(version.dot.counter);
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(version.kind) | (expires ? 4u : 0u) | (request ? 8u : 0u) |
                                     (extra ? 16u : 0u)));
    out.i64(version.wall.us);
    if (expires) out.i64(version.expires.us);
    if (request) out.raw(version.request.bytes.data(), version.request.bytes.size());
    if (extra) out.blob(version.extra);
    if (version.kind == VersionKind::value) out.blob(version.value);
}

inline void write_head(Writer& out, const EntryHead& head) {
    out.u8(entry_format);
    out.u32(head.tag);
    out.u8(head.format);
}

/// Room for one version, generous, so that an entry is written in one piece of memory.
inline std::size_t version_room(const StoredVersion& version) {
    return 80 + version.extra.size() + version.value.size();
}

/// The bytes of an entry. The versions must be sorted by dot and in the context: anything else is a broken truth.
inline Bytes write_entry(const EntryHead& head, const CausalContext& context, std::span<const StoredVersion> versions) {
    Bytes bytes;
    std::size_t room = 32;
    for (const CausalContext::Seen& seen : context.seen()) room += 40 + 10 * seen.dots.size();
    for (const StoredVersion& version : versions) room += version_room(version);
    bytes.reserve(room);
    Writer out(bytes);
    write_head(out, head);
    context.encode(out);
    out.varint(versions.size());
    for (const StoredVersion& version : versions) {
        if (!context.contains(version.dot)) std::abort();
        write_version(out, context.index_of(version.dot.actor), version);
    }
    return bytes;
}

/// The entry of one version that has seen nothing but itself: what a blind write sends. One allocation.
inline Bytes write_single(const EntryHead& head, const StoredVersion& version) {
    Bytes bytes;
    bytes.reserve(64 + version_room(version));
    Writer out(bytes);
    write_head(out, head);
    const bool first = version.dot.counter == 1;  // counter 1 is a base, not a dot above one
    out.varint(1);
    out.u64(version.dot.actor.node.value);
    out.varint(version.dot.actor.incarnation);
    out.varint(version.dot.actor.slice);
    out.varint(first ? 1 : 0);
    out.varint(first ? 0 : 1);
    if (!first) out.varint(version.dot.counter);
    out.varint(1);
    write_version(out, 0, version);
    return bytes;
}

}  // namespace ashlar::kit
