#include "host/node_loop.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "host/background_road.h"
#include "host/peer_link.h"

namespace ashlar::host {
namespace {

constexpr Instant not_armed{INT64_MAX};

}  // namespace

NodeLoop::NodeLoop(Reactor& reactor, Answers answers, std::uint32_t read_threads)
    : reactor_(reactor),
      answers_(answers),
      timer_(reactor.io()),
      signals_(reactor.io(), SIGTERM, SIGINT),
      wakes_at_(not_armed),
      lanes_(read_threads, [this] { reactor_.wake(); }) {
    reactor_.on_wake([this] { take_finished(); });
    reactor_.at_turn_end([this] { end_turn(); });
}

void NodeLoop::run() {
    await_signal();
    // The node learns what to do first: recovery, upkeep, leases.
    step(port::Woken{});
    reactor_.ask_again();
    reactor_.run();
}

void NodeLoop::step(const port::Event& event) {
    stepped_ = true;
    reactor_.ask_again();
    node_->step(reactor_.now(), event, *this);
}

void NodeLoop::end_turn() {
    if (!stepped_) return;
    stepped_ = false;
    node_->step(reactor_.now(), port::TurnEnded{}, *this);
}

void NodeLoop::take_finished() {
    lanes_.take_finished(finished_);
    for (port::WorkId id : finished_) step(port::WorkDone{id});
}

bool NodeLoop::send(const port::Peer& to, port::Road road, const wire::Message& message) {
    if (link_ == nullptr) return false;
    return road == port::Road::link ? link_->send(to, message) : background_->send(to, message);
}

void NodeLoop::wake_at(Instant when) {
    if (when >= wakes_at_) return;
    wakes_at_ = when;
    Duration left = when - reactor_.now().steady;
    timer_.expires_after(std::chrono::microseconds(std::max<std::int64_t>(left.us, 0)));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;  // moved to an earlier moment
        wakes_at_ = not_armed;
        step(port::Woken{});
    });
}

void NodeLoop::await_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        // Asked twice: whoever asks no longer wants to wait. What was acknowledged is on the disk as promised.
        if (is_stopping_) ::_exit(1);
        is_stopping_ = true;
        if (stopping_) stopping_();
        step(port::StopAsked{});
        await_signal();
    });
}

}  // namespace ashlar::host
