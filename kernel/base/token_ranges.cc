#include "base/token_ranges.h"

#include <algorithm>

namespace ashlar::base {
namespace {

constexpr Token last_token = ~Token{0};

/// Whether nothing lies between the end of one and the beginning of the next.
bool meets(Token last, Token first) {
    return last == last_token || first <= last + 1;
}

}  // namespace

void add(TokenRanges& set, const TokenRange& tokens) {
    if (tokens.last < tokens.first) return;
    TokenRange whole = tokens;
    auto from =
        std::find_if(set.begin(), set.end(), [&](const TokenRange& range) { return meets(range.last, tokens.first); });
    auto to = from;
    for (; to != set.end() && meets(whole.last, to->first); ++to) {
        whole.first = std::min(whole.first, to->first);
        whole.last = std::max(whole.last, to->last);
    }
    set.insert(set.erase(from, to), whole);
}

void take_away(TokenRanges& set, const TokenRange& tokens) {
    TokenRanges left;
    for (const TokenRange& range : set) {
        if (tokens.last < range.first || range.last < tokens.first) {
            left.push_back(range);
            continue;
        }
        if (range.first < tokens.first) left.push_back(TokenRange{range.first, tokens.first - 1});
        if (tokens.last < range.last) left.push_back(TokenRange{tokens.last + 1, range.last});
    }
    set = std::move(left);
}

bool holds_any(const TokenRanges& set, const TokenRange& tokens) {
    auto at = std::lower_bound(set.begin(), set.end(), tokens.first,
                               [](const TokenRange& range, Token first) { return range.last < first; });
    return at != set.end() && at->first <= tokens.last;
}

bool is_canonical(const TokenRanges& set) {
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (set[i].last < set[i].first) return false;
        if (i > 0 && meets(set[i - 1].last, set[i].first)) return false;
    }
    return true;
}

std::uint32_t share_milli(const TokenRanges& set) {
    if (set.empty()) return 0;
    // In units of 2^32 tokens, so that the whole circle is counted without overflow.
    std::uint64_t units = 0;
    for (const TokenRange& range : set) units += (range.last >> 32) - (range.first >> 32) + 1;
    const std::uint64_t circle = std::uint64_t{1} << 32;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(units * 1000 / circle, 1, 1000));
}

}  // namespace ashlar::base
