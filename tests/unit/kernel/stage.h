// One node on a stage: orders go in, answers are kept as values, lanes run when the test says so.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datacentre_aware.h"
#include "crdt.h"
#include "dotted_version_vector.h"
#include "faulty_disk.h"
#include "last_write_wins.h"
#include "memory.h"
#include "node/birth.h"
#include "node/node.h"
#include "node/tag_joiner.h"
#include "parts.h"
#include "plain_host.h"
#include "port/turn.h"
#include "scripted_engine.h"

namespace ashlar::test {

/// An answer that owns its bytes.
struct Answer {
    struct One {
        Bytes key;
        std::vector<Bytes> values;
        std::vector<port::ReplyVersion> versions;  ///< values are not to be read here
        Bytes context;
        port::Achieved achieved;
        std::optional<Error> error;
        bool retry_safe = true;
        Duration retry_after{0};
    };
    One item;
    std::vector<One> items;
    bool found = false;
    bool stored = false;
    Bytes page;
    bool has_page = false;
    std::optional<port::Refusal> refusal;
    std::optional<port::Table> table;
    std::optional<port::Explanation> explanation;
    std::uint64_t errand = 0;

    bool ok() const { return !refusal.has_value(); }
    /// The one value there is; "(none)", "(2 siblings)" or the refusal else.
    std::string value() const {
        if (refusal) return "refused: " + refusal->error.detail;
        if (item.values.empty()) return "(none)";
        if (item.values.size() > 1) return "(" + std::to_string(item.values.size()) + " siblings)";
        return item.values.front();
    }
};

/// A node of a ring that is agreed on already. With several data centres it is placed by datacentre_aware.
struct Casting {
    NodeId self;
    ledger::Agreed agreed;
    std::string resolver = "dotted_version_vector";  ///< or last_write_wins, crdt
    std::string name = {};  ///< empty: after its id. A node that is in no ring yet has its place in dc1, rack1
};

class Stage final : public port::Effects {
public:
    explicit Stage(port::Limits limits = {}, std::optional<Casting> casting = {});
    /// A node built again on the same disk and engine: after a crash, or after a clean stop.
    void restart();

    // Simple calls: they run every lane until the answer is there.
    Answer get(View key);
    Answer exists(View key);
    Answer put(View key, View value, View context = {}, bool overwrite = false);
    Answer remove(View key, View context = {});
    Answer put_if(View key, View value, View expected);
    /// Any order: fills in ticket, table and deadline where they are not given, and runs until the answer.
    Answer call(port::Order order);
    Answer administer(port::AdminOrder order);

    // The same in steps.
    /// A put as an order, to send or call with changes.
    static port::Order put_order(View key, View value);
    static port::Order order_of(port::Call call, View key, View value = {}, View context = {});
    port::Ticket send(port::Order order);
    port::Ticket ask(port::AdminOrder order);
    void step(const port::Event& event);
    /// Runs the oldest waiting work of a lane; false when there is none.
    bool run_one(port::Lane lane);
    /// Runs everything until nothing is left to do.
    void settle();
    std::optional<Answer> take(port::Ticket ticket);
    void pass(Duration time) {
        now.steady = now.steady + time;
        now.wall = now.wall + time;
    }

    Now now{Instant{1'000'000}, WallTime{1'700'000'000'000'000}};
    bool is_stopped = false;
    Instant woken_at = port::never;
    sim::FaultyDisk disk;
    EightClaims partitioner;
    std::unique_ptr<Replicator> replicator;
    Trusting detector;
    std::unique_ptr<ConflictResolver> resolver;
    std::unique_ptr<node::TagJoiner> joiner;
    std::unique_ptr<sim::PlainHost> host;
    std::unique_ptr<ScriptedEngine> engine;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<node::Node> node;
    struct Waiting {
        port::Lane lane;
        port::WorkId id;
        Work* work;
    };
    std::deque<Waiting> works;

    // Effects.
    void reply(port::Ticket ticket, const port::Reply& reply) override;
    void refuse(port::Ticket ticket, const port::Refusal& refusal) override { answers_[ticket].refusal = refusal; }
    void table_done(port::Ticket ticket, const port::Table& table) override { answers_[ticket].table = table; }
    void errand_begun(port::Ticket ticket, std::uint64_t errand) override { answers_[ticket].errand = errand; }
    void key_explained(port::Ticket ticket, const port::Explanation& explanation) override {
        answers_[ticket].explanation = explanation;
    }
    bool send(const port::Peer& to, port::Road road, const wire::Message& message) override;
    struct Said {
        std::string to;
        port::Road road;
        Bytes message;
    };
    std::deque<Said> said;  ///< by this node, not carried yet
    void run(port::Lane lane, port::WorkId id, Work& work) override { works.push_back(Waiting{lane, id, &work}); }
    void wake_at(Instant when) override { woken_at = std::min(woken_at, when); }
    void stopped() override { is_stopped = true; }

private:
    std::string resolver_name() const { return casting_ ? casting_->resolver : "dotted_version_vector"; }
    port::Limits limits_;
    std::optional<Casting> casting_;
    std::map<port::Ticket, Answer> answers_;
    std::uint64_t tickets_ = 0;
};

}  // namespace ashlar::test
