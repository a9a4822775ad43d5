#include "node/node.h"

#include <algorithm>
#include <utility>

#include "accord/roster_neighbours.h"
#include "node/address_book.h"
#include "node/beginning.h"
#include "node/common_ground.h"
#include "node/errands.h"
#include "node/kept_trees.h"
#include "node/known_health.h"
#include "node/tag_joiner.h"
#include "port/works.h"
#include "repair/exchange.h"
#include "repair/gaps.h"
#include "repair/healing.h"
#include "repair/marked_engine.h"
#include "repair/upkeep.h"
#include "request/coordinator.h"
#include "request/explaining.h"
#include "request/serving.h"
#include "request/table_orders.h"

namespace ashlar::node {
namespace {

/// A wake-up so much overdue means that this node was away, not merely busy.
constexpr Duration away_after = seconds(1);
/// In which what lay in the sockets meanwhile has been read.
constexpr Duration away_grace = milliseconds(250);

}  // namespace

/// The rooms and how they meet.
struct Node::Rooms {
    explicit Rooms(Parts given)
        : parts(std::move(given)),
          forest(parts.limits.keys_per_bucket * 2),
          engine(*parts.engine, forest),
          changes(*parts.ledger, works),
          dots(changes),
          gaps(changes),
          members(*parts.detector, *parts.random, *parts.log, *parts.meter, cluster_of(parts), self_of(parts)),
          addresses(changes, members),
          health(members),
          neighbours(members),
          hints(engine, works, members, parts.limits, *parts.log, *parts.meter, parts.random->next() >> 1),
          catalogue(*parts.replicator, loaded_resolvers(parts),
                    ring::Seat{changes.state().node, members.self().datacentre}),
          fence(catalogue),
          syncs(engine, works, parts.limits),
          stamps(parts.limits.clock_skew, *parts.log),
          coordinator(request::Gate{*parts.partitioner, parts.limits, catalogue, dots, health, stamps, fence},
                      engine, works, syncs, dots, members, hints, *parts.meter, parts.random->next()),
          serving(catalogue, fence, engine, works, syncs, members, hints, stamps, parts.limits, *parts.meter),
          explaining(catalogue, *parts.partitioner, engine, works, members, health),
          table_orders(catalogue, changes, engine, syncs, *parts.log,
                       {parts.default_resolver, parts.engine_name},
                       [this](const port::Turn& turn, auto edit, Instant deadline, auto then) {
                           accord.propose(turn, std::move(edit), deadline, std::move(then));
                       }),
          accord(accord_parts()),
          upkeep(engine, works, parts.limits, *parts.log, changes.state().node),
          joiner(parts.resolvers),
          sums(forest, engine, parts.summing != nullptr ? *parts.summing : joiner, works),
          ground(catalogue, fence, stamps, syncs, hints, gaps),
          exchange({forest, sums, engine, joiner, works, members, parts.limits, *parts.log, *parts.meter}, ground,
                   parts.random->next() >> 1),
          healing(engine, gaps, *parts.log, *parts.meter,
                  [this](const TokenRange& tokens) { return catalogue.owned_elsewhere(tokens); },
                  [this] { return catalogue.owned(); }),
          errands(catalogue, engine, upkeep, exchange, healing, gaps),
          kept_trees(parts, forest, works, changes),
          scans(parts.meter->counter("repair_scans")) {
        fence.on_epochs({[this](const port::Turn& turn, NodeId who) { accord.give(turn, who); },
                         [this](const port::Turn& turn, NodeId who) { accord.catch_up(turn, who); }});
        hints.on_routes({[this](NodeId who) {
                             const Ring& ring = *catalogue.ring();
                             return ring.claims.empty() || ring.member(who) != nullptr;
                         },
                         [this](TableId table, Token token) { return ground.owners(table, token); },
                         [this](Token token) {
                             const Ring& ring = *catalogue.ring();
                             return ring.claims.empty() ? Token{0} : ring.claims[ring.partition_of(token)].first;
                         }});
        catalogue.on_complete([this](TableId table, const TokenRange& tokens) { return gaps.complete(table, tokens); });
        catalogue.replace(changes.state().agreed.tables, std::make_shared<const Ring>(changes.state().agreed.ring));
    }

    void route(const port::Turn& turn, const port::Event& event);
    void hear(const port::Turn& turn, const port::Heard& heard);
    void administer(const port::Turn& turn, const port::AdminOrder& order);
    accord::Parts accord_parts();
    void pump(const port::Turn& turn);
    void stop(const port::Turn& turn);
    void note_stop(const port::Turn& turn);
    void arm(const port::Turn& turn);
    std::vector<repair::Forgettable> forgettable() const;

