// The processes of a playground: started from its layout, watched, and ended by their ids.
//
// They end with this object, and with this process however it ends. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "layout.h"

namespace ashlar::cli::play {

class Daemons {
public:
    /// How the process of a node ended, as waitpid() says it.
    struct End {
        std::size_t node = 0;
        int status = 0;
    };

    /// The layout must outlive it.
    explicit Daemons(const Layout& layout) : layout_(layout), processes_(layout.nodes.size(), -1) {}
    ~Daemons() { stop(); }
    Daemons(const Daemons&) = delete;
    Daemons& operator=(const Daemons&) = delete;

    Outcome<Done> start();
    /// -1: has ended.
    pid_t process(std::size_t node) const { return processes_[node]; }
    /// Those of ours that ended since the last call.
    std::vector<End> ended();
    /// Ends every process that runs on one of the nodes' directories, also one that somebody else started there. Gives
    /// those of ours that did not end cleanly.
    std::vector<End> stop();

private:
    pid_t launch(const NodePlace& node) const;
    std::vector<pid_t> running() const;

    const Layout& layout_;
    std::vector<pid_t> processes_;
};

/// "by signal 9 (Killed)", "with exit code 1"
std::string how_it_ended(int status);
/// The last lines of a node's log.
std::string last_words(const NodePlace& node, std::size_t lines);

}  // namespace ashlar::cli::play
