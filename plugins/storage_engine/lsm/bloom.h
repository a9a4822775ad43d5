// Bloom filters of table files: "surely not here" without reading a block.
//
// Blocked: all bits of a key lie in one cache line, so a look-up costs one miss. Six probes; at 10 bits a key
// about 1.2 of 100 look-ups of absent keys are let through. The bytes are part of the file format.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::lsm {

inline constexpr std::size_t bloom_line_bytes = 64;
inline constexpr int bloom_probes = 6;

inline std::size_t bloom_line(std::uint64_t hash, std::size_t lines) {
    return static_cast<std::size_t>((hash >> 32) * lines >> 32);  // filters stay far below 2^32 lines
}

/// Six positions of 9 bits each in a line, from hash bits that barely chose the line.
inline std::uint32_t bloom_bit(std::uint64_t hash, int probe) {
    std::uint64_t mixed = hash * 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>(mixed >> (10 + 9 * probe)) & 511u;
}

inline Bytes build_bloom(const std::vector<std::uint64_t>& hashes, std::uint64_t bits_per_key) {
    if (bits_per_key == 0 || hashes.empty()) return {};
    std::size_t lines = (hashes.size() * bits_per_key + bloom_line_bytes * 8 - 1) / (bloom_line_bytes * 8);
    Bytes out(lines * bloom_line_bytes, 0);
    for (std::uint64_t hash : hashes) {
        char* line = out.data() + bloom_line(hash, lines) * bloom_line_bytes;
        for (int i = 0; i < bloom_probes; ++i) {
            std::uint32_t bit = bloom_bit(hash, i);
            line[bit >> 3] = static_cast<char>(line[bit >> 3] | (1 << (bit & 7)));
        }
    }
    return out;
}

/// False only if no key of this hash was put in. No filter lets everything through.
inline bool bloom_may_hold(View filter, std::uint64_t hash) {
    std::size_t lines = filter.size() / bloom_line_bytes;
    if (lines == 0) return true;
    const char* line = filter.data() + bloom_line(hash, lines) * bloom_line_bytes;
    for (int i = 0; i < bloom_probes; ++i) {
        std::uint32_t bit = bloom_bit(hash, i);
        if ((line[bit >> 3] >> (bit & 7) & 1) == 0) return false;
    }
    return true;
}

}  // namespace ashlar::lsm
