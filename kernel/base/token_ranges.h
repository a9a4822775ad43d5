// A set of tokens as ranges: sorted, none empty, none touching its neighbour, so equal sets are equal lists. Pure
// values.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::base {

using TokenRanges = std::vector<TokenRange>;

void add(TokenRanges& set, const TokenRange& tokens);
void take_away(TokenRanges& set, const TokenRange& tokens);
/// Whether any of these tokens is in the set.
bool holds_any(const TokenRanges& set, const TokenRange& tokens);
/// Whether this list is the one form of what it means.
bool is_canonical(const TokenRanges& set);
/// x 1000: its share of the whole circle; at least 1 if there is anything.
std::uint32_t share_milli(const TokenRanges& set);

}  // namespace ashlar::base
