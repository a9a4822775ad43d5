// Blocks of the engine that cannot be read any more, healed from the other replicas.
//
// What reads, scans, scrubs and clean-up have met is looked at every second. Where other nodes own the same tokens, a
// gap is opened there first, durably, so that nothing this node says counts; then the engine gives the block up, and
// the next rounds of anti-entropy bring back what it held. A block is left as it is, and every read of it fails in
// words, where nobody else has its content (a ring of one, a table with one replica), or where hints are kept that
// nobody else knows of: that is for people to decide, and status says so. Loop only.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "repair/gaps.h"

namespace ashlar::repair {

class Healing {
public:
    /// Whether whatever this node owns of these tokens has another owner.
    using Elsewhere = std::function<bool(const TokenRange&)>;
    /// What this node owns of the circle.
    using Owned = std::function<base::TokenRanges()>;

    Healing(StorageEngine& engine, Gaps& gaps, Log& log, Meter& meter, Elsewhere elsewhere, Owned owned)
        : engine_(engine),
          gaps_(gaps),
          log_(log),
          given_up_(meter.counter("blocks_given_up")),
          elsewhere_(std::move(elsewhere)),
          owned_(std::move(owned)) {}

    void pump(const port::Turn& turn);
    Instant due() const { return look_at_; }
    /// Whether it did that with this block, since the node began; and whether it is about to.
    bool gave_up(const BadBlock& block) const { return given_.contains(Name{block.file, block.offset}); }
    bool will_give_up(const BadBlock& block) const;
    /// For status: what is left as it is, and why; empty: nothing.
    const std::string& problem() const { return problem_; }

private:
    using Name = std::pair<std::string, std::uint64_t>;  ///< file, offset
    std::string why_left(const BadBlock& block) const;
    void heal(const port::Turn& turn, std::vector<BadBlock> blocks);
    void give_up(const BadBlock& block);

    StorageEngine& engine_;
    Gaps& gaps_;
    Log& log_;
    Meter::Counter& given_up_;
    Elsewhere elsewhere_;
    Owned owned_;
    std::set<Name> given_;    ///< up
    std::set<Name> refused_;  ///< the engine would not
    std::set<Name> said_;     ///< left, and logged
    std::string problem_;
    Instant look_at_{0};
    Instant heal_at_{0};
    bool opening_ = false;
};

}  // namespace ashlar::repair
