// How values that merge are shown to readers: JSON, always the same text for the same value. Pure.
#pragma once

#include "ashlar/types.h"

namespace ashlar::crdt {

/// UTF-8 (RFC 3629).
bool is_text(View bytes);
/// A string of JSON; bytes that are no text become {"base64": "..."}.
void put_json(Bytes& out, View bytes);

}  // namespace ashlar::crdt
