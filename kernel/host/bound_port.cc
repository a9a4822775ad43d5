#include "host/bound_port.h"

#include "kit/text.h"

namespace ashlar::host {

using boost::asio::ip::tcp;

Result<std::string> bind_port(tcp::acceptor& acceptor, const ListenAddress& address, View whom) {
    boost::system::error_code error;
    tcp::endpoint endpoint(boost::asio::ip::make_address(address.host, error), address.port);
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (error)
        return fail(Code::io, kit::text("cannot listen for ", whom, " on ", address_text(address.host, address.port),
                                        ": ", error.message()));
    return address_text(address.host, acceptor.local_endpoint().port());
}

Result<void> listen_port(tcp::acceptor& acceptor, View whom) {
    boost::system::error_code error;
    acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return fail(Code::io, kit::text("cannot listen for ", whom, ": ", error.message()));
    return {};
}

}  // namespace ashlar::host
