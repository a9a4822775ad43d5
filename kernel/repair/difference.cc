#include "repair/difference.h"

#include <algorithm>
#include <iterator>

namespace ashlar::repair {

Difference difference(std::span<const TokenContent> mine, std::span<const wire::TokenSum> theirs, Token through) {
    Difference out;
    auto a = mine.begin();
    auto b = theirs.begin();
    for (;;) {
        const bool more_a = a != mine.end() && a->token <= through;
        const bool more_b = b != theirs.end() && b->token <= through;
        if (!more_a && !more_b) return out;
        if (!more_b || (more_a && a->token < b->token)) {
            out.only_mine.push_back((a++)->token);
        } else if (!more_a || b->token < a->token) {
            out.only_theirs.push_back((b++)->token);
        } else {
            if (a->content.sum != Sum{b->low, b->high}) out.both.push_back(a->token);
            ++a;
            ++b;
        }
    }
}

std::vector<TokenRange> ranges_of(std::span<const Token> a, std::span<const Token> b) {
    std::vector<Token> tokens;
    std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(tokens));
    std::vector<TokenRange> out;
    for (const Token token : tokens) {
        if (!out.empty() && out.back().last + 1 == token && token != 0)
            out.back().last = token;
        else
            out.push_back(TokenRange{token, token});
    }
    return out;
}

}  // namespace ashlar::repair
