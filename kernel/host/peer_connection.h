// One TCP connection to another node, dialled or accepted: frames to messages, messages to frames.
//
// Nothing but a greeting is read before the other's greeting, and nothing but a greeting is said. What is said within
// a turn leaves as one frame at its end; while a write is under way what is said gathers in the next frame. Both sides
// say something at least once per heartbeat, so that silence means death. Memory is bounded in both directions.
// Loop only. Errors close it; the link counts why and tells the node.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "host/listen_address.h"
#include "wire/frame.h"

namespace ashlar::host {

class PeerLink;

class PeerConnection : public std::enable_shared_from_this<PeerConnection> {
public:
    /// Accepted.
    PeerConnection(PeerLink& link, boost::asio::ip::tcp::socket socket, std::string address);
    /// To be dialled; `expected` is who shall be there.
    PeerConnection(PeerLink& link, NodeId expected, std::string address);

    /// Of an accepted one.
    void start();
    /// Of one to be dialled.
    void dial(const ListenAddress& to);
    /// False: the queue has no room for it, nothing was said.
    bool say(const wire::Message& message);
    /// What was said here before its greeting leaves by another connection to the same node, which has greeted.
    void hand_over(PeerConnection& to);

    // For the link.
    void turn_ended();
    /// Closes or says a sign of life if it is time; answers when to ask again.
    Instant sweep(Instant now);
    /// This process stood still: the other's silence meanwhile means nothing.
    void forgive(Instant now);
    void close(const char* reason, const std::string& sentence);

    bool dialled() const { return is_.dialled; }
    bool greeted() const { return is_.greeted; }
    /// Who is there; before the greeting who shall be, or nobody.
    const wire::Sender& peer() const { return peer_; }
    /// Its IP address if accepted, host:port if dialled.
    const std::string& address() const { return address_; }
    Instant opened() const { return moments_.opened; }

private:
    void set_up();
    void await_input();
    void read_ready();
    void consume(View received);
    std::size_t take_frames(View data);
    void take_frame(View frame);
    void take_greeting(View frame);
    void refuse(const Error& error);
    void cut();
    void send();
    void await_output();
    void touch();
    void account();
    std::size_t waiting() const { return out_.size() - sent_; }

    PeerLink& link_;
    boost::asio::ip::tcp::socket socket_;
    std::string address_;
    wire::Sender peer_;
    wire::FrameWriter writer_;  ///< what was said since the last frame
    Bytes in_;                  ///< the beginning of a frame that is not whole
    Bytes out_;                 ///< frames; those from sent_ on wait to leave
    std::size_t sent_ = 0;
    std::uint8_t protocol_ = wire::protocol_min;  ///< agreed on with the greeting
    std::size_t accounted_ = 0;                   ///< what the link was told of in_
    struct Moments {
        Instant opened;
        Instant heard;
        Instant said;
    } moments_;
    struct Flags {
        bool dialled : 1 = false;
        bool connected : 1 = false;
        bool greeted : 1 = false;
        bool writing : 1 = false;
        bool dirty : 1 = false;  ///< in the link's list for the end of this turn
        bool closed : 1 = false;
    } is_;
};

}  // namespace ashlar::host
