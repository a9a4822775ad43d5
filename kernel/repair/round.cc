#include "repair/round.h"

#include <utility>

#include "kit/text.h"

namespace ashlar::repair {
namespace {

/// The first comparison: few bytes where nothing differs, and a step of the descent where something does.
constexpr std::size_t first_pieces = 64;

}  // namespace

Round::Round(Tools& tools, const RoundOrder& order, Then then)
    : tools_(tools), order_(order), then_(std::move(then)), task_(std::make_shared<Task>()) {
    task_->table = order.table;
    task_->tokens = order.tokens;
    task_->epoch = order.epoch;
    task_->keep = order.keep;
    task_->dry_run = order.dry_run;
    visited_.resize(order.others.size());
}

bool Round::is_other(NodeId node) const {
    return std::find(order_.others.begin(), order_.others.end(), node) != order_.others.end();
}

void Round::begin(const port::Turn& turn) {
    task_->pieces = tools_.forest.tree(order_.table).cut(order_.tokens, first_pieces);
    task_->learned.resize(task_->pieces.size());
    tools_.sums.ask(turn, SumOrder{order_.table, order_.keep, false, task_->pieces},
                    [self = shared_from_this()](const port::Turn& later, const Result<SumReport>& mine) {
                        if (mine) return self->summed(later, *mine);
                        self->failed(self->tools_.members.self().node, mine.error());
                        self->end(later);
                    });
}

void Round::summed(const port::Turn& turn, const SumReport& mine) {
    mine_ = mine;
    clear_ = tools_.surroundings.owes_nothing();
    wall_ = turn.now.wall;
    tools_.told = std::max(tools_.told, wall_);
    for (const Content& piece : mine.pieces) outcome_.tombstones += piece.tombstones;
    // Only where something waits to be forgotten need the others be troubled.
    if (outcome_.tombstones == 0) order_.strangers.clear();
    waiting_ = order_.others.size() + order_.strangers.size() + 1;
    for (const NodeId node : order_.others) ask(turn, node);
    for (const NodeId node : order_.strangers) ask(turn, node);
    tools_.surroundings.after_sync([self = shared_from_this()](const port::Turn& later) {
        if (--self->waiting_ == 0) self->all_said(later);
    });
}

void Round::ask(const port::Turn& turn, NodeId node) {
    wire::SumAsk ask = sum_ask(*task_, task_->pieces);
    ask.proof = true;
    tools_.questions.ask(turn, node, port::Road::background, ask,
                         [self = shared_from_this(), node](const port::Turn& later, const wire::Message* message) {
                             self->heard(later, node, message);
                             if (--self->waiting_ == 0) self->all_said(later);
                         });
}

void Round::heard(const port::Turn&, NodeId node, const wire::Message* message) {
    const auto* answer = message == nullptr ? nullptr : std::get_if<wire::SumAnswer>(message);
    if (answer == nullptr) return failed(node, fail(Code::timed_out, "a replica did not answer"));
    if (!answer->fault.none()) return failed(node, answer->fault.error());
    if (answer->forget_before > order_.keep.forget_before) {
        task_->newer_permit = std::max(task_->newer_permit, answer->forget_before);
        return failed(node, fail(Code::conflict, "a replica knows a newer permit"));
    }
    if (answer->pieces.size() != task_->pieces.size())
        return failed(node, fail(Code::corrupt, "a replica answered other sums than were asked"));
    said_[node] = Said{true, answer->clear, answer->wall, answer->pieces};
}

/// Of an owner, the round cannot prove anything any more; of another member, no tombstone may go.
void Round::failed(NodeId node, const Error& error) {
    outcome_.withheld_by.insert(node);
    if (node != tools_.members.self().node && !is_other(node)) return;
    outcome_.tally.silent.insert(node);
    outcome_.tally.problem = kit::text("node ", kit::hex16(node.value), ": ", error.detail);
}

void Round::all_said(const port::Turn& turn) {
    if (task_->stopped || task_->newer_permit.us != 0) return end(turn);
    task_->tally.ranges_compared += task_->pieces.size() * order_.others.size();
    prove(turn);
    outcome_.equal = true;
    for (const NodeId node : order_.others) {
        const Said& said = said_[node];
        for (std::size_t i = 0; i < said.pieces.size(); ++i)
            if (mine_.pieces[i].sum != Sum{said.pieces[i].low, said.pieces[i].high}) outcome_.equal = false;
        outcome_.equal = outcome_.equal && said.answered;
    }
    next_visit(turn);
}

void Round::prove(const port::Turn&) {
    if (!clear_) outcome_.withheld_by.insert(tools_.members.self().node);
    WallTime least = wall_;
    for (const auto& [node, said] : said_) {
        if (!said.clear) outcome_.withheld_by.insert(node);
        least = std::min(least, said.wall);
    }
    for (std::size_t i = 0; i < task_->pieces.size(); ++i) {
        bool same = true;
        for (const auto& [node, said] : said_) {
            const wire::PieceSum& sum = said.pieces[i];
            // Who is no owner must hold nothing at all.
            const bool fits = is_other(node) ? mine_.pieces[i].sum == Sum{sum.low, sum.high} : sum.keys == 0;
            if (!fits && !is_other(node)) outcome_.withheld_by.insert(node);
            same = same && fits;
        }
        if (same) outcome_.proven.emplace_back(task_->pieces[i], least);
    }
    // One member that is silent or owes something blocks them all.
    if (outcome_.tombstones == 0 || said_.size() != order_.others.size() + order_.strangers.size() || !clear_) outcome_.proven.clear();
    for (const auto& [node, said] : said_)
        if (!said.clear) outcome_.proven.clear();
}

/// Pieces of which something was fetched after the last visit of this owner.
std::vector<TokenRange> Round::unshared(std::size_t other) const {
    std::vector<TokenRange> out;
    for (std::size_t i = 0; i < task_->pieces.size(); ++i)
        if (task_->learned[i] > visited_[other]) out.push_back(task_->pieces[i]);
    return out;
}

void Round::next_visit(const port::Turn& turn) {
    // Once all were visited, the earlier ones lack what the later ones brought; then nothing new is to be learned.
    while (!task_->stopped && next_ < order_.others.size() * 2) {
        if (next_ == order_.others.size() && !passed_) return second_pass(turn);
        const std::size_t other = next_++ % order_.others.size();
        if (!said_[order_.others[other]].answered) continue;
        std::vector<TokenRange> pieces = unshared(other);
        const bool first = visited_[other] == 0;
        std::vector<DifferingPiece> known;
        if (first) {
            const Said& said = said_[order_.others[other]];
            for (std::size_t i = 0; i < task_->pieces.size(); ++i) {
                const wire::PieceSum& sum = said.pieces[i];
                if (task_->learned[i] == 0 && mine_.pieces[i].sum != Sum{sum.low, sum.high})
                    known.push_back(DifferingPiece{task_->pieces[i], mine_.pieces[i].keys, sum.keys});
            }
        }
        visited_[other] = ++task_->visit;
        if (pieces.empty() && known.empty()) continue;
        return visit(turn, other, std::move(known), std::move(pieces));
    }
    end(turn);
}

/// Where somebody held something else, what this node holds is summed once more. Had it come with a visit, others would
/// be visited for it; had it come on another road before its holder was visited, that visit would have found nothing.
void Round::second_pass(const port::Turn& turn) {
    passed_ = true;
    std::vector<std::size_t> places;
    std::vector<TokenRange> pieces;
    for (std::size_t i = 0; i < task_->pieces.size() && order_.others.size() > 1 && !task_->dry_run; ++i) {
        auto holds_other = [&](NodeId node) {
            const Said& said = said_[node];
            return said.answered && mine_.pieces[i].sum != Sum{said.pieces[i].low, said.pieces[i].high};
        };
        // Whoever was compared last knows all there is, and what it brought goes to all the others anyhow.
        const bool shared = mine_.pieces[i].keys != 0 && task_->learned[i] == task_->visit;
        if (shared || std::none_of(order_.others.begin(), order_.others.end(), holds_other)) continue;
        places.push_back(i);
        pieces.push_back(task_->pieces[i]);
    }
    if (pieces.empty()) return next_visit(turn);
    tools_.sums.ask(turn, SumOrder{order_.table, order_.keep, false, std::move(pieces)},
                    [self = shared_from_this(), places = std::move(places)](const port::Turn& later,
                                                                            const Result<SumReport>& now) {
                        if (now) return self->look_again(later, places, *now);
                        self->failed(self->tools_.members.self().node, now.error());
                        self->end(later);
                    });
}

void Round::look_again(const port::Turn& turn, const std::vector<std::size_t>& places, const SumReport& now) {
    for (std::size_t n = 0; n < places.size(); ++n)
        if (now.pieces[n].sum != mine_.pieces[places[n]].sum) task_->learned[places[n]] = task_->visit + 1;
    next_visit(turn);
}

void Round::visit(const port::Turn& turn, std::size_t other, std::vector<DifferingPiece> known,
                  std::vector<TokenRange> pieces) {
    const NodeId peer = order_.others[other];
    auto done = [self = shared_from_this(), peer](const port::Turn& later, const Result<void>& outcome) {
        if (!outcome) {
            self->failed(peer, outcome.error());
            self->said_[peer].answered = false;
        }
        if (self->task_->newer_permit.us != 0) return self->end(later);
        self->next_visit(later);
    };
    auto dialogue = std::make_shared<Dialogue>(tools_, task_, peer, std::move(done));
    dialogue->begin(turn, std::move(known), std::move(pieces));
}

void Round::end(const port::Turn& turn) {
    RepairReport& tally = outcome_.tally;
    std::set<NodeId> silent = std::move(tally.silent);
    std::string problem = std::move(tally.problem);
    tally = task_->tally;
    tally.silent = std::move(silent);
    tally.problem = std::move(problem);
    if (tally.entries_too_large != 0 && tally.problem.empty())
        tally.problem = kit::text(tally.entries_too_large, " entries are too large to travel; settle their siblings");
    outcome_.newer_permit = task_->newer_permit;
    outcome_.answered = !task_->stopped && tally.silent.empty() && tally.entries_too_large == 0 &&
                        outcome_.newer_permit.us == 0;
    const Then then = std::move(then_);
    // What was fetched counts as held once it is synced.
    if (tally.entries_fetched == 0) return then(turn, outcome_);
    tools_.surroundings.after_sync(
        [self = shared_from_this(), then](const port::Turn& later) { then(later, self->outcome_); });
}

}  // namespace ashlar::repair
