// The speaking half of the background road: one DEALER for each address that something is said to.
//
// What is said to one address within a turn leaves as one frame; what cannot leave for two seconds, for want of a
// connection or of the name's address, is dropped. ZeroMQ is given numbers only: names are looked up in names.h, and
// anew when nothing can be reached where they led. Bounded: addresses, and two frames for each.
// Loop only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/background_socket.h"
#include "host/names.h"
#include "host/peer_notes.h"
#include "host/peer_seams.h"
#include "wire/frame.h"

namespace ashlar::host {

class BackgroundMouths {
public:
    BackgroundMouths(PeerSeams seams, PeerNotes& notes, void* context, Names::LookUp look_up);

    /// From here on it speaks.
    void serve(const PeerSelf& self);
    /// False: not taken; too large, too much waits, or no address. Only the address of the peer is used.
    bool send(const port::Peer& to, const wire::Message& message);
    std::size_t size() const { return mouths_.size(); }

private:
    /// What speaks to one address.
    struct Mouth {
        std::string name;  ///< to be looked up; empty: the address is a number
        std::string port;
        std::string at;                            ///< what the socket connects to
        std::shared_ptr<BackgroundSocket> socket;  ///< none while there is no number
        wire::FrameWriter writer;
        Bytes frame;  ///< whole, and not taken yet
        Instant used;
        Instant waiting_since;
        std::string why;          ///< there is no number
        bool dirty = false;       ///< in the list for the end of this turn
        bool greets = false;      ///< `frame` is the greeting
        bool is_doubted = false;  ///< nothing could leave for where it connects to
    };

    Mouth* mouth_to(View address);
    bool reach(Mouth& mouth);
    bool open(Mouth& mouth, const std::string& at);
    void reach_all();
    void greet(Mouth& mouth);
    void make_room();
    void speak(Mouth& mouth);
    void give_up_what_waits(const std::string& address, Mouth& mouth);
    void tick();
    void end_turn();
    Instant now() { return seams_.reactor.now().steady; }

    PeerSeams seams_;
    Meter::Counter& bytes_out_;
    PeerNotes& notes_;
    PeerSelf self_;
    void* context_;
    Names names_;
    std::map<std::string, std::unique_ptr<Mouth>, std::less<>> mouths_;  ///< by address, as it was said
    std::vector<std::string> dirty_;
    boost::asio::steady_timer ticker_;
    bool serving_ = false;
};

}  // namespace ashlar::host
