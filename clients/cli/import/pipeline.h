// Records on their way to the node: multi_put calls, several in flight on one connection, settled in order.
//
// Never two writes of one key in flight at once: they would race and leave siblings. Items the node could not take
// at the moment (overloaded, timed out) are sent again, a bounded number of times; lasting refusals stop all.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "record.h"
#include "session.h"
#include "tally.h"

namespace ashlar::cli::import {

/// Records sent in one call, with everything that was refused before the first of them was read.
struct Batch {
    std::vector<Record> records;
    Tally tally;                   ///< refusals of the reader, then what became of the records
    std::vector<bool> stored;      ///< by record, once settled
    std::uint64_t end_offset = 0;  ///< behind the last record read
    std::uint64_t end_line = 1;
    std::size_t bytes = 0;
};

struct Habits {
    std::string table;
    thrift::RequestOptions options;
    std::optional<std::int64_t> ttl_s;
    std::size_t in_flight_max = 4;
};

class Pipeline {
public:
    using Settled = std::function<Outcome<Done>(Batch&)>;

    /// `settled` is called for each batch in the order of send().
    Pipeline(Session& session, Habits habits, Settled settled)
        : session_(session), habits_(std::move(habits)), settled_(std::move(settled)) {}

    bool holds(const std::string& key) const { return keys_.contains(key); }
    /// A record with siblings must be the only one of its batch, since it takes several calls.
    /// A failure is final: batches in flight stay unsettled, whatever became of them.
    Outcome<Done> send(Batch batch);
    Outcome<Done> drain();

private:
    struct Flight {
        Batch batch;
        std::vector<std::size_t> again;  ///< records to send once more
        std::string why;                 ///< what the node said of the last of them
        std::int64_t not_before_ms = 0;  ///< and how long it asked to be spared
    };
    thrift::MultiPutRequest request_of(const Batch& batch, const std::vector<std::size_t>& which) const;
    Outcome<Done> settle_one();
    Outcome<Done> receive(Flight& flight, const std::vector<std::size_t>& which);
    Outcome<Done> judge(Flight& flight, const std::vector<std::size_t>& which, const thrift::MultiPutResponse& answer);
    Outcome<Done> send_again(Flight& flight);
    Outcome<Done> store_siblings(const Record& record);

    Session& session_;
    Habits habits_;
    Settled settled_;
    std::deque<Flight> in_flight_;
    std::multiset<std::string> keys_;
};

/// Seconds to live of a value that expires at a time: at least 1.
std::int64_t seconds_left(std::int64_t expires_us, std::int64_t now_us);
std::int64_t now_us();

}  // namespace ashlar::cli::import
