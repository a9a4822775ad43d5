// Sums of pieces of a table, worked out as far as they are not known: one scan of stale buckets at a time, on a lane.
//
// Questions are answered in the order they came; what a scan finds is brought into the tree, so the next question is
// answered from memory, and so is one about a part of a bucket scanned lately. A bucket that is larger than what is asked
// and stale again is scanned in the parts that are asked, until these have cost as much as the whole: one that is written
// all the time is not scanned whole for every partition in it, and one that is left alone is known soon.
// Loop only. A scan that fails (a block that cannot be read) fails the question: a sum that leaves something out would
// prove what is not so.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "ashlar/host.h"
#include "port/works.h"
#include "repair/forest.h"
#include "repair/gathering.h"
#include "repair/recent_buckets.h"

namespace ashlar::repair {

/// What is asked: the content of each piece as of `keep`, or of each token of the one piece.
struct SumOrder {
    TableId table;
    Keep keep;
    bool by_token = false;
    std::vector<TokenRange> pieces;
};
struct SumReport {
    std::vector<Content> pieces;       ///< one for each
    std::vector<TokenContent> tokens;  ///< by token: sorted, at most tokens_max
    Token through = 0;                 ///< by token: so far it goes
};

class Sums {
public:
    static constexpr std::size_t tokens_max = 16'384;
    static constexpr std::size_t waiting_max = 256;

    using Then = std::function<void(const port::Turn&, const Result<SumReport>&)>;

    Sums(Forest& forest, StorageEngine& engine, const Joiner& joiner, port::Works& works)
        : forest_(forest), engine_(engine), joiner_(joiner), works_(works) {}

    /// `then` hears later, or within the call when all is known. Refuses with overloaded when too many wait.
    void ask(const port::Turn& turn, SumOrder order, Then then);
    /// Nothing more is scanned; who waits is not told.
    void stop() { stopped_ = true; }
    /// Begun since the start.
    std::uint64_t scans() const { return scans_; }

private:
    struct Waiting {
        SumOrder order;
        Then then;
        SumReport report;
        std::size_t piece = 0;  ///< being summed
        TokenRange left;        ///< what is left of it
        bool wide = true;       ///< a stale bucket may be scanned whole, though less of it is asked
    };
    void go_on(const port::Turn& turn);
    /// Adds what is known. False: there is something to scan.
    bool advance(Waiting& front, TokenRange& to_scan);
    void scan(const port::Turn& turn, const TokenRange& tokens);
    /// Whether a stale bucket is to be scanned whole, though less of it is asked.
    bool pays(TableId table, const TokenRange& bucket) const;
    void account(const Waiting& front, const TokenRange& tokens, const Gathered& found);
    /// Of a bucket that has become known by it.
    void remember(const SumOrder& order, const TokenRange& tokens, const Gathered& found);
    void scanned(Waiting& front, const TokenRange& tokens, const Gathered& found);
    /// All of the piece up to here is in.
    static void pass(Waiting& front, Token last);
    void answer(const port::Turn& turn, const Result<void>& outcome);

    Forest& forest_;
    StorageEngine& engine_;
    const Joiner& joiner_;
    port::Works& works_;
    /// In tokens: what its last whole scan took, and what parts of it have taken since.
    struct Cost {
        std::size_t whole = 0;
        std::size_t parts = 0;
    };
    static constexpr std::size_t costs_most = 4096;

    RecentBuckets recent_;
    std::map<std::pair<TableId, Token>, Cost> costs_;  ///< of buckets larger than what was asked, by their first token
    std::deque<Waiting> waiting_;
    bool scanning_ = false;
    bool stopped_ = false;
    std::uint64_t scans_ = 0;
};

}  // namespace ashlar::repair
