// Where two replicas differ within a piece: two lists of sums by token, sorted, laid beside each other. Pure.
#pragma once

#include <span>
#include <vector>

#include "repair/bucket_tree.h"
#include "wire/message.h"

namespace ashlar::repair {

/// Tokens, sorted.
struct Difference {
    std::vector<Token> only_mine;
    std::vector<Token> only_theirs;
    std::vector<Token> both;  ///< both hold something there, and not the same
    std::size_t size() const { return only_mine.size() + only_theirs.size() + both.size(); }
};

/// As far as both lists go: up to `through`.
Difference difference(std::span<const TokenContent> mine, std::span<const wire::TokenSum> theirs, Token through);

/// The tokens of both, sorted, as ranges: neighbours become one.
std::vector<TokenRange> ranges_of(std::span<const Token> a, std::span<const Token> b);

}  // namespace ashlar::repair
