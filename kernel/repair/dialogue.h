// This node and one peer over pieces of a partition: they descend to where they differ and ship what differs, both ways.
//
// Pieces that differ are cut further along this node's tree until few keys are left in one; those are compared token by
// token. A piece of which one side holds nothing is shipped as a whole. Ends with the first failure; what was shipped
// until then stays. Loop only.
#pragma once

#include "repair/difference.h"
#include "repair/giving.h"

namespace ashlar::repair {

/// Tokens of which the two hold different things.
struct DifferingPiece {
    TokenRange tokens;
    std::uint64_t mine = 0;    ///< keys
    std::uint64_t theirs = 0;
};

/// The pieces whose sums are not the same. Fails if there is not one answered sum for each piece.
Result<std::vector<DifferingPiece>> differing(const std::vector<TokenRange>& pieces, const SumReport& mine,
                                              const wire::SumAnswer& theirs);

wire::SumAsk sum_ask(const Task& task, std::vector<TokenRange> pieces);

class Dialogue : public std::enable_shared_from_this<Dialogue> {
public:
    Dialogue(Tools& tools, std::shared_ptr<Task> task, NodeId peer, Done done)
        : tools_(tools), task_(std::move(task)), peer_(peer), done_(std::move(done)) {}

    /// Over what is known to differ, and what may.
    void begin(const port::Turn& turn, std::vector<DifferingPiece> known, std::vector<TokenRange> unknown);

private:
    using Told = std::function<void(const port::Turn&, const SumReport&, const wire::SumAnswer&)>;
    void next(const port::Turn& turn);
    void compare(const port::Turn& turn, std::vector<TokenRange> pieces);
    void compare_tokens(const port::Turn& turn, const DifferingPiece& piece);
    void tokens_told(const port::Turn& turn, const DifferingPiece& piece, const SumReport& mine,
                     const wire::SumAnswer& theirs);
    /// Sums of both sides: the own ones first.
    void sum_up(const port::Turn& turn, SumOrder order, Told told);
    void heard(const port::Turn& turn, const SumReport& mine, const wire::Message* message, const Told& told);
    void exchange(const port::Turn& turn, const Difference& found);
    void fetch(const port::Turn& turn, std::vector<TokenRange> pieces, Seen* seen, Done then);
    void give(const port::Turn& turn, std::vector<TokenRange> pieces, const Seen* seen);
    void end(const port::Turn& turn, const Result<void>& outcome);

    Tools& tools_;
    std::shared_ptr<Task> task_;
    NodeId peer_;
    std::vector<DifferingPiece> left_;  ///< the last goes first
    Seen seen_;                         ///< in the exchange of tokens under way
    Done done_;
};

}  // namespace ashlar::repair
