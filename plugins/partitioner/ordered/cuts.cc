#include "cuts.h"

#include <algorithm>
#include <string>

namespace ashlar::ordered {

namespace {

constexpr std::uint64_t whole = 1u << 20;
constexpr std::size_t claims_max = 8192;  // dealing takes time with their square

/// Its letters in the order of their bytes.
std::string letters(Alphabet alphabet) {
    if (alphabet == Alphabet::hex) return "0123456789abcdef";
    if (alphabet == Alphabet::digits) return "0123456789";
    std::string out;
    const int first = alphabet == Alphabet::text ? 0x20 : 0, last = alphabet == Alphabet::text ? 0x7e : 0xff;
    for (int c = first; c <= last; ++c) out.push_back(static_cast<char>(c));
    return out;
}

}  // namespace

Token token_of(View key) {
    Token token = 0;
    for (std::size_t i = 0; i < 8; ++i) token = token << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0u);
    return token;
}

std::vector<Token> first_cuts(Alphabet alphabet, std::uint32_t claims) {
    const std::string digits = letters(alphabet);
    std::vector<Token> out{0};
    for (std::uint64_t i = 1; i < claims; ++i) {
        // i / claims, written as a fraction in the alphabet's base.
        std::string key;
        for (std::uint64_t rest = i; rest != 0 && key.size() < 8;) {
            rest *= digits.size();
            key.push_back(digits[static_cast<std::size_t>(rest / claims)]);
            rest %= claims;
        }
        out.push_back(token_of(key));
    }
    return out;
}

std::vector<std::uint64_t> weights(std::span<const ClaimLoad> loads, std::size_t claims) {
    std::uint64_t requests = 0, bytes = 0;
    for (const ClaimLoad& load : loads) {
        requests += load.requests;
        bytes += load.bytes;
    }
    if (loads.size() != claims || requests + bytes == 0) return std::vector<std::uint64_t>(claims, whole / claims + 1);
    std::vector<std::uint64_t> out;
    // One is the least: an empty claim is still one to keep.
    for (const ClaimLoad& load : loads)
        out.push_back(1 + load.requests / (requests * 2 / whole + 1) + load.bytes / (bytes * 2 / whole + 1));
    return out;
}

void halve_heavy(std::vector<Claim>& claims, std::vector<std::uint64_t>& weights, std::uint32_t shares) {
    std::uint64_t sum = 0;
    for (std::uint64_t weight : weights) sum += weight;
    std::vector<Claim> cut;
    std::vector<std::uint64_t> weighed;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const Token first = claims[i].first, last = i + 1 < claims.size() ? claims[i + 1].first - 1 : ~Token{0};
        cut.push_back(claims[i]);
        weighed.push_back(weights[i]);
        const bool room = claims.size() - i + cut.size() < claims_max;
        if (weights[i] <= 2 * (sum / shares) || first == last || !room) continue;
        cut.push_back(Claim{first + (last - first) / 2 + 1, claims[i].owner});
        weighed.back() = weights[i] / 2;
        weighed.push_back(weights[i] - weights[i] / 2);
    }
    claims = std::move(cut);
    weights = std::move(weighed);
}

}  // namespace ashlar::ordered
