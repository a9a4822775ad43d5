// The context as clients carry it: a resolver's causal context in an envelope that says whose it is.
//
// Layout, version 1: u8 1, u32 table id, u32 resolver tag, the causal context's bytes, u64 checksum of all before
// it; version 2, where stamps decide: u8 2, and i64 the latest stamp seen behind the tag. Empty bytes mean "nothing
// seen". It comes back from strangers, so opening refuses everything but what was
// made for this table and resolver; the checksum finds damage, not malice. Pure.
#pragma once

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::request {

/// What is inside; a view into the bytes it was opened from.
struct Given {
    View causal;        ///< canonical
    WallTime stamp{0};  ///< the latest seen, where stamps decide
};

/// Replaces `out`; an empty causal context makes an empty one. A stamp of 0 is none.
void wrap_context(TableId table, std::uint32_t tag, const Given& given, Bytes& out);

/// Fails with invalid_request.
Result<Given> open_context(View bytes, TableId table, std::uint32_t tag);

}  // namespace ashlar::request
