// A port: accepts connections within bounds, and closes those that overstay.
//
// Loop only. Bounds on connections (in all and per address), on each connection's pace, and on the memory of all
// buffers together, which fronts share. Every close is counted by its reason: front_NAME_closed_REASON.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/host.h"
#include "ashlar/result.h"
#include "host/connection.h"
#include "host/frame_taker.h"
#include "host/front_limits.h"
#include "host/listen_address.h"
#include "host/reactor.h"

namespace ashlar::host {

/// Memory of all connection buffers.
struct BufferBudget {
    std::size_t limit = 256 << 20;
    std::size_t used = 0;
    bool met() const { return used > limit; }
};

/// What a front is given; all of it outlives the front.
struct FrontSeams {
    Reactor& reactor;
    FrameTaker& taker;
    BufferBudget& budget;
    Meter& meter;
    Log& log;
};

class Front {
public:
    Front(FrontSeams seams, std::string name, FrontLimits limits);
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Takes the port, without serving yet; answers the real address (of port 0). Fails with io.
    Result<std::string> bind(const ListenAddress& address);
    Result<void> serve();
    /// No new connections; those that are there go on.
    void stop_accepting();

    // For connections.
    FrontSeams& seams() { return seams_; }
    const FrontLimits& limits() const { return limits_; }
    Bytes& scratch() { return scratch_; }
    void at_turn_end(std::shared_ptr<Connection> connection) { dirty_.push_back(std::move(connection)); }
    void closed(Connection& connection, const char* why);

private:
    void accept();
    void admit(boost::asio::ip::tcp::socket socket);
    void tick();
    void end_turn();
    void count(const std::string& what);

    FrontSeams seams_;
    std::string name_;
    FrontLimits limits_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer ticker_;
    Bytes scratch_;  ///< what a socket is read into; used within one completion
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<Connection>> dirty_;
    std::map<boost::asio::ip::address, std::size_t> per_address_;
    bool accepting_ = false;
    Instant next_note_;  ///< when the log may speak of a closed connection again
};

}  // namespace ashlar::host
