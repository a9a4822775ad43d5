#include "ledger/changes.h"

#include "kit/text.h"

namespace ashlar::ledger {
namespace {

constexpr Duration doubt_pause = milliseconds(200);

}  // namespace

void Changes::ask(const port::Turn& turn, Edit edit, Then then) {
    if (waiting_.size() >= waiting_max) {
        return then(turn, fail(Code::overloaded, kit::text(waiting_.size(),
                                                           " changes of what this node remembers wait for its disk "
                                                           "already: the ledger's store takes too long")));
    }
    waiting_.push_back(Change{std::move(edit), std::move(then)});
    start(turn);
}

void Changes::start(const port::Turn& turn) {
    if (!storing_.empty() || waiting_.empty()) return;
    next_ = ledger_.state();
    std::vector<Change> asked = std::move(waiting_);
    waiting_.clear();
    std::vector<std::pair<Change, Error>> refused;
    for (Change& change : asked) {
        auto done = change.edit(next_);
        if (done)
            storing_.push_back(std::move(change));
        else
            refused.emplace_back(std::move(change), done.error());
    }
    if (!storing_.empty()) store(turn);
    for (auto& [change, why] : refused) change.then(turn, why);
}

void Changes::store(const port::Turn& turn) {
    works_.start(turn, port::Lane::ledger, ledger_.store(next_),
                 [this](const port::Turn& later, const Result<void>& outcome) { stored(later, outcome); });
}

void Changes::pump(const port::Turn& turn) {
    if (turn.now.steady < retry_at_) return;
    retry_at_ = port::never;
    store(turn);
}

void Changes::stored(const port::Turn& turn, const Result<void>& outcome) {
    if (!outcome && ledger_.doubtful()) {
        retry_at_ = turn.now.steady + doubt_pause;
        return;
    }
    std::vector<Change> done = std::move(storing_);
    storing_.clear();
    for (Change& change : done) change.then(turn, outcome);
    start(turn);
}

}  // namespace ashlar::ledger
