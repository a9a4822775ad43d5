// A client of the simulated store: one order at a time, contexts kept as a careful application would, named writes
// sent again when their outcome is unknown. It tells the model what it asks and what it was shown.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "machine.h"
#include "model.h"
#include "table_watch.h"
#include "walls.h"

namespace ashlar::sim {

/// What all clients share.
struct Town {
    Agenda& agenda;
    Trace& trace;
    const Swarm& swarm;
    Machine& machine;
    Model& model;
    const Walls& walls;
    TableWatch& watch;
    std::function<void(const std::string&)> complain;
    bool closed = false;  ///< no new orders
    std::uint64_t acted = 0;

    /// Shows the model one key of an answer.
    void show(const std::string& place, const std::vector<Bytes>& values, Instant invoked);
};

class Client {
public:
    Client(Town& town, std::uint64_t seed) : town_(town), random_(seed) {}
    void live();

private:
    /// Where an order goes, and which life of the table it was meant for.
    struct Spot {
        std::string table = "default";
        std::string prefix = "default/";
        std::uint64_t life = 0;
        bool extra() const { return table != "default"; }
    };
    struct Seen {
        Bytes context;
        std::vector<WriteNumber> sees;
    };
    /// A write under way; named ones are tried again.
    struct Effort {
        Spot spot;
        Bytes key;
        OwnedOrder order;
        WriteNumber number = 0;
        std::vector<WriteNumber> sees;
        std::uint32_t tries = 0;
        bool doubtful = false;  ///< an earlier try may have landed
    };

    void act();
    void rest();
    Spot pick_spot();
    Bytes pick_key();
    bool still_there(const Spot& spot) const;
    void send(const Spot& spot, OwnedOrder order, Answered answered);
    Sync pick_sync();
    Duration pick_timeout();

    // client_reads.cc
    void read(port::Call call);
    void multi_get();
    void scan_page(const Spot& spot, Bytes page, bool reverse, std::shared_ptr<std::map<Bytes, int>> met);
    void bad_order();

    // client_writes.cc
    void write(port::Call call, bool with_context, bool overwrite);
    void multi_put();
    WriteRecord record_of(const Effort& effort) const;
    WriteNumber begin(const Effort& effort);
    void attempt(std::shared_ptr<Effort> effort);
    void settle(std::shared_ptr<Effort> effort, const OwnedAnswer& answer);
    void succeed(const Effort& effort, const OwnedAnswer::One& answer);
    void end(const Effort& effort, Outcome outcome);

    Town& town_;
    SeededRandom random_;
    std::map<std::string, Seen> seen_;  ///< by place
};

}  // namespace ashlar::sim
