// Who has connected to the background port, and what they make ZeroMQ keep for them: counted and bounded.
//
// ZeroMQ itself accepts as many connections as come, and keeps the parts of a message until the last has come, however
// many they are. It tells here of each connection that begins and ends; one too many, in all or from one address, is
// ended at once. Twenty times a second each is asked how many bytes were read from it that belong to no message heard
// yet; where those are more than an address may leave, or all together, the connection that left most is ended. ZeroMQ
// waits for these looks when a thousand of its reports were not read, so that a loop that is held up bounds it too.
// A descriptor of ZeroMQ's may be closed and given anew behind our back: it is shut down only while it is still the
// socket that was reported. Loop only.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "host/background_socket.h"
#include "host/peer_limits.h"
#include "host/peer_notes.h"
#include "host/peer_seams.h"

namespace ashlar::host {

class BackgroundVisitors {
public:
    BackgroundVisitors(PeerSeams seams, const PeerLimits& limits, PeerNotes& notes);

    /// Of this listening socket, from before it listens. Fails with io.
    Result<void> attend(void* context, BackgroundSocket& ear);
    /// From here on it looks; `drain` hears some of the whole messages that are there.
    void begin(std::function<void()> drain);
    /// A message of so many bytes came whole from there and was taken.
    void heard(int descriptor, std::size_t bytes);
    /// No whole message is left to be taken.
    void all_heard() { heard_all_since_ = looks_; }
    /// Ends the connection, if it is still there.
    void send_away(int descriptor);

private:
    struct Visitor {
        std::uint64_t identity = 0;
        std::string address;
        std::uint64_t brought = 0;  ///< bytes read from it, at the last look
        std::uint64_t settled = 0;  ///< of these, what belongs to messages that were heard
        bool is_welcome = false;    ///< not told to leave: it counts

        std::uint64_t left() const { return brought - settled; }
    };
    /// What comes from one address.
    struct Share {
        std::size_t visitors = 0;
        std::uint64_t left = 0;
    };
    using Place = std::map<int, Visitor>::iterator;

    void read_reports();
    bool read_report();
    void came(int descriptor);
    void gone(int descriptor);
    void refuse(Place visitor, const char* reason, const std::string& sentence);
    void discount(Visitor& visitor);
    void look();
    void judge();
    void await();

    PeerSeams seams_;
    PeerLimits limits_;
    PeerNotes& notes_;
    Meter::Counter& open_;
    Meter::Counter& unread_;
    std::shared_ptr<BackgroundSocket> reports_;
    std::function<void()> drain_;
    boost::asio::steady_timer timer_;
    std::map<int, Visitor> visitors_;  ///< by descriptor
    std::map<std::string, Share> shares_;
    std::size_t welcome_ = 0;
    std::uint64_t left_ = 0;  ///< by all, at the last look
    std::uint64_t looks_ = 0;
    std::uint64_t heard_all_since_ = 0;  ///< the look after which nothing whole was left
};

}  // namespace ashlar::host
