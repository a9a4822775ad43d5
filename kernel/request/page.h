// Where a scan goes on: opaque to clients, checked when it comes back.
//
// Layout, version 1: u8 1, u32 table id, u8 reverse, u64 token, blob key, u64 checksum of all before it.
#pragma once

#include "ashlar/result.h"
#include "ashlar/types.h"

namespace ashlar::request {

/// Behind this key, in the direction of the scan.
struct Page {
    TableId table;
    bool reverse = false;
    Token token = 0;
    Bytes key;
};

Bytes encode_page(const Page& page);
/// Fails with invalid_request on anything but a page of this table and direction.
Result<Page> decode_page(View bytes, TableId table, bool reverse);

}  // namespace ashlar::request
