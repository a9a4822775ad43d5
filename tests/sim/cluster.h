// One seed of several machines: a network, clients that ask any of them, and what goes wrong, for 60 virtual seconds;
// then everything heals and all that a cluster promises is looked for.
//
// At the end: every node believes every other alive, every hint is paid, a read at level `all` shows of every key what
// the model expects, the owners then hold the same, and under one epoch all have the same ring. The verdict is the
// first complaint, if any, and the hash of the trace. Same seed, same plan, same hash.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client.h"
#include "verdict.h"

namespace ashlar::sim {

class Cluster {
public:
    explicit Cluster(const Plan& plan);
    Verdict run();

private:
    /// One machine, with what is its own.
    struct Post {
        Swarm swarm;  ///< with the disk faults that befall this one
        Walls walls;
        std::unique_ptr<Machine> machine;
        Epoch highest;
    };
    /// What the members agreed on for an epoch.
    struct Agreed {
        Ring ring;
        std::vector<port::Table> tables;
        bool operator==(const Agreed&) const = default;
    };
    /// What an operator was told of a table: no more is promised.
    enum class TableFate : std::uint8_t { asked, made, dropped, doubtful };
    using Fault = void (Cluster::*)();

    void draw();
    void build();
    Seat seat_of(std::uint32_t place, const std::vector<Member>& founders, std::uint64_t seed) const;
    void complain(const std::string& what);

    // cluster_faults.cc, each scheduling its next.
    void schedule(Duration every, Fault act);
    Post& any_post();
    Duration up_to(Duration most);
    Duration slack() const;
    void crash();
    void clean_stop();
    void jump_clock();
    void fill_disk();
    void pause();
    void partition();
    void cut_site();
    void slow_down();
    void watch();
    // cluster_healing.cc
    void wipe();
    void rot();
    void leave();
    void tend_disks();
    void months_pass();
    bool ttls() const { return swarm_.with_ttl != 0 || storm_.table_ttl; }

    void restart_later(std::uint32_t place, Duration most);
    void machine_crashed(std::uint32_t place, Loss loss);
    /// Cuts from one side to the other, and heals after `length`; swizzled: one way after the other, in any order.
    void part(const std::vector<std::pair<std::size_t, std::size_t>>& ways, Duration length, bool swizzle);

    // cluster_tables.cc
    void change_table();
    void change_rival_table();
    void name_terms(port::AdminOrder& order) const;
    Machine* anybody_listening();
    void table_answered(bool make, const OwnedAnswer& answer);
    /// A machine serves another epoch: it is a later one, and the same to all.
    void agreed(std::uint32_t place);
    void compare_tables();

    // cluster_end.cc
    void heal();
    void start_all();
    /// False, with a complaint, if it is not so within ten minutes.
    bool settle();
    std::string unsettled() const;
    /// A key as the model calls it, and as a node does.
    struct Place {
        std::string name, table, key;
    };
    std::vector<Place> places() const;
    std::vector<Bytes> read_from(const Place& place, std::size_t at, const Consistency& consistency);
    std::map<std::string, std::vector<Bytes>> read_all(const Consistency& consistency, bool by_each);
    /// How two owners of a key differ; empty if they do not.
    std::string difference(const Place& place);
    void compare_unread();
    std::string damage();
    bool hints_owed() const;
    void compare_replicas();
    void verify_writes();
    OwnedAnswer ask(Machine& machine, const OwnedOrder& order);
    bool wrong() const { return verdict_.complaint.has_value(); }

    Plan plan_;
    SeededRandom random_;
    SeededRandom more_;  ///< for what came later, so that seeds keep what they drew
    SeededRandom rare_;  ///< for what only anti-entropy heals, likewise
    bool persistent_ = false;
    Swarm swarm_;
    Storm storm_;
    Trace trace_;
    Agenda agenda_;
    TableWatch watch_;
    Verdict verdict_;
    std::unique_ptr<Model> model_;
    std::unique_ptr<Network> network_;
    std::vector<std::unique_ptr<Post>> posts_;
    std::unique_ptr<Town> town_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::map<Epoch, Agreed> agreed_;  ///< as first seen
    std::string rival_;               ///< a table of the other operator
    std::uint64_t rivals_ = 0;
    bool rival_busy_ = false;
    std::map<std::string, TableFate> tables_;  ///< by name; no name is used twice
    Instant quiet_since_{0};                   ///< all machines are up, for good
    bool healed_ = false;
    std::uint32_t unlucky_ = 0;          ///< whose disk goes bad
    std::optional<std::uint32_t> away_;  ///< who does not start again for now
    Instant complains_since_{0};         ///< the unlucky machine, of a block that it cannot heal; 0: it does not
};

}  // namespace ashlar::sim
