// One client's connection: bytes to frames, replies to bytes, in the order of the requests.
//
// Loop only. Memory follows what has arrived: a frame is collected as its bytes come, never ahead of them, and a
// connection that says nothing holds no buffer. Replies gather in one buffer that leaves once per turn. With
// `pipeline_depth` calls under way, or a peer that does not take its replies, the socket is left unread.
// Errors close it; the front counts why.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <memory>

#include "ashlar/types.h"
#include "port/order.h"

namespace ashlar::host {

class Front;

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Front& front, boost::asio::ip::tcp::socket socket);

    void start();

    // For whoever takes the frames.
    /// Keeps the place of the next reply. `ticket` is told to the taker if the connection closes first.
    std::uint64_t open_slot(port::Ticket ticket);
    /// Where the slot's reply (one whole frame) is to be appended; then finish_slot().
    Bytes& slot_buffer(std::uint64_t slot);
    void finish_slot(std::uint64_t slot);

    // For the front.
    /// Sends what has gathered and goes on with what waits unread. Once per turn.
    void turn_ended();
    /// Closes if a time limit has passed; gives unused buffers back.
    void sweep(Instant now);
    void close(const char* why);
    const boost::asio::ip::address& address() const { return address_; }
    std::size_t position = 0;  ///< in the front's list

private:
    struct Slot {
        port::Ticket ticket;
        bool ready = false;
        Bytes reply;
    };

    void await_input();
    void read_ready();
    void consume(View received);
    std::size_t take_frames(View data);
    void end_of_input();
    void send();
    void await_output();
    bool may_take() const;
    void touch();
    void account();

    Front& front_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::ip::address address_;
    Bytes in_;   ///< received and not yet taken
    Bytes out_;  ///< replies from sent_ on wait to leave
    std::size_t sent_ = 0;
    std::deque<Slot> slots_;
    std::uint64_t first_slot_ = 0;  ///< number of slots_.front()
    std::size_t slot_bytes_ = 0;    ///< replies that wait for an earlier one
    std::size_t accounted_ = 0;     ///< what the front's budget was told
    struct Moments {
        Instant opened;
        Instant active;       ///< something arrived or left
        Instant frame_began;  ///< the first byte of the frame that is not whole yet
        Instant stuck_since;  ///< the peer takes no more
    } moments_;
    struct Flags {
        bool reading : 1 = false;
        bool writing : 1 = false;
        bool dirty : 1 = false;  ///< in the front's list for the end of this turn
        bool frame_open : 1 = false;
        bool first_taken : 1 = false;  ///< the first whole frame was a message
        bool ended : 1 = false;        ///< the peer sends no more
        bool closed : 1 = false;
    } is_;
};

}  // namespace ashlar::host
