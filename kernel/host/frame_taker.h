// Who makes something of the frames of a connection. Loop only.
#pragma once

#include "port/order.h"

namespace ashlar::host {

class Connection;

class FrameTaker {
public:
    /// `payload` is valid during the call. Opens one slot of the connection and answers it, now or later.
    /// False: this is no message we serve; the connection is closed.
    virtual bool take(Connection& from, View payload) = 0;
    /// The connection of this open call is gone; its answer has nowhere to go.
    virtual void forget(port::Ticket ticket) = 0;

protected:
    ~FrameTaker() = default;
};

}  // namespace ashlar::host
