// One machine of the simulated world: a disk, lanes, clocks and, while it is up, a node with its plugins.
//
// It stands where kernel/host stands in the daemon: it carries out the node's effects in virtual time. A crash takes
// everything but the disk, and of the disk what the contract of the seam allows.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agenda.h"
#include "faulty_disk.h"
#include "network.h"
#include "node/birth.h"
#include "node/node.h"
#include "node/tag_joiner.h"
#include "plain_host.h"
#include "rack.h"
#include "sub_disk.h"
#include "swarm.h"
#include "trace.h"
#include "veiled_engine.h"
#include "walls.h"
#include "wire/frame.h"

namespace ashlar::sim {

/// One key of an order or an answer, owning its bytes.
struct OwnedItem {
    Bytes key;
    Bytes value;
    Bytes context;
    bool has_context = false;
    bool overwrite = false;
    bool has_ttl = false;
    Duration ttl{0};
};

struct OwnedOrder {
    port::Call call = port::Call::get;
    std::string table = "default";
    OwnedItem item;
    std::vector<OwnedItem> items;
    Sync sync = Sync::table_default;
    Consistency consistency;
    bool strict = false;
    RequestId request;
    Duration timeout = seconds(5);
    Bytes page;
    bool has_page = false;
    std::uint32_t limit = 0;
    bool reverse = false;
    bool keys_only = false;
};

struct OwnedAnswer {
    enum class Kind : std::uint8_t {
        reply,
        refusal,
        lost,       ///< the machine went down with the order inside
        unreached,  ///< the machine was down
    };
    struct One {
        Bytes key;
        std::vector<Bytes> values;
        Bytes context;
        std::optional<Error> error;
        port::Achieved achieved;
    };
    Kind kind = Kind::reply;
    One item;
    std::vector<One> items;
    bool found = false;
    bool stored = false;
    Bytes page;
    bool has_page = false;
    port::Refusal refusal;
    std::optional<port::Table> table;
};
using Answered = std::function<void(const OwnedAnswer&)>;

/// What the machine is made of; the names are plugin names.
struct Recipe {
    std::string engine = "memory";
    std::string resolver = "dotted_version_vector";
    std::string partitioner = "equal_partitions";
    std::string replicator = "simple";
    std::string detector = "heartbeat";
    Sabotage sabotage = Sabotage::none;
};

/// Where a machine stands in a cluster. Without a network it is alone.
struct Seat {
    Network* network = nullptr;
    std::string name = "a";
    Duration skew{0};                ///< of its wall clock
    std::vector<std::string> seeds;  ///< background addresses
    std::string datacentre = node::Identity{}.datacentre;
    Replication replication;
    std::uint32_t expect = 1;         ///< nodes of the first ring
    NodeId node;                      ///< its name for life; drawn by itself where a vote makes the first ring
    std::vector<Member> founders;     ///< given: epoch 1 is of these, without a vote
    std::uint64_t founding_seed = 0;  ///< the same at all of them
    Duration take_home_after{0};
};

/// How the machine tells the world.
struct Reports {
    std::function<void(Loss)> crashed;
    std::function<void()> sync_failed;
    std::function<void(const std::string&)> complain;
    std::function<void()> agreed = [] {};  ///< another epoch is served
    std::function<void()> wiped = [] {};
    std::function<void(View)> passed_on = [](View) {};  ///< an order of another, with this value, to this one
};

class Machine final : port::Effects, Network::Socket {
public:
    Machine(Agenda& agenda, Trace& trace, const Swarm& swarm, Recipe recipe, std::uint64_t seed, Reports reports,
            Seat seat = {});
    ~Machine();

    bool up() const { return node_ != nullptr; }
    /// Starts the node; a start that is refused is a complaint, for nothing here may keep a node down.
    void start();
    /// The power goes, or (Loss::nothing) only the process.
    void crash(Loss loss);
    /// The power will go inside one of the next disk calls.
    void crash_soon();
    void stop(std::function<void()> then);
    /// It goes down, and its disk is replaced by an empty one: it will start as a node nobody knows.
    void wipe();
    /// Somewhere in a table file a bit, or a whole block, is not what was written. False: there is no such file.
    bool rot();

    /// Delivered after a moment; answered exactly once, whatever becomes of the machine.
    void send(OwnedOrder order, Answered answered);
    void administer(port::AdminOrder order, Answered answered);

