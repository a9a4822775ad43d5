// How a hint is kept: as a small entry beside the data, in the same engine, applied in the same batch as what it
// speaks of, so that one sync makes both durable and every engine can keep hints.
//
// A stand-in applies the write itself under its ordinary key (and so answers reads for the absent owner), and under
// the owner's name this record: "owed" is the engine's sequence of the latest write that is owed, "paid" that of the
// latest the owner has acknowledged. Records join by maximum, so paying may go blind and twice. Sequences never run
// back behind a durable record, since the log is durable in order. A record with nothing owed may leave at any time:
// forgetting it early only delivers an entry again, and entries are joined.
//
// Where there was no room for a record, which only happens to what counted towards no quorum, a mark remains: a record
// of the same form without a key, whose token is the first of the partition. It says that the owner misses something
// there, until the replicas have been compared.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "ashlar/result.h"
#include "ashlar/storage_engine.h"
#include "ashlar/types.h"
#include "kit/bytes.h"
#include "kit/entry.h"

namespace ashlar::port {

/// Never given to a table of people.
inline constexpr TableId hint_table{0xffff'fff0};
/// All hints lie together, by owner, so that a start finds them with one short scan.
inline constexpr Token hint_token = 0;
/// Opens every record, as a resolver's tag opens an entry.
inline std::uint32_t hint_tag() { return kit::resolver_tag("hint"); }

/// What is owed: the entry of `key`, to `owner`. The key is borrowed.
struct HintKey {
    NodeId owner;
    EntryKey key;
    bool is_mark() const { return key.key.empty(); }
};

struct HintRecord {
    std::uint64_t owed = 0;
    std::uint64_t paid = 0;
    bool open() const { return owed > paid; }
};

/// Where the record stands in the hint table: owner, token, table, key, big-endian, so that order is by owner.
Bytes encode_hint_key(const HintKey& hint);
std::optional<HintKey> decode_hint_key(View bytes);

/// With an entry's head, so that the joiner knows it by its tag.
Bytes encode_hint(const HintRecord& record);
Result<HintRecord> decode_hint(View entry);
Result<Bytes> join_hints(View a, View b);

/// The write of one record; owns the bytes that write() borrows.
class HintWrite {
public:
    /// `sequence` is the one the engine will give the write it speaks of, which goes in the same batch.
    static HintWrite owed(const HintKey& hint, Sequence sequence) {
        return HintWrite(encode_hint_key(hint), HintRecord{sequence, 0});
    }
    /// `where` is the record's key; all up to `sequence` has been acknowledged.
    static HintWrite paid(Bytes where, Sequence sequence) {
        return HintWrite(std::move(where), HintRecord{sequence, sequence});
    }
    Write write() const { return Write{EntryKey{hint_token, hint_table, where_}, record_}; }

private:
    HintWrite(Bytes where, const HintRecord& record) : where_(std::move(where)), record_(encode_hint(record)) {}
    Bytes where_;
    Bytes record_;
};

}  // namespace ashlar::port
