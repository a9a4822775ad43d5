// How long clients and replicas made one another wait lately: when a read is covered by another replica, and how busy
// this node is in the eyes of those that give it background work.
//
// A table's reads are covered when a replica is later than all but one in a hundred were; before enough are known,
// and never later, after limits.speculate_after; a page of a scan after ten times as long. Loop only.
// Paper: Dean and Barroso, "The Tail at Scale", CACM 2013 (hedged requests).
#pragma once

#include <map>

#include "ashlar/host.h"
#include "base/latencies.h"
#include "port/limits.h"

namespace ashlar::request {

class Timings {
public:
    Timings(const port::Limits& limits, Meter& meter)
        : limits_(limits), p99_us_(meter.counter("request_client_p99_us")) {}

    /// What replicas are asked to read: a page takes longer than a key, and is compared with pages.
    enum class Read : std::uint8_t { key, page };
    /// A replica answered a read of a table, or had not after so long.
    void replica(TableId table, Read what, Duration took);
    Duration speculate_after(TableId table, Read what) const;

    /// A client's order on a key was done.
    void client(Duration took) { clients_.add(took); }
    /// Share (x 1000) of what clients may have to wait that they do: 500 when p99 is limits.foreground_p99.
    std::uint32_t load_milli() const { return load_milli_; }

    /// Looks at the figures anew; what lies back fades.
    void pump(Instant now);

private:
    struct Table {
        base::Latencies lately;
        std::uint32_t since = 0;  ///< samples since p99 was worked out
        Duration p99{0};          ///< 0: not known
    };
    const port::Limits& limits_;
    Meter::Counter& p99_us_;
    std::map<std::pair<TableId, Read>, Table> tables_;
    base::Latencies clients_;
    std::uint32_t load_milli_ = 0;
    Instant look_at_{0};
    Instant fade_at_{0};
};

}  // namespace ashlar::request
