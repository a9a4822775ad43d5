// Where the token circle is cut when tokens keep the order of keys.
//
// At first nobody knows the keys, so the cuts divide the strings over an alphabet into equal parts: right for ids in
// hex or digits, a start for the rest. Later, claims that carry more than twice their share are halved; what a half
// carries is known when it has been measured, so a claim is halved once a plan. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/partitioner.h"

namespace ashlar::ordered {

enum class Alphabet : std::uint8_t { bytes, text, hex, digits };

/// The first eight bytes as a number, most significant first: never decreases with the key.
Token token_of(View key);

/// `claims` cuts from 0 on, equally far apart for keys over the alphabet.
std::vector<Token> first_cuts(Alphabet alphabet, std::uint32_t claims);

/// What each claim carries, requests and bytes alike, in units that sum up to about a million; all alike without loads.
std::vector<std::uint64_t> weights(std::span<const ClaimLoad> loads, std::size_t claims);

/// Halves what carries more than twice a share of 1 / `shares`, and its weight with it.
void halve_heavy(std::vector<Claim>& claims, std::vector<std::uint64_t>& weights, std::uint32_t shares);

}  // namespace ashlar::ordered
