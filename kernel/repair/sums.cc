#include "repair/sums.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace ashlar::repair {
namespace {

/// Of a scan that finds nothing, in tokens.
constexpr std::size_t scan_cost = 8;

class GatherWork final : public Work {
public:
    GatherWork(std::shared_ptr<const Snapshot> snapshot, const SumOrder& order, const TokenRange& tokens,
               const Joiner& joiner)
        : snapshot_(std::move(snapshot)), table_(order.table), tokens_(tokens), joiner_(joiner), keep_(order.keep) {}

    void run() noexcept override { found_ = gather(*snapshot_, table_, tokens_, joiner_, keep_, Sums::tokens_max); }
    Result<void> finish() noexcept override { return found_ ? Result<void>() : Result<void>(found_.error()); }
    const Gathered& found() const { return *found_; }

private:
    std::shared_ptr<const Snapshot> snapshot_;
    TableId table_;
    TokenRange tokens_;
    const Joiner& joiner_;
    Keep keep_;
    Result<Gathered> found_ = Gathered{};
};

}  // namespace

void Sums::ask(const port::Turn& turn, SumOrder order, Then then) {
    if (waiting_.size() >= waiting_max)
        return then(turn, fail(Code::overloaded, "too many questions for sums wait already"));
    Waiting& last = waiting_.emplace_back();
    last.order = std::move(order);
    last.then = std::move(then);
    if (!last.order.by_token) last.report.pieces.resize(last.order.pieces.size());
    if (!last.order.pieces.empty()) last.left = last.order.pieces.front();
    go_on(turn);
}

void Sums::go_on(const port::Turn& turn) {
    while (!scanning_ && !stopped_ && !waiting_.empty()) {
        TokenRange to_scan;
        if (!advance(waiting_.front(), to_scan)) return scan(turn, to_scan);
        answer(turn, {});
    }
}

bool Sums::advance(Waiting& front, TokenRange& to_scan) {
    BucketTree& tree = forest_.tree(front.order.table);
    while (front.piece < front.order.pieces.size()) {
        if (front.order.by_token) {
            to_scan = front.left;
            return false;
        }
        const BucketTree::Step step = tree.first_of(front.left, front.order.keep);
        if (!step.known) {
            const BucketTree::Step bucket = tree.bucket_of(front.left.first, front.order.keep);
            const auto part = bucket.known ? recent_.part(front.order.table, step.tokens, front.order.keep, bucket)
                                           : std::nullopt;
            if (part) {
                front.report.pieces[front.piece] += *part;
                pass(front, step.tokens.last);
                continue;
            }
            // Only a whole bucket can become known, and its parts with it. The rest of one that is written all the
            // time is scanned for this answer alone.
            to_scan = front.wide && pays(front.order.table, bucket.tokens) ? bucket.tokens : step.tokens;
            return false;
        }
        front.report.pieces[front.piece] += step.content;
        pass(front, step.tokens.last);
    }
    return true;
}

void Sums::scan(const port::Turn& turn, const TokenRange& tokens) {
    const SumOrder& order = waiting_.front().order;
    scanning_ = true;
    ++scans_;
    const std::uint32_t begun = forest_.tree(order.table).begin(tokens);
    auto work = std::make_unique<GatherWork>(engine_.snapshot(), order, tokens, joiner_);
    const GatherWork* gathered = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, tokens, begun, gathered](const port::Turn& later, const Result<void>& outcome) {
                     scanning_ = false;
                     if (stopped_) return;
                     if (!outcome) {
                         answer(later, outcome);
                     } else {
                         Waiting& front = waiting_.front();
                         const Gathered& found = gathered->found();
                         forest_.tree(front.order.table).learn(tokens, begun, found.tokens, found.through,
                                                              found.forgot);
                         remember(front.order, tokens, found);
                         account(front, tokens, found);
                         scanned(front, tokens, found);
                     }
                     go_on(later);
                 });
}

bool Sums::pays(TableId table, const TokenRange& bucket) const {
    const auto at = costs_.find({table, bucket.first});
    return at == costs_.end() || at->second.parts >= at->second.whole;
}

void Sums::account(const Waiting& front, const TokenRange& tokens, const Gathered& found) {
    if (front.order.by_token) return;
    const TableId table = front.order.table;
    const TokenRange bucket = forest_.tree(table).bucket_of(tokens.first, front.order.keep).tokens;
    if (tokens != bucket) {
        const auto at = costs_.find({table, bucket.first});
        if (at != costs_.end()) at->second.parts += scan_cost + found.tokens.size();
    } else if (tokens.first < front.left.first || front.left.last < tokens.last) {
        if (costs_.size() >= costs_most) costs_.clear();
        costs_[{table, bucket.first}] = Cost{found.tokens.size(), 0};
    }
}

void Sums::remember(const SumOrder& order, const TokenRange& tokens, const Gathered& found) {
    const BucketTree::Step bucket = forest_.tree(order.table).bucket_of(tokens.first, order.keep);
    if (bucket.known && bucket.tokens == tokens && found.through == tokens.last)
        recent_.remember(order.table, tokens, order.keep, found.tokens);
}

void Sums::scanned(Waiting& front, const TokenRange& tokens, const Gathered& found) {
    if (front.order.by_token) {
        front.report.tokens = found.tokens;
        front.report.through = found.through;
        front.piece = front.order.pieces.size();
        return;
    }
    if (found.through < front.left.first) {
        // The bucket is fuller than a scan. Unless it has been cut, another scan of it would end there, too.
        front.wide = forest_.tree(front.order.table).bucket_of(front.left.first, front.order.keep).tokens != tokens;
        return;
    }
    const Token last = std::min(found.through, front.left.last);
    for (const TokenContent& token : found.tokens)
        if (front.left.first <= token.token && token.token <= last) front.report.pieces[front.piece] += token.content;
    pass(front, last);
}

void Sums::pass(Waiting& front, Token last) {
    front.wide = true;
    if (last != front.left.last) {
        front.left.first = last + 1;
    } else if (++front.piece < front.order.pieces.size()) {
        front.left = front.order.pieces[front.piece];
    }
}

void Sums::answer(const port::Turn& turn, const Result<void>& outcome) {
    Waiting front = std::move(waiting_.front());
    waiting_.pop_front();
    if (outcome)
        front.then(turn, std::move(front.report));
    else
        front.then(turn, outcome.error());
}

}  // namespace ashlar::repair
