// Changes to what the node remembers, one store at a time, all that wait in one store.
//
// A change is an edit of the state as it will stand when its turn comes; it may refuse itself then, in words.
// `then` is called once the edit is durable, or with the reason why it is not and will not be. A store that failed
// so late that a crash may bring it back is neither: it is tried again until it holds. While a store takes long at most
// waiting_max changes wait behind it; what is more is refused with overloaded. Loop only.
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

    static constexpr std::size_t waiting_max = 1024;

    Changes(Ledger& ledger, port::Works& works) : ledger_(ledger), works_(works) {}
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    void ask(const port::Turn& turn, Edit edit, Then then);
    /// Tries again what is in doubt, when its moment has come.
    void pump(const port::Turn& turn);
    Instant due() const { return retry_at_; }
    /// Something is in doubt and may stay so: the disk refuses.
    bool stuck() const { return retry_at_ != port::never; }
    std::size_t waiting() const { return waiting_.size(); }
    bool idle() const { return waiting_.empty() && storing_.empty(); }
    /// As last made durable.
    const State& state() const { return ledger_.state(); }

private:
    struct Change {
        Edit edit;
        Then then;
    };
    void start(const port::Turn& turn);
    void store(const port::Turn& turn);
    void stored(const port::Turn& turn, const Result<void>& outcome);

    Ledger& ledger_;
    port::Works& works_;
    std::vector<Change> waiting_;
    std::vector<Change> storing_;
    State next_;  ///< with the changes of storing_
    Instant retry_at_ = port::never;
};

}  // namespace ashlar::ledger
