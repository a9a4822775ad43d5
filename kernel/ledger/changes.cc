#include "ledger/changes.h"

namespace ashlar::ledger {

void Changes::ask(const port::Turn& turn, Edit edit, Then then) {
    waiting_.push_back(Change{std::move(edit), std::move(then)});
    start(turn);
}

void Changes::start(const port::Turn& turn) {
    if (!storing_.empty() || waiting_.empty()) return;
    State next = ledger_.state();
    std::vector<Change> asked = std::move(waiting_);
    waiting_.clear();
    std::vector<std::pair<Change, Error>> refused;
    for (Change& change : asked) {
        auto done = change.edit(next);
        if (done)
            storing_.push_back(std::move(change));
        else
            refused.emplace_back(std::move(change), done.error());
    }
    if (!storing_.empty()) {
        works_.start(turn, port::Lane::ledger, ledger_.store(std::move(next)),
                     [this](const port::Turn& later, const Result<void>& outcome) { stored(later, outcome); });
    }
    for (auto& [change, why] : refused) change.then(turn, why);
}

void Changes::stored(const port::Turn& turn, const Result<void>& outcome) {
    std::vector<Change> done = std::move(storing_);
    storing_.clear();
    for (Change& change : done) change.then(turn, outcome);
    start(turn);
}

}  // namespace ashlar::ledger
