// What this node knows may be forgotten: the newest permit of each partition, told to the engine once.
//
// A permit holds for ever (proofs.h), so the newest counts. One that claims more than the grace allows by this node's
// own clock is cut down to it. In memory; the engine keeps its own durably. Loop only.
#pragma once

#include <map>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "kit/text.h"
#include "port/turn.h"

namespace ashlar::repair {

class Permits {
public:
    Permits(StorageEngine& engine, Log& log, Duration grace) : engine_(engine), log_(log), grace_(grace) {}

    /// Of all these tokens; 0: none is known.
    WallTime known(TableId table, const TokenRange& tokens) const {
        auto at = permits_.upper_bound({table, tokens.first});
        if (at == permits_.begin()) return WallTime{0};
        --at;
        const bool whole = at->first.first == table && tokens.last <= at->second.last;
        return whole ? at->second.before : WallTime{0};
    }
    void adopt(const port::Turn& turn, TableId table, const TokenRange& tokens, WallTime before) {
        before = std::min(before, WallTime{turn.now.wall.us - grace_.us});
        if (before <= known(table, tokens)) return;
        Retirement retirement;
        retirement.table = table;
        retirement.tokens = tokens;
        retirement.forget_before = before;
        if (auto retired = engine_.retire(retirement); !retired)
            return log_.write(LogLevel::warn, "tombstones stay for now: " + retired.error().detail);
        // A partition that was cut otherwise before has its permits in pieces: they are found again by proof.
        permits_.erase(permits_.lower_bound({table, tokens.first}), permits_.upper_bound({table, tokens.last}));
        permits_[{table, tokens.first}] = Permit{tokens.last, before};
    }

private:
    struct Permit {
        Token last = 0;
        WallTime before{0};
    };
    StorageEngine& engine_;
    Log& log_;
    Duration grace_;
    std::map<std::pair<TableId, Token>, Permit> permits_;  ///< by table and first token
};

}  // namespace ashlar::repair
