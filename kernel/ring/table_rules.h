// What a table must be like, whoever makes it. Pure.
#pragma once

#include "ashlar/result.h"
#include "port/order.h"

namespace ashlar::ring {

inline constexpr std::size_t table_name_max = 48;
/// A bound, so that the agreed state stays small: each table costs a placement per ring.
inline constexpr std::size_t tables_max = 1024;

/// [a-z0-9_-]{1,48}
bool table_name_ok(View name);
/// Name, TTL and counts; that resolver, engine and replicator suit is asked of them.
Result<void> check_table(const port::Table& table);

}  // namespace ashlar::ring
