// The road for all that no client waits for: gossip, probes, agreement, hints; over ZeroMQ.
//
// One ROUTER listens; one DEALER per address speaks (background_mouths.h). What is said to one address within a turn
// leaves as one message, which is one frame (wire/frame.h); answers come as messages of their own from the other's
// DEALER. What cannot leave for want of a connection waits a moment and is then dropped, since everything said here is
// said again. Frames of strangers and of other clusters are counted and dropped; a greeting goes first, for one thing
// only: that the line about another cluster can name it. Bounded: sockets, connections, message size, messages without
// an end (background_visitors.h), queues.
// Loop only (ZeroMQ's own I/O thread never enters our code); lives as long as the loop runs.
#pragma once

#include <memory>
#include <string>

#include "host/background_mouths.h"
#include "host/background_socket.h"
#include "host/background_visitors.h"
#include "host/listen_address.h"
#include "host/peer_notes.h"
#include "host/peer_seams.h"
#include "wire/frame.h"

namespace ashlar::host {

class BackgroundRoad {
public:
    BackgroundRoad(PeerSeams seams, const PeerLimits& limits, Names::LookUp look_up = host::look_up);
    ~BackgroundRoad();
    BackgroundRoad(const BackgroundRoad&) = delete;
    BackgroundRoad& operator=(const BackgroundRoad&) = delete;

    /// Takes the port, without reading yet; answers the real address (of port 0). Fails with io.
    Result<std::string> bind(const ListenAddress& address);
    void serve(PeerSelf self);
    /// False: not taken; too large, too much waits, or no address. Only the address of the peer is used.
    bool send(const port::Peer& to, const wire::Message& message) { return mouths_.send(to, message); }
    const std::string& newest_refusal() const { return notes_.newest_refusal(); }

private:
    void drain();
    void take_one();
    void take_frame(View frame, const std::string& from);
    Instant now() { return seams_.reactor.now().steady; }

    PeerSeams seams_;
    PeerNotes notes_;
    PeerSelf self_;
    std::uint64_t cluster_ = 0;
    std::unique_ptr<void, int (*)(void*)> context_;
    std::shared_ptr<BackgroundSocket> ear_;
    BackgroundVisitors visitors_;
    BackgroundMouths mouths_;
    bool drains_again_ = false;  ///< it is posted
    wire::Message message_;      ///< what is being heard; its memory is used again
};

}  // namespace ashlar::host
