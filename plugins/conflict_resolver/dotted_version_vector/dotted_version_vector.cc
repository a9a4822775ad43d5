#include "dotted_version_vector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "kit/resolve.h"

namespace ashlar::dotted_version_vector {

namespace {

/// Opens an entry of this resolver: it keeps nothing in `extra`.
Result<kit::EntryParts> open(View entry) {
    std::optional<kit::EntryParts> parts = kit::open_entry(entry);
    if (!parts) return kit::refuse_head(kit::EntryHead{}, head, name);
    if (parts->head != head) return kit::refuse_head(parts->head, head, name);
    for (const kit::StoredVersion& v : parts->versions)
        if (!v.extra.empty()) return kit::refuse_head(kit::EntryHead{}, head, name);
    return std::move(*parts);
}

/// What update answers when the held entry has been opened: the versions the context did not see, and the new one.
Result<Bytes> build_on(View held, const kit::EntryParts& parts, kit::CausalContext seen, const Change& change) {
    // The join law needs a dot nobody has seen; a used one means that a lease was broken.
    if (parts.context.contains(change.dot))
        return fail(Code::invalid_request, kit::text("counter ", change.dot.counter, " of this actor is already used"));
    for (const kit::StoredVersion& v : parts.versions)
        if (kit::is_retry(v, change)) return Bytes(held);

    std::vector<kit::StoredVersion> versions;
    versions.reserve(parts.versions.size() + 1);
    for (const kit::StoredVersion& v : parts.versions)
        if (!seen.contains(v.dot)) versions.push_back(v);
    const kit::StoredVersion made = kit::version_of(change, change.dot);
    versions.insert(std::upper_bound(versions.begin(), versions.end(), made,
                                     [](const auto& a, const auto& b) { return a.dot < b.dot; }),
                    made);

    seen.merge(parts.context);
    seen.raise(change.dot.actor, std::min(change.complete_through, change.dot.counter - 1));
    seen.add(change.dot);
    return kit::write_entry(head, seen, versions);
}

}  // namespace

bool DottedVersionVector::needs_held(const Change& change) const noexcept {
    return !change.context.empty();
}

Result<Bytes> DottedVersionVector::update(View held, const Change& change) const noexcept {
    Result<kit::CausalContext> context = kit::context_before(change);
    if (!context) return context.error();
    if (!held.empty()) {
        Result<kit::EntryParts> parts = open(held);
        if (!parts) return parts.error();
        return build_on(held, *parts, std::move(*context), change);
    }
    if (context->empty() && change.complete_through == 0)
        return kit::write_single(head, kit::version_of(change, change.dot));
    kit::EntryParts nothing;
    nothing.head = head;
    return build_on(held, nothing, std::move(*context), change);
}

Result<Bytes> DottedVersionVector::join(View a, View b) const noexcept {
    if (kit::covers(b, a, head)) return Bytes(b);
    if (kit::covers(a, b, head)) return Bytes(a);
    Result<kit::EntryParts> left = open(a);
    if (!left) return left.error();
    Result<kit::EntryParts> right = open(b);
    if (!right) return right.error();
    const std::vector<kit::StoredVersion> versions = kit::join_versions(*left, *right);
    left->context.merge(right->context);
    return kit::write_entry(head, left->context, versions);
}

Result<void> DottedVersionVector::read(View entry, WallTime now, Reading& reading) const noexcept {
    return kit::read_versions(entry, head, name, now, reading);
}

Result<Bytes> DottedVersionVector::settle(View entry, const Keep& keep) const noexcept {
    return kit::settle_versions(entry, head, name, keep);
}

Result<void> DottedVersionVector::check(View entry) const noexcept {
    kit::EntryWalk walk(entry);
    if (!walk.ok() || walk.head() != head) return kit::refuse_head(walk.head(), head, name);
    bool plain = true;
    for (kit::StoredVersion v; walk.next(v);) plain = plain && v.extra.empty();
    if (!walk.ok() || !plain) return kit::refuse_head(kit::EntryHead{}, head, name);
    return {};
}

}  // namespace ashlar::dotted_version_vector
