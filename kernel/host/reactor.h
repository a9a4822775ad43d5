// The turns of the one event loop: wait, take what is ready, then once for all end the turn.
//
// now() is read at most once per turn. What must happen once per turn (syncing what was applied, sending what
// was gathered) is a turn end; turn ends run in the order they were added. One thread, the one that calls run().
// Lanes reach it only through wake().
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "ashlar/types.h"

namespace ashlar::host {

class Reactor {
public:
    Reactor();

    boost::asio::io_context& io() { return io_; }
    const Now& now();
    void at_turn_end(std::function<void()> end) { ends_.push_back(std::move(end)); }
    /// The turn that ends now left something to do: the next one does not wait.
    void ask_again() { again_ = true; }
    /// Called on the loop some time after wake().
    void on_wake(std::function<void()> woken) { woken_ = std::move(woken); }
    /// Any thread.
    void wake();

    void run();
    /// run() returns after this turn.
    void stop() { stopped_ = true; }

private:
    void await_wake();

    boost::asio::io_context io_;
    boost::asio::posix::stream_descriptor wake_;  ///< an eventfd
    std::function<void()> woken_;
    std::vector<std::function<void()>> ends_;
    std::optional<Now> now_;
    bool again_ = false;
    bool stopped_ = false;
};

}  // namespace ashlar::host
