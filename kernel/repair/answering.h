// The asked side of anti-entropy: sums, entries and what is given, for rounds that other nodes begin.
//
// Asks of another epoch are refused by the fence, and of a table this node does not know; whoever asks tries again
// once the rings agree. What is given is only ever joined, after each entry was checked, and acknowledged once it is
// synced. A node that owns nothing of what is summed for a proof, owes nobody a hint, and still holds something, lets
// that go: the owners hold all of it. Bounded: so many asks at a time. Loop only.
#pragma once

#include "repair/ages.h"
#include "repair/entry_scan.h"
#include "repair/permits.h"
#include "repair/task.h"

namespace ashlar::repair {

class Answering {
public:
    Answering(Tools& tools, Permits& permits, Ages& ages) : tools_(tools), permits_(permits), ages_(ages) {}

    /// True if it was an ask.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    /// From now on every ask is refused.
    void close() { closed_ = true; }

private:
    Result<void> admit(const port::Turn& turn, NodeId from, TableId table, Epoch epoch) const;
    static Result<void> check_pieces(const std::vector<TokenRange>& pieces);
    void sum(const port::Turn& turn, NodeId from, const wire::SumAsk& ask);
    void summed(const port::Turn& turn, NodeId from, const wire::SumAsk& ask, const SumReport& report);
    void note_waiting(TableId table, const TokenRange& tokens, const SumReport& report);
    void let_go(TableId table, const std::vector<TokenRange>& pieces);
    void fetch(const port::Turn& turn, NodeId from, const wire::FetchAsk& ask);
    void take(const port::Turn& turn, NodeId from, const wire::EntriesGive& give);
    /// The answer to an ask that was admitted.
    void say(const port::Turn& turn, NodeId to, port::Road road, const wire::Message& message);

    Tools& tools_;
    Permits& permits_;
    Ages& ages_;
    std::size_t under_way_ = 0;
    bool closed_ = false;
};

}  // namespace ashlar::repair
