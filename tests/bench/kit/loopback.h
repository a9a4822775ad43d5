// Sockets on 127.0.0.1, where all that is measured listens.
#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace ashlar::bench {

sockaddr_in loopback(std::uint16_t port);
/// Small pieces leave at once.
void without_delay(int socket);
/// A socket that is connected to the port, without delay; -1, and errno says why, when there is none.
int connect_to(std::uint16_t port);
/// A listening socket. Ends the process when the port is taken: for children that do nothing else.
int listen_on(std::uint16_t port);

}  // namespace ashlar::bench
