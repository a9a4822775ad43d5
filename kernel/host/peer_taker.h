// Who makes something of what other nodes say. Loop only.
#pragma once

#include "port/event.h"

namespace ashlar::host {

class PeerTaker {
public:
    /// Frame, cluster and protocol are checked; the message borrows from a buffer that lasts for the call. May send.
    virtual void heard(const wire::Sender& from, port::Road road, const wire::Message& message) = 0;
    /// The link to a node broke or could not be made. Never called from within a send.
    virtual void lost(NodeId peer) = 0;

protected:
    ~PeerTaker() = default;
};

}  // namespace ashlar::host
