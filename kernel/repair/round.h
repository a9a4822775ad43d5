// One numbered round over a partition of a table: all its owners say what they hold, and what differs is shipped.
//
// First the sums of all owners, taken at the same time and synced: pieces in which all are the same are proven equal,
// and where a partition holds tombstones, all other members say that they can bring nothing older. Then the owners
// that differ are visited one after the other; what a later one brings goes to the earlier ones, too, and so does what
// came here meanwhile on another road (a hint), for a later one may hold it, too, and seem to bring nothing. When every owner
// has answered and every difference was acknowledged, all owners hold all that any of them held when the round began,
// whatever was written meanwhile. Who does not answer is left out, and nothing is proven. Loop only.
#pragma once

#include <set>

#include "repair/dialogue.h"

namespace ashlar::repair {

struct RoundOrder {
    TableId table;
    TokenRange tokens;
    Epoch epoch;
    Keep keep{};
    std::vector<NodeId> others;     ///< the other owners
    std::vector<NodeId> strangers;  ///< all other members, if tombstones can be proven
    bool dry_run = false;
};

struct RoundOutcome {
    bool answered = false;  ///< by all other owners, to the end
    bool equal = false;     ///< nothing differed when the round began
    WallTime newer_permit{0};
    /// Pieces in which all owners reported the same and no member holds anything older, with the least clock told.
    std::vector<std::pair<TokenRange, WallTime>> proven;
    std::uint64_t tombstones = 0;
    std::set<NodeId> withheld_by;  ///< who cannot be ruled out to bring something older
    RepairReport tally;            ///< of this round; silent and problem too
};

class Round : public std::enable_shared_from_this<Round> {
public:
    using Then = std::function<void(const port::Turn&, const RoundOutcome&)>;

    Round(Tools& tools, const RoundOrder& order, Then then);
    void begin(const port::Turn& turn);
    /// It ends soon, unproven.
    void stop() { task_->stopped = true; }
    const RepairReport& tally() const { return task_->tally; }

private:
    struct Said {
        bool answered = false;
        bool clear = false;
        WallTime wall{0};
        std::vector<wire::PieceSum> pieces;
    };
    void summed(const port::Turn& turn, const SumReport& mine);
    void ask(const port::Turn& turn, NodeId node);
    void heard(const port::Turn& turn, NodeId node, const wire::Message* message);
    void all_said(const port::Turn& turn);
    void prove(const port::Turn& turn);
    void next_visit(const port::Turn& turn);
    void visit(const port::Turn& turn, std::size_t other, std::vector<DifferingPiece> known,
               std::vector<TokenRange> pieces);
    std::vector<TokenRange> unshared(std::size_t other) const;
    void second_pass(const port::Turn& turn);
    void look_again(const port::Turn& turn, const std::vector<std::size_t>& places, const SumReport& now);
    void failed(NodeId peer, const Error& error);
    void end(const port::Turn& turn);
    bool is_other(NodeId node) const;

    Tools& tools_;
    RoundOrder order_;
    Then then_;
    std::shared_ptr<Task> task_;
    SumReport mine_;
    bool clear_ = false;
    WallTime wall_{0};
    std::map<NodeId, Said> said_;
    std::size_t waiting_ = 0;
    std::vector<std::uint32_t> visited_;  ///< by place in others: number of the visit; 0: none yet
    std::size_t next_ = 0;                ///< place of the next to be visited; behind them all, the second pass
    bool passed_ = false;                 ///< the first pass is over
    RoundOutcome outcome_;
};

}  // namespace ashlar::repair
