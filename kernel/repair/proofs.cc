#include "repair/proofs.h"

#include <algorithm>
#include <iterator>

namespace ashlar::repair {

/// Makes a piece begin here, if one goes over it.
void Proofs::split(Token first) {
    auto after = pieces_.upper_bound(first);
    if (after == pieces_.begin()) return;
    auto at = std::prev(after);
    if (at->first == first || at->second.last < first) return;
    pieces_.emplace(first, at->second);
    at->second.last = first - 1;
}

void Proofs::prove(const TokenRange& tokens, WallTime floor, Instant now) {
    split(tokens.first);
    if (tokens.last != ~Token{0}) split(tokens.last + 1);
    // What was proven of parts of it counts on: the least of all of them, where all of it was.
    const WallTime ripe = permit(tokens, now);
    WallTime waiting{0};
    Instant ripens{0};
    Token next = tokens.first;
    bool covered = true, first = true;
    for (auto at = pieces_.lower_bound(tokens.first); at != pieces_.end() && at->first <= tokens.last;) {
        const Piece& piece = at->second;
        covered = covered && at->first == next && piece.waiting.us != 0 && now < piece.ripens;
        waiting = first ? piece.waiting : std::min(waiting, piece.waiting);
        ripens = std::max(ripens, piece.ripens);
        first = false;
        next = piece.last + 1;
        at = pieces_.erase(at);
    }
    covered = covered && !first && (next == tokens.last + 1);
    // One that waits already ripens sooner than this: it is not put off.
    if (!covered) {
        waiting = floor;
        ripens = now + grace_;
    }
    pieces_.emplace(tokens.first, Piece{tokens.last, ripe, waiting, ripens});
}

WallTime Proofs::permit(const TokenRange& tokens, Instant now) const {
    auto at = pieces_.upper_bound(tokens.first);
    if (at == pieces_.begin()) return WallTime{0};
    --at;
    WallTime least{INT64_MAX};
    for (Token next = tokens.first;; ++at) {
        if (at == pieces_.end() || at->first > next || at->second.last < next) return WallTime{0};
        least = std::min(least, at->second.floor(now));
        if (at->second.last >= tokens.last) return least;
        next = at->second.last + 1;
    }
}

}  // namespace ashlar::repair
