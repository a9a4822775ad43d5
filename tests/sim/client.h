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
    std::vector<Machine*> machines;
    Model& model;
    std::vector<const Walls*> walls;  ///< by machine
    TableWatch& watch;
    std::function<void(const std::string&)> complain;
    const Storm* storm = nullptr;  ///< of a cluster
    bool closed = false;           ///< no new orders
    std::uint64_t acted = 0;

    bool anybody_up() const;
    /// The lowest and the highest that any clock showed meanwhile.
    WallTime wall_low(Instant from, Instant to) const;
    WallTime wall_high(Instant from, Instant to) const;
    /// The latest that a write made then may take for the present.
    WallTime dated_high(Instant from, Instant to) const;
    /// Which owners surely take part in a request to a machine of `site`; none where others may stand in for them.
    Reach owners_in(const Reach& all, const Consistency& consistency, bool strict, std::size_t site) const;
    /// Shows the model one key of an answer.
    void show(const std::string& place, std::vector<Bytes> values, Instant invoked, const Reach& owners = {});
    /// The elements of a value that merges, and its counter.
    std::vector<Bytes> open_merged(const std::string& place, const std::vector<Bytes>& values, std::uint64_t& count);
};

class Client {
public:
    Client(Town& town, std::uint64_t seed) : town_(town), random_(seed) {
        if (town_.machines.size() > 1) home_ = random_.below(town_.machines.size());
    }
    void live();

private:
    /// Where an order goes, and which life of the table it was meant for.
    struct Spot {
        std::string table = "default";
        std::string prefix = "default/";
        std::uint64_t life = 0;
        Terms terms;
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

    /// A multi_put under way: the items that have no good answer yet.
    struct Bundle {
        Spot spot;
        OwnedOrder order;
        std::vector<Effort> efforts;
        std::uint32_t tries = 0;
    };

    void act();
    void rest();
    Spot pick_spot();
    Bytes pick_key();
    bool still_there(const Spot& spot) const;
    void send(const Spot& spot, OwnedOrder order, Answered answered);
    Machine& pick_machine(const Spot& spot, const OwnedOrder& order);
    void pick_level(const Spot& spot, OwnedOrder& order);
    Reach owners_read(const Spot& spot, const Consistency& consistency, bool strict) const;
    Reach owners_written(const Spot& spot, const Consistency& consistency, bool strict) const;
    Sync pick_sync();
    Duration pick_timeout();

    // client_reads.cc
    void read(port::Call call);
    void multi_get();
    /// A scan under way, page by page, and which keys it has shown.
    struct Sweep {
        Spot spot;
        OwnedOrder order;
        Instant begun;
        std::map<Bytes, int> met;
        Bytes last;
    };
    void scan();
    void scan_page(std::shared_ptr<Sweep> sweep);
    void finish_scan(const Sweep& sweep);
    void bad_order();

    // client_writes.cc
    void write(port::Call call, bool with_context, bool overwrite);
    void merge();
    void multi_put();
    void attempt_all(const std::shared_ptr<Bundle>& bundle);
    void settle_all(const std::shared_ptr<Bundle>& bundle, const OwnedAnswer& answer);
    RequestId draw_request();
    std::shared_ptr<Effort> writing(Spot spot, Bytes key);
    void set_out(const std::shared_ptr<Effort>& effort);
    WriteRecord record_of(const Effort& effort) const;
    WriteNumber begin(const Effort& effort);
    void attempt(std::shared_ptr<Effort> effort);
    void settle(std::shared_ptr<Effort> effort, const OwnedAnswer& answer);
    void succeed(const Effort& effort, const OwnedAnswer::One& answer);
    void end(const Effort& effort, Outcome outcome);

    Town& town_;
    SeededRandom random_;
    std::size_t home_ = 0;              ///< the machine it usually asks
    std::map<std::string, Seen> seen_;  ///< by place
};

}  // namespace ashlar::sim
