#include "repair/dialogue.h"

#include <utility>

#include "kit/text.h"

namespace ashlar::repair {
namespace {

/// So few are compared token by token: 24 bytes each, less than another round trip is worth.
constexpr std::uint64_t few_keys = 2000;
/// Into so many pieces one is cut at a time.
constexpr std::size_t cut_most = 64;

}  // namespace

Result<std::vector<DifferingPiece>> differing(const std::vector<TokenRange>& pieces, const SumReport& mine,
                                              const wire::SumAnswer& theirs) {
    if (theirs.pieces.size() != pieces.size() || mine.pieces.size() != pieces.size())
        return fail(Code::corrupt, kit::text("a replica answered ", theirs.pieces.size(), " sums for ", pieces.size(),
                                             " pieces"));
    std::vector<DifferingPiece> out;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const wire::PieceSum& sum = theirs.pieces[i];
        if (mine.pieces[i].sum != Sum{sum.low, sum.high})
            out.push_back(DifferingPiece{pieces[i], mine.pieces[i].keys, sum.keys});
    }
    return out;
}

wire::SumAsk sum_ask(const Task& task, std::vector<TokenRange> pieces) {
    wire::SumAsk ask;
    ask.epoch = task.epoch;
    ask.table = task.table;
    ask.as_of = task.keep.now;
    ask.forget_before = task.keep.forget_before;
    ask.pieces = std::move(pieces);
    return ask;
}

void Dialogue::end(const port::Turn& turn, const Result<void>& outcome) {
    const Done done = std::move(done_);
    done(turn, outcome);
}

void Dialogue::begin(const port::Turn& turn, std::vector<DifferingPiece> known, std::vector<TokenRange> unknown) {
    left_ = std::move(known);
    unknown.empty() ? next(turn) : compare(turn, std::move(unknown));
}

void Dialogue::next(const port::Turn& turn) {
    while (!task_->stopped && !left_.empty()) {
        const DifferingPiece piece = left_.back();
        left_.pop_back();
        if (piece.mine != 0 && piece.theirs != 0) {
            std::vector<TokenRange> cut;
            if (std::max(piece.mine, piece.theirs) > few_keys)
                cut = tools_.forest.tree(task_->table).cut(piece.tokens, cut_most);
            return cut.size() > 1 ? compare(turn, std::move(cut)) : compare_tokens(turn, piece);
        }
        task_->differ(peer_, std::max(piece.mine, piece.theirs));
        if (task_->dry_run) continue;
        if (piece.mine != 0) return give(turn, {piece.tokens}, nullptr);
        return fetch(turn, {piece.tokens}, nullptr, [self = shared_from_this()](const port::Turn& later, const auto& outcome) {
            outcome ? self->next(later) : self->end(later, outcome);
        });
    }
    end(turn, task_->stopped ? Result<void>(fail(Code::closed, "the round was stopped")) : Result<void>());
}

void Dialogue::sum_up(const port::Turn& turn, SumOrder order, Told told) {
    wire::SumAsk ask = sum_ask(*task_, order.pieces);
    ask.by_token = order.by_token;
    tools_.sums.ask(turn, std::move(order), [self = shared_from_this(), ask = std::move(ask), told = std::move(told)](
                                                const port::Turn& later, const Result<SumReport>& mine) {
        if (!mine) return self->end(later, mine.error());
        if (self->task_->stopped) return self->end(later, fail(Code::closed, "the round was stopped"));
        self->tools_.questions.ask(later, self->peer_, port::Road::background, ask,
                                   [self, told, report = *mine](const port::Turn& then, const wire::Message* message) {
                                       self->heard(then, report, message, told);
                                   });
    });
}

void Dialogue::heard(const port::Turn& turn, const SumReport& mine, const wire::Message* message, const Told& told) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    const auto* answer = message == nullptr ? nullptr : std::get_if<wire::SumAnswer>(message);
    if (answer == nullptr) return end(turn, fail(Code::timed_out, "a replica did not answer"));
    if (!answer->fault.none()) return end(turn, answer->fault.error());
    (void)tools_.answered(peer_, 1, answer->load_milli);
    if (answer->forget_before > task_->keep.forget_before) {
        task_->newer_permit = std::max(task_->newer_permit, answer->forget_before);
        return end(turn, fail(Code::conflict, "a replica knows a newer permit"));
    }
    told(turn, mine, *answer);
}

void Dialogue::compare(const port::Turn& turn, std::vector<TokenRange> pieces) {
    SumOrder order{task_->table, task_->keep, false, pieces};
    sum_up(turn, std::move(order),
           [this, pieces = std::move(pieces)](const port::Turn& later, const SumReport& mine, const wire::SumAnswer& theirs) {
               auto found = differing(pieces, mine, theirs);
               if (!found) return end(later, found.error());
               task_->tally.ranges_compared += pieces.size();
               left_.insert(left_.end(), found->begin(), found->end());
               next(later);
           });
}

void Dialogue::compare_tokens(const port::Turn& turn, const DifferingPiece& piece) {
    SumOrder order{task_->table, task_->keep, true, {piece.tokens}};
    sum_up(turn, std::move(order),
           [this, piece](const port::Turn& later, const SumReport& mine, const wire::SumAnswer& theirs) {
               tokens_told(later, piece, mine, theirs);
           });
}

void Dialogue::tokens_told(const port::Turn& turn, const DifferingPiece& piece, const SumReport& mine,
                           const wire::SumAnswer& theirs) {
    Token last = piece.tokens.first;
    for (const wire::TokenSum& sum : theirs.tokens) {
        const bool sorted = &sum == theirs.tokens.data() ? sum.token >= last : sum.token > last;
        if (!sorted || sum.token > piece.tokens.last)
            return end(turn, fail(Code::corrupt, "a replica answered sums of tokens that were not asked"));
        last = sum.token;
    }
    const Token through = std::min({mine.through, theirs.through, piece.tokens.last});
    if (through < piece.tokens.first) 
        return end(turn, fail(Code::corrupt, "a replica's sums do not go on"));
    if (through < piece.tokens.last)
        left_.push_back(DifferingPiece{{through + 1, piece.tokens.last}, piece.mine, piece.theirs});
    const Difference found = difference(mine.tokens, theirs.tokens, through);
    ++task_->tally.ranges_compared;
    task_->differ(peer_, found.size());
    if (task_->dry_run || found.size() == 0) return next(turn);
    exchange(turn, found);
}

/// First what only the peer holds, or holds otherwise, is joined in here; then it is given what it still lacks.
void Dialogue::exchange(const port::Turn& turn, const Difference& found) {
    seen_.clear();
    fetch(turn, ranges_of(found.only_theirs, found.both), &seen_,
          [self = shared_from_this(), pieces = ranges_of(found.only_mine, found.both)](const port::Turn& later,
                                                                                       const Result<void>& outcome) {
              if (!outcome) return self->end(later, outcome);
              self->give(later, pieces, &self->seen_);
          });
}

void Dialogue::fetch(const port::Turn& turn, std::vector<TokenRange> pieces, Seen* seen, Done then) {
    std::make_shared<Fetching>(tools_, task_, peer_, std::move(pieces), seen, std::move(then))->go_on(turn);
}

void Dialogue::give(const port::Turn& turn, std::vector<TokenRange> pieces, const Seen* seen) {
    auto done = [self = shared_from_this()](const port::Turn& later, const Result<void>& outcome) {
        outcome ? self->next(later) : self->end(later, outcome);
    };
    std::make_shared<Giving>(tools_, task_, peer_, std::move(pieces), seen, std::move(done))->go_on(turn);
}

}  // namespace ashlar::repair
