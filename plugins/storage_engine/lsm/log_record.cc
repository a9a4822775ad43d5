#include "log_record.h"

namespace ashlar::lsm {
namespace {

enum class RecordKind : std::uint8_t { batch = 1, retirement = 2, link = 3 };

constexpr std::size_t write_overhead = 8 + 5 + 5 + 5;  // token, table, two lengths
constexpr std::size_t least_write_bytes = 8 + 1 + 1 + 1;

}  // namespace

std::size_t batch_record_bound(std::span<const Write> batch) {
    std::size_t bytes = 1 + 10;
    for (const Write& w : batch) bytes += write_overhead + w.key.key.size() + w.entry.size();
    return bytes;
}

void put_batch_record(Bytes& out, std::span<const Write> batch) {
    kit::Writer w(out);
    w.u8(static_cast<std::uint8_t>(RecordKind::batch));
    w.varint(batch.size());
    for (const Write& write : batch) {
        w.u64(write.key.token);
        w.varint(write.key.table.value);
        w.blob(write.key.key);
        w.blob(write.entry);
    }
}

void put_retirement_record(Bytes& out, const Retirement& retirement) {
    kit::Writer w(out);
    w.u8(static_cast<std::uint8_t>(RecordKind::retirement));
    w.u64(retirement.tokens.first);
    w.u64(retirement.tokens.last);
    w.varint(retirement.table.value);
    w.u8(retirement.whole ? 1 : 0);
    w.i64(retirement.forget_before.us);
}

void put_link_record(Bytes& out, std::uint64_t next_segment) {
    kit::Writer w(out);
    w.u8(static_cast<std::uint8_t>(RecordKind::link));
    w.varint(next_segment);
}

Result<bool> RecordReader::next() {
    writes.clear();
    next_segment = 0;
    if (in_.done()) return false;
    first = next_;
    auto kind = static_cast<RecordKind>(in_.u8());
    is_batch = kind == RecordKind::batch;
    if (is_batch) {
        std::uint64_t count = in_.count(least_write_bytes);
        if (count == 0) in_.spoil();
        for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
            Write w;
            w.key.token = in_.u64();
            std::uint64_t table = in_.varint();
            if (table > ~std::uint32_t{0}) in_.spoil();
            w.key.table.value = static_cast<std::uint32_t>(table);
            w.key.key = in_.blob();
            w.entry = in_.blob();
            writes.push_back(w);
        }
        next_ += count;
    } else if (kind == RecordKind::retirement) {
        retirement.tokens.first = in_.u64();
        retirement.tokens.last = in_.u64();
        retirement.table.value = static_cast<std::uint32_t>(in_.varint());
        retirement.whole = in_.u8() != 0;
        retirement.forget_before.us = in_.i64();
        next_ += 1;
    } else if (kind == RecordKind::link) {
        next_segment = in_.varint();
        if (next_segment == 0) in_.spoil();
    } else {
        return fail(Code::unsupported, "a log record of an unknown kind: written by a newer build");
    }
    if (in_.bad()) return fail(Code::corrupt, "a log record does not hold together");
    return true;
}

}  // namespace ashlar::lsm
