// The context as clients carry it: a resolver's causal context in an envelope that says whose it is.
//
// Layout, version 1: u8 1, u32 table id, u32 resolver tag, the causal context's bytes, u64 checksum of all before
// it. Empty bytes mean "nothing seen". It comes back from strangers, so opening refuses everything but what was
// made for this table and resolver; the checksum finds damage, not malice. Pure.
#pragma once

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::request {

/// Replaces `out`; an empty causal context makes an empty one.
void wrap_context(TableId table, std::uint32_t tag, View causal, Bytes& out);

/// The causal context inside, canonical; a view into `bytes`. Fails with invalid_request.
Result<View> open_context(View bytes, TableId table, std::uint32_t tag);

}  // namespace ashlar::request