    /// No step and no lane for so long; then all that waited, at once.
    void pause(Duration length);
    Instant paused_until() const override { return paused_until_; }
    void jump_clock(Duration by);
    WallTime wall() const { return Walls::epoch + Duration{agenda_.now().us} + wall_offset_; }
    void fill_disk(bool full);
    /// No more faults.
    void heal();
    const node::Node* node() const { return node_.get(); }
    bool writable() const { return engine_.get() != nullptr && engine_->stats().writable; }
    /// The engine takes no writes any more in this life; and whether a failure it met may be the cause.
    bool writes_stopped() const;
    /// Scrubs its tables, as an operator does who wants to know; what of them cannot be read and is not healed yet.
    std::vector<BadBlock> bad_blocks();
    bool harmed() const { return harmed_; }
    /// x 1000: the share of the circle that it owns and does not answer for, since it has lost what it held.
    std::uint32_t gaps_milli() const { return ledger_ == nullptr ? 0 : base::share_milli(ledger_->state().gaps); }
    std::size_t open_orders() const { return open_.size(); }
    /// What it holds itself of a key.
    struct Held {
        bool owner = false;
        Bytes entry;
        std::vector<Bytes> values;  ///< that a reader would see at `wall`
    };
    Result<Held> held(const std::string& table, View key, WallTime wall) const;
    bool stopping() const { return when_stopped_ != nullptr; }
    NodeId node_id() const override { return self_.node; }
    std::size_t place() const { return place_; }
    const std::string& datacentre() const { return seat_.datacentre; }

private:
    struct Waiting {
        port::WorkId id;
        Work* work = nullptr;
    };
    struct Lane {
        std::deque<Waiting> queue;
        bool busy = false;
    };
    struct Open {
        Answered answered;
        bool administers = false;
    };

    // Effects.
    void reply(port::Ticket ticket, const port::Reply& reply) override;
    void refuse(port::Ticket ticket, const port::Refusal& refusal) override;
    void table_done(port::Ticket ticket, const port::Table& table) override;
    void errand_begun(port::Ticket ticket, std::uint64_t errand) override;
    void key_explained(port::Ticket ticket, const port::Explanation&) override { answer(ticket, OwnedAnswer{}); }
    bool send(const port::Peer& to, port::Road road, const wire::Message& message) override;
    void run(port::Lane lane, port::WorkId id, Work& work) override;
    void wake_at(Instant when) override;
    void stopped() override;

    // Network::Socket.
    bool listening() const override { return up(); }
    std::uint64_t life() const override { return life_; }
    void arrived(port::Road road, const Bytes& frame) override;
    void link_lost(NodeId peer) override;

    // machine_peers.cc
    void say_what_was_gathered();
    void forget_early(const port::Peer& to, const wire::Message& message);
    /// Does it when the machine is awake, unless it has gone down since.
    void awake(std::uint64_t life, std::function<void()> act);
    Instant steady() const { return agenda_.now() + steady_offset_; }

    Result<void> assemble();
    node::Identity identity() const;
    void found_without_vote();
    void describe_self(node::Parts& parts) const;
    void reuse_counters(const ledger::State& before);
    void step(const port::Event& event);
    void end_turn_soon();
    void take(const OwnedOrder& owned, const Answered& answered);
    void expect_answer(port::Ticket ticket, Instant by);
    void start_lane(port::Lane lane);
    void carry_out(port::Lane lane, Waiting waiting);
    void answer(port::Ticket ticket, OwnedAnswer answer);
    void go_down(Loss loss);
    void replace_disk();
    Duration delay(Duration most);
    std::optional<Code> judge(const Call& call);
    void harm(const Call& call);
    /// Does it later, unless the machine has gone down since.
    void later(Duration wait, std::function<void()> act);

    Agenda& agenda_;
    Trace& trace_;
    const Swarm& swarm_;
    Recipe recipe_;
    SeededRandom random_;
    Reports reports_;
    std::shared_ptr<FaultyDisk> disk_;
    bool healed_ = false;
    bool full_ = false;
    bool harmed_ = false;
    bool rotten_ = false;  ///< this disk
    Duration wall_offset_{0};
    Duration steady_offset_{0};  ///< drawn for each life: such a clock means nothing to others, nor after a start
    Instant paused_until_{0};
    Seat seat_;
    std::size_t place_ = 0;
    wire::Sender self_;
    Epoch epoch_;                                        ///< last served
    std::map<std::string, wire::FrameWriter> gathered_;  ///< said in this turn, by address
    std::uint64_t life_ = 0;
    std::uint64_t tickets_ = 0;
    std::map<port::Ticket, Open> open_;
    std::function<void()> when_stopped_;
    bool turn_pending_ = false;
    Instant wakes_at_ = port::never;
    std::uint64_t timer_ = 0;  ///< the one that counts
    std::map<port::Lane, Lane> lanes_;

    // While it is up; the later die before the earlier.
    std::unique_ptr<SubDisk> ledger_disk_, engine_disk_;
    std::unique_ptr<PlainHost> host_;
    Made<Partitioner> partitioner_;
    Made<Replicator> replicator_;
    Made<FailureDetector> detector_;
    Made<ConflictResolver> resolver_;
    std::unique_ptr<Joiner> joiner_;
    std::unique_ptr<Joiner> summing_;
    std::unique_ptr<PlainHost> engine_host_;
    Made<StorageEngine> engine_;
    std::unique_ptr<VeiledEngine> veil_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<repair::TreeFile> trees_;
    std::unique_ptr<node::Node> node_;
};

}  // namespace ashlar::sim
