// Taking a TCP port, the same for clients, operators and other nodes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "ashlar/result.h"
#include "ashlar/types.h"
#include "host/listen_address.h"

namespace ashlar::host {

/// Takes the port, without serving yet; answers the real address (of port 0). Fails with io in a sentence that names
/// `whom` it is for.
Result<std::string> bind_port(boost::asio::ip::tcp::acceptor& acceptor, const ListenAddress& address, View whom);
/// From here on connections may come. Fails with io.
Result<void> listen_port(boost::asio::ip::tcp::acceptor& acceptor, View whom);

}  // namespace ashlar::host
