// The record of a forest, version 1. docs/disk.md, section "Trees", has the table.
#include "repair/tree_record.h"

#include <bit>
#include <optional>
#include <utility>

#include "kit/bytes.h"
#include "kit/entry.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::repair {
namespace {

constexpr std::uint64_t magic = 0x3145'5254'5248'5341;  // "ASHRTRE1", little-endian
constexpr std::uint32_t format = 1;
/// Of sum_of() and of how a scan settles what it sums: a change of either is a new version.
constexpr std::uint64_t sum_version = 1;
constexpr std::size_t head_bytes = 8 + 4 + 8 + 4 + 8 + 8 + 8 + 4 + 8;
constexpr std::size_t piece_head_bytes = 4 + 4 + 8;
constexpr std::size_t bucket_most = 1 + 16 + 5 + 8;
/// Behind so many bytes the rest is recorded as stale, a byte a bucket.
constexpr std::uint64_t known_most = TreeRecording::bytes_max / 4 * 3;

// The first byte of a bucket: how often the circle was quartered to get it, and two marks.
constexpr std::uint8_t depth_bits = 0x3f;
constexpr std::uint8_t known_mark = 0x40;
constexpr std::uint8_t expires_mark = 0x80;
constexpr unsigned depth_most = 32;

unsigned depth_of(const TokenRange& bucket) {
    return static_cast<unsigned>(std::countl_zero(bucket.last - bucket.first)) / 2;
}
/// Of the bucket of that depth which begins there.
Token last_of(Token first, unsigned depth) {
    return depth == depth_most ? first : first + (~Token{0} >> (2 * depth));
}

void put_bucket(kit::Writer& out, const BucketTree::Bucket& bucket, bool known) {
    auto opening = static_cast<std::uint8_t>(depth_of(bucket.tokens));
    const bool expires = known && bucket.content.expires != no_moment;
    if (known) opening |= known_mark;
    if (expires) opening |= expires_mark;
    out.u8(opening);
    if (!known) return;
    out.u64(bucket.content.sum.low);
    out.u64(bucket.content.sum.high);
    out.varint(bucket.content.keys);
    if (expires) out.i64(bucket.content.expires.us);
}

std::optional<BucketTree::Bucket> take_bucket(kit::Reader& in, Token first) {
    BucketTree::Bucket bucket;
    const std::uint8_t opening = in.u8();
    const unsigned depth = opening & depth_bits;
    if (!in.ok() || depth > depth_most) return std::nullopt;
    bucket.tokens = {first, last_of(first, depth)};
    bucket.known = (opening & known_mark) != 0;
    if (!bucket.known) return opening == depth ? std::optional(bucket) : std::nullopt;
    bucket.content.sum.low = in.u64();
    bucket.content.sum.high = in.u64();
    const std::uint64_t keys = in.varint();
    if (keys > UINT32_MAX) return std::nullopt;
    bucket.content.keys = static_cast<std::uint32_t>(keys);
    if ((opening & expires_mark) != 0) bucket.content.expires.us = in.i64();
    return in.ok() ? std::optional(bucket) : std::nullopt;
}

Error damaged() { return fail(Code::corrupt, "their record is damaged"); }

/// What a record holds, piece by piece.
class Reading {
public:
    Reading(View bytes, const TreeBond& now) : in_(bytes), now_(now) {}

    Result<std::map<TableId, BucketTree>> read(View bytes) {
        if (auto head = take_head(bytes); !head) return head.error();
        for (;;) {
            auto more = take_piece();
            if (!more) return more.error();
            if (!*more) break;
        }
        // A tree that is not whole, or anything behind the last piece.
        if (tree_ != nullptr || !in_.done()) return damaged();
        for (auto& [table, tree] : trees_) tree.grown();
        return std::move(trees_);
    }

private:
    Result<void> take_head(View bytes) {
        const std::uint64_t found_magic = in_.u64();
        const std::uint32_t found_format = in_.u32();
        TreeBond bond;
        bond.node.value = in_.u64();
        bond.life = in_.u32();
        bond.applied = in_.u64();
        bond.at.us = in_.i64();
        bond.ways = in_.u64();
        bond.full = in_.u32();
        seal_ = in_.u64();
        if (in_.bad() || found_magic != magic) return damaged();
        if (found_format != format) return fail(Code::unsupported, "their record has another format");
        if (seal_ != kit::hash64(bytes.substr(0, head_bytes - 8))) return damaged();
        if (bond.node != now_.node || bond.life != now_.life)
            return fail(Code::conflict, "their record is of another life");
        if (bond.applied != now_.applied)
            return fail(Code::conflict, kit::text("their record is of ", bond.applied, " writes, the engine has ",
                                                  now_.applied));
        if (bond.ways != now_.ways) return fail(Code::conflict, "entries are summed otherwise now");
        if (bond.full != now_.full) return fail(Code::conflict, "repair.keys_per_bucket was changed");
        if (now_.at < bond.at) return fail(Code::conflict, "the clock was set back");
        return {};
    }

