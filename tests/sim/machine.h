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

/// How the machine tells the world.
struct Reports {
    std::function<void(Loss)> crashed;
    std::function<void()> sync_failed;
    std::function<void(const std::string&)> complain;
};

class Machine final : port::Effects {
public:
    Machine(Agenda& agenda, Trace& trace, const Swarm& swarm, Recipe recipe, std::uint64_t seed, Reports reports);
    ~Machine();

    bool up() const { return node_ != nullptr; }
    /// Starts the node; a start that is refused is a complaint, for nothing here may keep a node down.
    void start();
    /// The power goes, or (Loss::nothing) only the process.
    void crash(Loss loss);
    /// The power will go inside one of the next disk calls.
    void crash_soon();
    void stop(std::function<void()> then);

    /// Delivered after a moment; answered exactly once, whatever becomes of the machine.
    void send(OwnedOrder order, Answered answered);
    void administer(port::AdminOrder order, Answered answered);

    void jump_clock(Duration by);
    WallTime wall() const { return Walls::epoch + Duration{agenda_.now().us} + wall_offset_; }
    void fill_disk(bool full);
    /// No more faults.
    void heal();
    const node::Node* node() const { return node_.get(); }
    bool writable() const { return engine_.get() != nullptr && engine_->stats().writable; }
    /// The engine takes no writes any more in this life; and whether a failure it met may be the cause.
    bool writes_stopped() const;
    bool harmed() const { return harmed_; }
    std::size_t open_orders() const { return open_.size(); }

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
        Instant deadline;
    };

    // Effects.
    void reply(port::Ticket ticket, const port::Reply& reply) override;
    void refuse(port::Ticket ticket, const port::Refusal& refusal) override;
    void table_done(port::Ticket ticket, const port::Table& table) override;
    void scrub_done(port::Ticket ticket, const ScrubWork& scrub) override;
    bool send(const port::Peer&, port::Road, const wire::Message&) override { return false; }
    void run(port::Lane lane, port::WorkId id, Work& work) override;
    void wake_at(Instant when) override;
    void stopped() override;

    Result<void> assemble();
    void step(const port::Event& event);
    void end_turn_soon();
    void start_lane(port::Lane lane);
    void carry_out(port::Lane lane, Waiting waiting);
    void answer(port::Ticket ticket, OwnedAnswer answer);
    void go_down(Loss loss);
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
    Duration wall_offset_{0};
    std::uint64_t life_ = 0;
    std::uint64_t tickets_ = 0;
    std::map<port::Ticket, Open> open_;
    std::function<void()> when_stopped_;
    bool turn_pending_ = false;
    std::map<port::Lane, Lane> lanes_;

    // While it is up; the later die before the earlier.
    std::unique_ptr<SubDisk> ledger_disk_, engine_disk_;
    std::unique_ptr<PlainHost> host_;
    Made<Partitioner> partitioner_;
    Made<Replicator> replicator_;
    Made<FailureDetector> detector_;
    Made<ConflictResolver> resolver_;
    std::unique_ptr<Joiner> joiner_;
    std::unique_ptr<PlainHost> engine_host_;
    Made<StorageEngine> engine_;
    std::unique_ptr<VeiledEngine> veil_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<node::Node> node_;
};

}  // namespace ashlar::sim