    Parts parts;
    repair::Forest forest;
    repair::MarkedEngine engine;  ///< the one all rooms use
    port::Works works;
    ledger::Changes changes;
    request::Dots dots;
    repair::Gaps gaps;
    member::Members members;
    AddressBook addresses;
    KnownHealth health;
    accord::RosterNeighbours neighbours;
    handoff::Hints hints;
    request::Catalogue catalogue;
    request::Fence fence;
    request::SyncQueue syncs;
    request::Stamps stamps;
    request::Coordinator coordinator;
    request::Serving serving;
    request::Explaining explaining;
    request::TableOrders table_orders;
    accord::Accord accord;
    repair::Upkeep upkeep;
    TagJoiner joiner;
    repair::Sums sums;
    CommonGround ground;
    repair::Exchange exchange;
    repair::Healing healing;
    Errands errands;
    KeptTrees kept_trees;
    Meter::Counter& scans;

    bool begun = false;
    enum class Stop : std::uint8_t { no, draining, storing, done } stopping = Stop::no;
    Instant armed = port::never;  ///< the earliest wake-up asked for that has not come
};

void Node::Rooms::route(const port::Turn& turn, const port::Event& event) {
    if (const auto* order = std::get_if<const port::Order*>(&event)) return coordinator.order(turn, **order);
    if (const auto* done = std::get_if<port::WorkDone>(&event)) return works.done(turn, done->id);
    if (const auto* heard = std::get_if<port::Heard>(&event)) return hear(turn, *heard);
    if (const auto* lost = std::get_if<port::LinkLost>(&event)) {
        coordinator.lost(turn, lost->peer);
        return explaining.lost(turn, lost->peer);
    }
    if (const auto* order = std::get_if<const port::AdminOrder*>(&event)) return administer(turn, **order);
    if (std::holds_alternative<port::Woken>(event)) armed = port::never;
    if (std::holds_alternative<port::StopAsked>(event) && stopping == Stop::no) {
        stopping = Stop::draining;
        coordinator.close();
        serving.close();
        explaining.close(turn);
        accord.close(turn, false);
        hints.stop();
        upkeep.stop();
        exchange.stop(turn);
        sums.stop();
        members.farewell(turn);
    }
}

void Node::Rooms::hear(const port::Turn& turn, const port::Heard& heard) {
    // What the trees know is being recorded: nothing may change it any more.
    if (stopping == Stop::storing) return;
    const wire::Message& message = *heard.message;
    if (coordinator.hear(turn, heard.from, message) || serving.hear(turn, heard.from, message)) return;
    if (members.hear(turn, heard.from, message) || accord.hear(turn, heard.from, message)) return;
    if (explaining.hear(turn, heard.from, message)) return;
    if (hints.hear(turn, heard.from, message)) return;
    (void)exchange.hear(turn, heard.from, message);
}

void Node::Rooms::administer(const port::Turn& turn, const port::AdminOrder& order) {
    if (stopping != Stop::no) {
        port::Refusal refusal;
        refusal.error = fail(Code::closed, "this node is stopping");
        return turn.effects.refuse(order.ticket, refusal);
    }
    switch (order.call) {
        case port::AdminOrder::Call::create_table:
            return table_orders.create(turn, order);
        case port::AdminOrder::Call::drop_table:
            return table_orders.drop(turn, order);
        case port::AdminOrder::Call::scrub:
            return errands.scrub(turn, order.ticket);
        case port::AdminOrder::Call::repair:
            return errands.repair(turn, order);
        case port::AdminOrder::Call::cancel_errand:
            return errands.cancel(turn, order);
        case port::AdminOrder::Call::explain_key:
            return explaining.explain(turn, order);
    }
}

accord::Parts Node::Rooms::accord_parts() {
    auto first = [this](const std::vector<Member>& members) {
        return first_agreed(parts.identity, members, *parts.random, *parts.partitioner);
    };
    auto decided = [this](const port::Turn& turn, const ledger::Agreed& before, const ledger::Agreed& now) {
        table_orders.decided(turn, before, now);
        if (gaps.any()) gaps.keep_to(turn, catalogue.owned());
    };
    accord::Rules rules = parts.accord;
    rules.expect = parts.identity.expect;
    return accord::Parts{changes, neighbours, *parts.random, *parts.log, *parts.meter, rules, first, decided};
}

std::vector<repair::Forgettable> Node::Rooms::forgettable() const {
    std::vector<repair::Forgettable> out;
    for (const port::Table& table : catalogue.tables()) {
        const request::LoadedResolver* resolver = catalogue.resolver(table.resolver);
        if (resolver != nullptr) out.push_back(repair::Forgettable{table.id, resolver->capabilities});
    }
    return out;
}

void Node::Rooms::pump(const port::Turn& turn) {
    if (stopping == Stop::no) dots.keep_ahead(turn);
    changes.pump(turn);
    const std::size_t waiting = (coordinator.waiting() + serving.waiting()) * 1000 / parts.limits.waiting_orders;
    members.self().load_milli = std::max(static_cast<std::uint32_t>(waiting), coordinator.timings().load_milli());
    members.self().hints = hints.entries();
    members.self().counters = dots.leased();
    members.self().convergence_age = exchange.oldest();
    members.self().refilling_milli = gaps.open_milli();
    members.pump(turn);
    if (stopping == Stop::no) addresses.pump(turn, *catalogue.ring());
    if (stopping == Stop::no) accord.pump(turn);
    hints.pump(turn);
    exchange.pump(turn);
    scans.set(static_cast<std::int64_t>(sums.scans()));
    stamps.pump(turn);
    syncs.pump(turn);
    coordinator.pump(turn);
    explaining.pump(turn);
    if (stopping == Stop::no) healing.pump(turn);
    upkeep.pump(turn, *catalogue.ring(), [this] { return forgettable(); });
}

void Node::Rooms::stop(const port::Turn& turn) {
    if (stopping == Stop::done || !coordinator.idle() || works.under_way() != 0) return;
    // A node whose disk refuses has nothing more it can make durable, and its next start is not a clean one.
    if (syncs.failed() || changes.stuck()) {
        stopping = Stop::done;
        accord.close(turn, true);
        return turn.effects.stopped();
    }
    if (stopping == Stop::draining && changes.idle()) {
        stopping = Stop::storing;
        syncs.after_all([this](const port::Turn& synced) {
            kept_trees.keep(synced, [this](const port::Turn& later) { note_stop(later); });
        });
        syncs.pump(turn);
    }
}

void Node::Rooms::note_stop(const port::Turn& turn) {
    changes.ask(
        turn,
        [this](ledger::State& state) {
            state.counter_used = dots.last();
            state.clean = true;
            return Result<void>{};
        },
        [this](const port::Turn& last, const Result<void>& outcome) {
            if (!outcome) parts.log->write(LogLevel::error, "the stop is not noted: " + outcome.error().detail);
            stopping = Stop::done;
            last.effects.stopped();
        });
}

void Node::Rooms::arm(const port::Turn& turn) {
    Instant next = std::min(
        {coordinator.due(), changes.due(), syncs.due(), upkeep.due(), members.due(), hints.due(), explaining.due(),
         exchange.due()});
    // What is not pumped any more must not wake the node either.
    if (stopping == Stop::no) next = std::min({next, accord.due(), healing.due()});
    // What is due already is due now: only from here on can the node be late for it.
    next = std::max(next, turn.now.steady);
    if (next >= armed) return;
    armed = next;
    turn.effects.wake_at(next);
}

Node::Node(Parts parts) : rooms_(std::make_unique<Rooms>(std::move(parts))) {}
Node::~Node() = default;

void Node::step(const Now& now, const port::Event& event, port::Effects& effects) {
    Rooms& rooms = *rooms_;
    // A clock that is set back takes nothing back of what it said in a proof (repair/exchange.h).
    const Now told{now.steady, std::max(now.wall, rooms.exchange.stamps_from())};
    port::Turn turn{told, effects};
    if (!rooms.begun) {
        rooms.begun = true;
        rooms.kept_trees.plant(turn, rooms.catalogue);
        rooms.coordinator.begin(turn);
        rooms.table_orders.resume(turn);
        if (rooms.gaps.any()) rooms.gaps.keep_to(turn, rooms.catalogue.owned());
    }
    // Woken much later than was asked for: so are all who wait for an answer.
    if (rooms.armed != port::never && rooms.armed + away_after < now.steady)
        rooms.coordinator.was_away(now.steady + away_grace);
    rooms.route(turn, event);
    rooms.coordinator.pump(turn);
    bool pause = std::holds_alternative<port::TurnEnded>(event) || std::holds_alternative<port::Woken>(event);
    if (pause) rooms.pump(turn);
    if (rooms.stopping != Rooms::Stop::no) rooms.stop(turn);
    rooms.arm(turn);
}

const Ring& Node::ring() const {
    return *rooms_->catalogue.ring();
}
const std::vector<port::Table>& Node::tables() const {
    return rooms_->catalogue.tables();
}

std::string_view Node::clients_at(NodeId node) const {
    const wire::RosterEntry* entry = rooms_->members.entry(node);
    return entry == nullptr ? std::string_view() : entry->clients_at;
}

Facts Node::facts() const {
    const Rooms& rooms = *rooms_;
    // All of them: what heals by itself must not stand before what only its operator can heal.
    std::string problem = rooms.accord.problem();
    for (const std::string& more : {rooms.stamps.problem(), rooms.healing.problem(), rooms.hints.problem()})
        if (!more.empty()) problem += (problem.empty() ? "" : "; ") + more;
    return Facts{rooms.catalogue.ring()->epoch, rooms.coordinator.waiting(), rooms.parts.engine->stats(),
                 rooms.members.standings(),     rooms.hints.accounts(),      problem,
                 rooms.exchange.convergence(), rooms.members.newest_refusal()};
}

std::vector<Errand> Node::errands() const { return rooms_->errands.all(); }

}  // namespace ashlar::node