    /// False: it was the last.
    Result<bool> take_piece() {
        const std::uint32_t number = in_.u32();
        const std::uint32_t length = in_.u32();
        const std::uint64_t sum = in_.u64();
        const View body = in_.bytes(length);
        if (in_.bad() || number != ++pieces_) return damaged();
        Bytes opening;
        kit::Writer out(opening);
        out.u32(number);
        out.u32(length);
        if (kit::Hasher(seal_).add(opening).add(body).value() != sum) return damaged();
        if (body.empty()) return false;
        kit::Reader buckets(body);
        const std::uint32_t table = buckets.u32();
        if (tree_ == nullptr) {
            if (table == 0 || (!trees_.empty() && table <= trees_.rbegin()->first.value)) return damaged();
            tree_ = &trees_.try_emplace(TableId{table}, now_.full).first->second;
            at_ = 0;
        }
        if (table != trees_.rbegin()->first.value) return damaged();
        while (tree_ != nullptr && buckets.left() != 0) {
            auto bucket = take_bucket(buckets, at_);
            if (!bucket || !tree_->put(*bucket)) return damaged();
            at_ = bucket->tokens.last + 1;
            if (at_ == 0) tree_ = nullptr;
        }
        if (!buckets.done()) return damaged();
        return true;
    }

    kit::Reader in_;
    const TreeBond& now_;
    std::map<TableId, BucketTree> trees_;
    std::uint64_t seal_ = 0;
    std::uint32_t pieces_ = 0;
    BucketTree* tree_ = nullptr;  ///< the last, while it is not whole
    Token at_ = 0;                ///< its next bucket
};

}  // namespace

std::uint64_t ways_of(const std::map<std::string, std::uint64_t>& resolver_capabilities) {
    Bytes ways;
    kit::Writer out(ways);
    out.u64(sum_version);
    for (const auto& [name, capabilities] : resolver_capabilities) {
        out.u32(kit::resolver_tag(name));
        out.u64(capabilities);
    }
    return kit::hash64(ways);
}

Bytes TreeRecording::next() {
    if (ended_) return {};
    if (!begun_) {
        begun_ = true;
        return head();
    }
    Bytes body;
    kit::Writer out(body);
    const auto& trees = forest_.trees();
    // A tree that is half written goes on, or the one behind the last begins.
    auto tree = at_ != 0 ? trees.find(table_) : trees.upper_bound(table_);
    if (tree == trees.end()) {
        ended_ = true;
        return piece({});
    }
    table_ = tree->first;
    out.u32(table_.value);
    do {
        const BucketTree::Bucket bucket = tree->second.bucket_at(at_);
        put_bucket(out, bucket, bucket.known && bytes_ < known_most);
        at_ = bucket.tokens.last + 1;
    } while (at_ != 0 && body.size() + piece_head_bytes + bucket_most <= piece_bytes);
    return piece(body);
}

Bytes TreeRecording::head() {
    Bytes bytes;
    kit::Writer out(bytes);
    out.u64(magic);
    out.u32(format);
    out.u64(bond_.node.value);
    out.u32(bond_.life);
    out.u64(bond_.applied);
    out.i64(bond_.at.us);
    out.u64(bond_.ways);
    out.u32(bond_.full);
    seal_ = kit::hash64(bytes);
    out.u64(seal_);
    bytes_ += bytes.size();
    return bytes;
}

Bytes TreeRecording::piece(View body) {
    Bytes bytes;
    kit::Writer out(bytes);
    out.u32(++pieces_);
    out.u32(static_cast<std::uint32_t>(body.size()));
    out.u64(kit::Hasher(seal_).add(bytes).add(body).value());
    out.bytes(body);
    bytes_ += bytes.size();
    return bytes;
}

Result<std::map<TableId, BucketTree>> read_trees(View bytes, const TreeBond& now) {
    return Reading(bytes, now).read(bytes);
}

}  // namespace ashlar::repair
