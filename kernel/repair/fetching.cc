#include "repair/fetching.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::repair {
namespace {

constexpr Duration full_pause = milliseconds(200);
constexpr unsigned full_tries_most = 100;

}  // namespace

void Fetching::end(const port::Turn& turn, const Result<void>& outcome) {
    const Done done = std::move(done_);
    done(turn, outcome);
}

/// As many as there may be entries under way: a token of a list holds one, as a rule.
std::vector<TokenRange> Fetching::next_pieces() const {
    const std::size_t most = std::min(tools_.window(peer_), pieces_.size() - first_);
    const auto from = pieces_.begin() + static_cast<std::ptrdiff_t>(first_);
    return {from, from + static_cast<std::ptrdiff_t>(most)};
}

void Fetching::go_on(const port::Turn& turn) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    if (first_ == pieces_.size()) return end(turn, {});
    wire::FetchAsk ask;
    ask.epoch = task_->epoch;
    ask.table = task_->table;
    ask.as_of = task_->keep.now;
    ask.forget_before = task_->keep.forget_before;
    ask.pieces = next_pieces();
    ask.resume = after_.given;
    ask.after_token = after_.token;
    ask.after_key = after_.key;
    ask.entries_max = static_cast<std::uint32_t>(tools_.window(peer_));
    const TokenRange asked{ask.pieces.front().first, ask.pieces.back().last};
    tools_.questions.ask(turn, peer_, port::Road::background, ask,
                         [self = shared_from_this(), asked](const port::Turn& later, const wire::Message* message) {
                             const auto* answer = message == nullptr ? nullptr : std::get_if<wire::FetchAnswer>(message);
                             if (answer == nullptr)
                                 return self->end(later, fail(Code::timed_out, "a replica did not answer"));
                             self->heard(later, *answer, asked);
                         });
}

Result<void> Fetching::check(const port::Turn& turn, const wire::FetchAnswer& answer) const {
    for (const wire::ScanLine& line : answer.lines) {
        const auto first = pieces_.begin() + static_cast<std::ptrdiff_t>(first_);
        const auto after = std::upper_bound(first, pieces_.end(), line.token,
                                            [](Token token, const TokenRange& piece) { return token < piece.first; });
        if (after == first || !std::prev(after)->holds(line.token))
            return fail(Code::corrupt, kit::text("a replica gave token ", line.token, ", which was not asked"));
        if (auto fit = tools_.surroundings.check(turn, task_->table, line.entry); !fit) return fit;
    }
    return {};
}

/// All up to this token need not be asked for again.
void Fetching::pass_over(Token token) {
    while (first_ < pieces_.size() && pieces_[first_].last < token) ++first_;
}

void Fetching::heard(const port::Turn& turn, const wire::FetchAnswer& answer, const TokenRange& asked) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    if (!answer.fault.none()) return end(turn, answer.fault.error());
    if (auto fit = check(turn, answer); !fit) return end(turn, fit);
    const bool forward = answer.through >= asked.first && answer.through <= asked.last &&
                         (!after_.given || std::pair(after_.token, View(after_.key)) <
                                               std::pair(answer.through, answer.through_key));
    if (answer.more && !forward) return end(turn, fail(Code::corrupt, "a replica's pages do not go on"));
    std::vector<Line> lines;
    for (const wire::ScanLine& line : answer.lines)
        lines.push_back(Line{line.token, Bytes(line.key), Bytes(line.entry)});
    if (answer.more) {
        after_ = PageEnd{true, answer.through, Bytes(answer.through_key)};
        pass_over(answer.through);
    } else {
        after_ = {};
        while (first_ < pieces_.size() && pieces_[first_].last <= asked.last) ++first_;
    }
    task_->tally.entries_too_large += answer.too_large;
    const Duration pause = tools_.answered(peer_, lines.size(), answer.load_milli);
    join_in(turn, std::move(lines), pause, 0);
}

void Fetching::join_in(const port::Turn& turn, std::vector<Line> lines, Duration pause, unsigned tries) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    if (!lines.empty()) {
        std::vector<Write> writes;
        for (const Line& line : lines)
            writes.push_back(Write{EntryKey{line.token, task_->table, line.key}, line.entry});
        if (auto applied = tools_.engine.apply(writes); !applied) {
            if (applied.error().code != Code::overloaded || tries == full_tries_most) return end(turn, applied.error());
            return tools_.questions.later(
                turn, full_pause,
                [self = shared_from_this(), kept = std::move(lines), pause, tries](const port::Turn& later) mutable {
                    self->join_in(later, std::move(kept), pause, tries + 1);
                });
        }
        note(lines);
    }
    if (pause.us == 0) return go_on(turn);
    tools_.questions.later(turn, pause, [self = shared_from_this()](const port::Turn& later) { self->go_on(later); });
}

void Fetching::note(const std::vector<Line>& lines) {
    task_->tally.entries_fetched += lines.size();
    task_->tally.bytes_fetched += bytes_of(lines);
    for (const Line& line : lines) {
        task_->learn(line.token);
        if (seen_ != nullptr) seen_->insert_or_assign(std::pair(line.token, line.key), kit::hash64(line.entry));
    }
}

}  // namespace ashlar::repair
