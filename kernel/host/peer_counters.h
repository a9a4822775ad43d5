// The figures of the link that are counted too often to be looked up by name.
#pragma once

#include "ashlar/host.h"

namespace ashlar::host {

struct PeerCounters {
    explicit PeerCounters(Meter& meter)
        : messages_out(meter.counter("peer_link_messages_out")),
          messages_in(meter.counter("peer_link_messages_in")),
          frames_out(meter.counter("peer_link_frames_out")),
          frames_in(meter.counter("peer_link_frames_in")),
          bytes_out(meter.counter("peer_link_bytes_out")),
          bytes_in(meter.counter("peer_link_bytes_in")),
          not_taken(meter.counter("peer_link_not_taken")),
          open(meter.counter("peer_link_open")),
          unread_bytes(meter.counter("peer_link_unread_bytes")) {}

    Meter::Counter& messages_out;
    Meter::Counter& messages_in;
    Meter::Counter& frames_out;
    Meter::Counter& frames_in;
    Meter::Counter& bytes_out;
    Meter::Counter& bytes_in;
    Meter::Counter& not_taken;  ///< messages the queue or a dead peer had no place for
    Meter::Counter& open;
    Meter::Counter& unread_bytes;
};

}  // namespace ashlar::host
