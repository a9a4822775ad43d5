// Which tombstones of a table may go, as rounds have proven it piece by piece: a pure rule over proofs.
//
// A proof says of a piece: all owners reported the same sum in one round, and no member can bring anything older than
// its floor. It counts from `grace` later on, when a message that was under way at the proof has been applied beside
// the tombstone, or is dead. A permit of a range is the least floor over all of it. Proofs of another epoch do not
// count. Loop only; bounded by the pieces of the partitions this node begins rounds of.
//
// See BEHAVIOUR, section 9, and docs/architecture.md, "Safe deletes".
#pragma once

#include <map>

#include "ashlar/types.h"

namespace ashlar::repair {

class Proofs {
public:
    explicit Proofs(Duration grace) : grace_(grace) {}

    /// A round has proven these tokens.
    void prove(const TokenRange& tokens, WallTime floor, Instant now);
    /// Tombstones of these tokens written before the answer may go; 0: none may.
    WallTime permit(const TokenRange& tokens, Instant now) const;
    std::size_t pieces() const { return pieces_.size(); }

private:
    struct Piece {
        Token last = 0;
        WallTime ripe{0};     ///< counts
        WallTime waiting{0};  ///< will count at
        Instant ripens{0};
        WallTime floor(Instant now) const { return waiting.us != 0 && ripens <= now ? waiting : ripe; }
    };
    void split(Token first);

    Duration grace_;
    std::map<Token, Piece> pieces_;  ///< by first token; they do not overlap
};

}  // namespace ashlar::repair
