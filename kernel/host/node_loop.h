// The one thread that owns the node: turns the world into events and carries out effects.
//
// Steps with the turn's one reading of the clocks; says TurnEnded once per turn in which anything happened, before
// the fronts send. Effects are carried out at once: replies into their connections, works to the lanes. Loop only.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "host/answers.h"
#include "host/lanes.h"
#include "host/peer_taker.h"
#include "host/reactor.h"
#include "host/stepper.h"
#include "node/node.h"

namespace ashlar::host {

class BackgroundRoad;
class PeerLink;

class NodeLoop final : public Stepper, public port::Effects, public PeerTaker {
public:
    NodeLoop(Reactor& reactor, Answers answers, std::uint32_t read_threads);

    /// The node exists from here on; made after the loop, since its looks are part of what the desks are given.
    void adopt(node::Node& node) { node_ = &node; }
    /// The roads to other nodes, made after the loop so that their turn ends behind the node's; without them nothing
    /// that is said is taken.
    void connect(PeerLink& link, BackgroundRoad& background) {
        link_ = &link;
        background_ = &background;
    }
    /// Called once when the operator asks for a stop, before the node hears of it.
    void on_stop(std::function<void()> stopping) { stopping_ = std::move(stopping); }
    /// Serves until a signal and the node's clean stop.
    void run();
    bool is_stopping() const { return is_stopping_; }

    const Now& now() override { return reactor_.now(); }
    void step(const port::Event& event) override;

    void reply(port::Ticket ticket, const port::Reply& reply) override { answers_.reply(ticket, reply); }
    void refuse(port::Ticket ticket, const port::Refusal& refusal) override { answers_.refuse(ticket, refusal); }
    void table_done(port::Ticket ticket, const port::Table& table) override { answers_.table_done(ticket, table); }
    void errand_begun(port::Ticket ticket, std::uint64_t errand) override { answers_.errand_begun(ticket, errand); }
    void key_explained(port::Ticket ticket, const port::Explanation& explanation) override {
        answers_.key_explained(ticket, explanation);
    }
    bool send(const port::Peer& to, port::Road road, const wire::Message& message) override;
    void run(port::Lane lane, port::WorkId id, Work& work) override { lanes_.run(lane, id, work); }
    void wake_at(Instant when) override;
    void stopped() override { reactor_.stop(); }

    void heard(const wire::Sender& from, port::Road road, const wire::Message& message) override {
        step(port::Heard{from, road, &message});
    }
    void lost(NodeId peer) override { step(port::LinkLost{peer}); }

private:
    void end_turn();
    void take_finished();
    void await_signal();

    Reactor& reactor_;
    Answers answers_;
    node::Node* node_ = nullptr;
    PeerLink* link_ = nullptr;
    BackgroundRoad* background_ = nullptr;
    boost::asio::steady_timer timer_;
    boost::asio::signal_set signals_;
    std::function<void()> stopping_;
    std::vector<port::WorkId> finished_;
    Instant wakes_at_;      ///< {max}: not armed
    bool stepped_ = false;  ///< something happened since the last TurnEnded
    bool is_stopping_ = false;
    Lanes lanes_;  ///< last: its threads end before what they may wake goes
};

}  // namespace ashlar::host
