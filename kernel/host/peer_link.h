// The road for what a client waits for: framed TCP between nodes, on the node's own loop.
//
// One way to each node: a connection we dialled at the first send, or one that node opened. A way is kept as long as
// it holds, so what is said arrives in order. When it breaks, or a dial fails, the node is told, and the next dials
// come with a growing, jittered pause; within it nothing is taken, since what waits for a dead peer is late anyway.
// Strangers, other clusters, protocols and plugins are refused in words, counted and closed. Everything is bounded:
// queues, connections in all and per address, frames that are not whole. Loop only; lives as long as the loop runs.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/listen_address.h"
#include "host/peer_connection.h"
#include "host/peer_counters.h"
#include "host/peer_limits.h"
#include "host/peer_notes.h"
#include "host/peer_seams.h"

namespace ashlar::host {

class PeerLink {
public:
    PeerLink(PeerSeams seams, PeerLimits limits);
    ~PeerLink();
    PeerLink(const PeerLink&) = delete;
    PeerLink& operator=(const PeerLink&) = delete;

    /// Takes the port, without serving yet; answers the real address (of port 0). Fails with io.
    Result<std::string> bind(const ListenAddress& address);
    /// From here on it accepts, dials and speaks.
    Result<void> serve(PeerSelf self);
    /// False: not taken. The queue is full, the node is not reachable, or its address is none.
    bool send(const port::Peer& to, const wire::Message& message);
    const std::string& newest_refusal() const { return notes_.newest_refusal(); }

    // For connections.
    const PeerSelf& self() const { return self_; }
    std::uint64_t cluster() const { return cluster_; }
    const PeerLimits& limits() const { return limits_; }
    PeerCounters& counters() { return counters_; }
    boost::asio::io_context& io() { return seams_.reactor.io(); }
    Instant now() { return seams_.reactor.now().steady; }
    Bytes& scratch() { return scratch_; }
    wire::Message& message() { return message_; }
    void at_turn_end(std::shared_ptr<PeerConnection> connection) { dirty_.push_back(std::move(connection)); }
    void greeted(PeerConnection& connection, const wire::Greeting& greeting);
    void heard(const wire::Sender& from, const wire::Message& message);
    void closed(PeerConnection& connection, const char* reason, const std::string& sentence);
    void account(std::size_t held, std::size_t before);
    bool unread_met() const { return unread_ > limits_.unread_bytes; }

private:
    using Shared = std::shared_ptr<PeerConnection>;
    /// How a node is reached.
    struct Way {
        std::string address;  ///< where it was said to be
        Shared connection;
        Instant used;
        Instant next_dial;
        std::uint32_t failures = 0;
    };

    void accept();
    void admit(boost::asio::ip::tcp::socket socket);
    Way* way_to(const port::Peer& to);
    bool dial(NodeId node, Way& way);
    void enlist(Shared connection);
    Shared other_of(NodeId node) const;
    void note_failure(Way& way, const PeerConnection& connection, bool is_refused);
    void tell_lost(NodeId node);
    void tick();
    void wake_by(Instant when);
    Instant redial(Instant now);
    void end_turn();

    PeerSeams seams_;
    PeerLimits limits_;
    PeerNotes notes_;
    PeerCounters counters_;
    PeerSelf self_;
    std::uint64_t cluster_ = 0;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer timer_;
    Bytes scratch_;          ///< what a socket is read into; used within one completion
    wire::Message message_;  ///< what is being heard; its memory is used again
    std::map<NodeId, Way> ways_;
    std::vector<Shared> connections_;                 ///< all that are open
    std::map<std::string, std::size_t> per_address_;  ///< of accepted ones
    std::size_t accepted_ = 0;
    std::vector<Shared> dirty_;
    std::vector<NodeId> lost_;  ///< the node is still to be told
    std::size_t unread_ = 0;
    Instant wakes_at_{INT64_MAX};
    bool serving_ = false;
    bool accepting_ = false;
};

}  // namespace ashlar::host
