// The road for all that no client waits for: gossip, probes, agreement, hints; over ZeroMQ.
//
// One ROUTER listens; one DEALER per address speaks. What is said to one address within a turn leaves as one message,
// which is one frame (wire/frame.h); answers come as messages of their own from the other's DEALER. What cannot leave
// for want of a connection waits a moment and is then dropped, since everything said here is said again. Frames of
// strangers and of other clusters are counted and dropped; a greeting goes first, for one thing only: that the line
// about another cluster can name it. Bounded: sockets, connections, message size, messages without an end, queues.
// Loop only (ZeroMQ's own I/O thread never enters our code); lives as long as the loop runs.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/background_socket.h"
#include "host/background_visitors.h"
#include "host/listen_address.h"
#include "host/peer_notes.h"
#include "host/peer_seams.h"
#include "wire/frame.h"

namespace ashlar::host {

class BackgroundRoad {
public:
    BackgroundRoad(PeerSeams seams, const PeerLimits& limits);
    ~BackgroundRoad();
    BackgroundRoad(const BackgroundRoad&) = delete;
    BackgroundRoad& operator=(const BackgroundRoad&) = delete;

    /// Takes the port, without reading yet; answers the real address (of port 0). Fails with io.
    Result<std::string> bind(const ListenAddress& address);
    void serve(PeerSelf self);
    /// False: not taken; too large, too much waits, or no address. Only the address of the peer is used.
    bool send(const port::Peer& to, const wire::Message& message);
    const std::string& newest_refusal() const { return notes_.newest_refusal(); }
    std::size_t sockets() const { return mouths_.size(); }

private:
    /// What speaks to one address.
    struct Mouth {
        std::shared_ptr<BackgroundSocket> socket;
        wire::FrameWriter writer;
        Bytes frame;  ///< whole, and not taken yet
        Instant used;
        Instant waiting_since;
        bool dirty = false;   ///< in the list for the end of this turn
        bool greets = false;  ///< `frame` is the greeting
    };

    Mouth* mouth_to(View address);
    void greet(Mouth& mouth);
    void make_room();
    void speak(Mouth& mouth);
    void drain();
    void take_one();
    void take_frame(View frame, const std::string& from);
    void tick();
    void end_turn();
    Instant now() { return seams_.reactor.now().steady; }

    PeerSeams seams_;
    PeerNotes notes_;
    PeerSelf self_;
    std::uint64_t cluster_ = 0;
    std::unique_ptr<void, int (*)(void*)> context_;
    std::shared_ptr<BackgroundSocket> ear_;
    BackgroundVisitors visitors_;
    std::map<std::string, std::unique_ptr<Mouth>, std::less<>> mouths_;  ///< by address
    std::vector<std::string> dirty_;
    bool drains_again_ = false;  ///< it is posted
    boost::asio::steady_timer ticker_;
    wire::Message message_;  ///< what is being heard; its memory is used again
};

}  // namespace ashlar::host
