// Changes to what the node remembers, one store at a time, all that wait in one store.
//
// A change is an edit of the state as it will stand when its turn comes; it may refuse itself then, in words.
// `then` is called once the edit is durable, or with the reason why it is not. Loop only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "port/works.h"

namespace ashlar::ledger {

class Changes {
public:
    using Edit = std::function<Result<void>(State&)>;
    using Then = std::function<void(const port::Turn&, const Result<void>&)>;

    Changes(Ledger& ledger, port::Works& works) : ledger_(ledger), works_(works) {}
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    void ask(const port::Turn& turn, Edit edit, Then then);
    bool idle() const { return waiting_.empty() && storing_.empty(); }
    /// As last made durable.
    const State& state() const { return ledger_.state(); }

private:
    struct Change {
        Edit edit;
        Then then;
    };
    void start(const port::Turn& turn);
    void stored(const port::Turn& turn, const Result<void>& outcome);

    Ledger& ledger_;
    port::Works& works_;
    std::vector<Change> waiting_;
    std::vector<Change> storing_;
};

}  // namespace ashlar::ledger
