// One record of an input: what import stores under a key, or why it is refused. And the contract of the readers.
//
// A reader is a pure parser over lines: next() gives records in the order of the input, each with the byte offset
// behind it, where a later run may go on. Records over the bound are refused unread; memory stays under
// record_bytes_max plus one block. A reader never throws on any input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ashlar::cli::import {

/// One value, or one of several siblings.
struct Value {
    std::string bytes;
    std::optional<std::int64_t> expires_us;
};

struct Record {
    std::string key;
    std::vector<Value> values;  ///< usually one; several are siblings from an export
};

/// Why a record is not stored. Reasons are few and counted; the detail is an example for a person.
struct Refusal {
    std::string reason;
    std::string detail;
};

/// What next() found.
struct Found {
    enum class Kind { record, refused, end };
    Kind kind = Kind::end;
    Record record;
    Refusal refusal;
    std::uint64_t line = 0;        ///< where it begins, counted from 1
    std::uint64_t end_offset = 0;  ///< of the byte behind it
};

class Reader {
public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;
    virtual Found next() = 0;
};

inline Found refuse(std::string reason, std::string detail = {}) {
    Found out;
    out.kind = Found::Kind::refused;
    out.refusal = {std::move(reason), std::move(detail)};
    return out;
}

}  // namespace ashlar::cli::import
