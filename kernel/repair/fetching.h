// Fetches all entries of some pieces from a peer, page by page, and joins them in.
//
// What arrives is checked as an entry of its table and must lie in what was asked for; it is only ever joined. Where the
// engine has no room at the moment, the page is tried again. Not durable until the next sync. Loop only.
#pragma once

#include "kit/bytes.h"
#include "repair/entry_scan.h"
#include "repair/task.h"

namespace ashlar::repair {

/// Hashes of entries as a peer holds them, by token and key.
using Seen = std::map<std::pair<Token, Bytes>, std::uint64_t>;

class Fetching : public std::enable_shared_from_this<Fetching> {
public:
    /// `seen`: filled if given; it lives as long as `done`.
    Fetching(Tools& tools, std::shared_ptr<Task> task, NodeId peer, std::vector<TokenRange> pieces, Seen* seen,
             Done done)
        : tools_(tools), task_(std::move(task)), peer_(peer), pieces_(std::move(pieces)), seen_(seen),
          done_(std::move(done)) {}

    void go_on(const port::Turn& turn);

private:
    std::vector<TokenRange> next_pieces() const;
    void heard(const port::Turn& turn, const wire::FetchAnswer& answer, const TokenRange& asked);
    Result<void> check(const port::Turn& turn, const wire::FetchAnswer& answer) const;
    void pass_over(Token token);
    void join_in(const port::Turn& turn, std::vector<Line> lines, Duration pause, unsigned tries);
    void note(const std::vector<Line>& lines);
    void end(const port::Turn& turn, const Result<void>& outcome);

    Tools& tools_;
    std::shared_ptr<Task> task_;
    NodeId peer_;
    std::vector<TokenRange> pieces_;  ///< what is left
    std::size_t first_ = 0;           ///< of them
    PageEnd after_;
    Seen* seen_;
    Done done_;
};

}  // namespace ashlar::repair
