// Gives a peer all entries of some pieces, page by page; it acknowledges each once it is synced. Loop only.
#pragma once

#include "repair/fetching.h"

namespace ashlar::repair {

class Giving : public std::enable_shared_from_this<Giving> {
public:
    /// What the peer is known to hold as we do (`seen`, if given) is left out.
    Giving(Tools& tools, std::shared_ptr<Task> task, NodeId peer, std::vector<TokenRange> pieces, const Seen* seen,
           Done done)
        : tools_(tools), task_(std::move(task)), peer_(peer), pieces_(std::move(pieces)), seen_(seen),
          done_(std::move(done)) {}

    void go_on(const port::Turn& turn);

private:
    void scanned(const port::Turn& turn, EntryScan& scan);
    void taken(const port::Turn& turn, const wire::EntriesTaken& answer, std::size_t entries, std::size_t bytes);
    void end(const port::Turn& turn, const Result<void>& outcome);

    Tools& tools_;
    std::shared_ptr<Task> task_;
    NodeId peer_;
    std::vector<TokenRange> pieces_;
    PageEnd after_;
    bool last_page_ = false;
    const Seen* seen_;
    Done done_;
};

}  // namespace ashlar::repair
