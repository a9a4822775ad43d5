// Parts that stand in more than one byte form of this room. docs/disk.md has the tables.
#pragma once

#include <string>
#include <vector>

#include "kit/bytes.h"
#include "port/order.h"

namespace ashlar::ledger {

/// A 32-bit number as varint; a larger one spoils the reader.
std::uint32_t take_u32(kit::Reader& in);
/// A name: at most 1024 bytes, longer ones spoil the reader.
std::string take_text(kit::Reader& in);
void put_tables(kit::Writer& out, const std::vector<port::Table>& tables);
std::vector<port::Table> take_tables(kit::Reader& in);

}  // namespace ashlar::ledger
