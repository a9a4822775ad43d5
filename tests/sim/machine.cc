#include "machine.h"

#include <cstdlib>

#include "bent_joiner.h"

namespace ashlar::sim {

Machine::Machine(Agenda& agenda, Trace& trace, const Swarm& swarm, Recipe recipe, std::uint64_t seed, Reports reports,
                 Seat seat)
    : agenda_(agenda),
      trace_(trace),
      swarm_(swarm),
      recipe_(std::move(recipe)),
      random_(seed),
      reports_(std::move(reports)),
      disk_(std::make_shared<FaultyDisk>()),
      wall_offset_(seat.skew),
      seat_(std::move(seat)) {
    if (seat_.network != nullptr) place_ = seat_.network->attach(*this);
    if (!disk_->make_directory("node") || !disk_->make_directory("engine") || !disk_->sync_directory("")) std::abort();
}

Machine::~Machine() = default;

std::optional<Code> Machine::judge(const Call& call) {
    if (healed_ || node_ == nullptr) return std::nullopt;
    if (call.syncs()) {
        if (random_.below(1'000'000) >= swarm_.sync_failure) return std::nullopt;
        trace_.note(agenda_.now(), seat_.name, " sync fails: ", call.path);
        harm(call);
        return Code::io;
    }
    std::uint64_t rate = call.changes() ? swarm_.write_failure : call.kind == CallKind::read ? swarm_.read_failure : 0;
    if (random_.below(1'000'000) >= rate) return std::nullopt;
    trace_.note(agenda_.now(), name_of(call.kind), " fails: ", call.path);
    // A table file that could not be written is written anew: nothing relied on it. So is what was not read.
    bool of_table = call.path.find("/table-") != std::string::npos;
    if (call.changes() && !of_table) harm(call);
    return Code::io;
}

/// The engine may stop writes now, and then nothing acknowledged without a sync gets one any more.
void Machine::harm(const Call& call) {
    if (!call.path.starts_with("engine")) return;
    harmed_ = true;
    reports_.sync_failed();
}

bool Machine::writes_stopped() const {
    if (engine_.get() == nullptr) return false;
    EngineStats stats = engine_->stats();
    return !stats.writable && stats.why_not.find("stopped for good") != std::string::npos;
}

Result<void> Machine::assemble() {
    ledger_disk_ = std::make_unique<SubDisk>(*disk_, "node");
    engine_disk_ = std::make_unique<SubDisk>(*disk_, "engine");
    const Descriptor& resolver = *find_plugin(PluginKind::conflict_resolver, recipe_.resolver);
    const Descriptor& engine = *find_plugin(PluginKind::storage_engine, recipe_.engine);
    // A pruned clock may bring a replaced value back, as its resolver says: here clocks are never pruned.
    // Nothing made from this host joins or touches the disk.
    static const node::TagJoiner nobody({});
    host_ = std::make_unique<PlainHost>(*ledger_disk_, nobody, random_.next());
    auto partitioner = make_plugin<Partitioner>(*find_plugin(PluginKind::partitioner, recipe_.partitioner), *host_,
                                                swarm_.engine_settings);
    if (!partitioner) return partitioner.error();
    partitioner_ = std::move(*partitioner);
    auto replicator = make_plugin<Replicator>(*find_plugin(PluginKind::replicator, recipe_.replicator), *host_);
    if (!replicator) return replicator.error();
    replicator_ = std::move(*replicator);
    auto detector = make_plugin<FailureDetector>(*find_plugin(PluginKind::failure_detector, recipe_.detector), *host_);
    if (!detector) return detector.error();
    detector_ = std::move(*detector);
    auto made_resolver = make_plugin<ConflictResolver>(resolver, *host_, swarm_.engine_settings);
    if (!made_resolver) return made_resolver.error();
    resolver_ = std::move(*made_resolver);
    std::map<std::string, ConflictResolver*> resolvers{{recipe_.resolver, resolver_.get()}};
    joiner_ = std::make_unique<BentJoiner>(resolvers, recipe_.sabotage);
    summing_ = std::make_unique<BentSum>(resolvers, recipe_.sabotage);
    engine_host_ = std::make_unique<PlainHost>(*engine_disk_, *joiner_, random_.next());

    auto ledger = ledger::Ledger::open(*ledger_disk_);
    if (!ledger) return ledger.error();
    ledger_ = std::move(*ledger);
    if (!ledger_->has_state() && !seat_.founders.empty()) found_without_vote();
    ledger::State before = ledger_->state();
    auto prepared = node::prepare(*ledger_, identity(), host_->random(), *partitioner_);
    trees_ = std::make_unique<repair::TreeFile>(*ledger_disk_);
    if (prepared) prepared = trees_->take(ledger_->state(), true);
    if (prepared) prepared = node::begin_life(*ledger_, node::EngineKeeps::all, swarm_.lease_block);
    if (!prepared) return prepared;
    if (recipe_.sabotage == Sabotage::reuse_counters) reuse_counters(before);
    self_ = wire::Sender{ledger_->state().node, ledger_->state().incarnation << 16 | ledger_->state().unclean_starts};
    auto made_engine = make_plugin<StorageEngine>(engine, *engine_host_, swarm_.engine_settings);
    if (!made_engine) return made_engine.error();
    engine_ = std::move(*made_engine);
    veil_ = std::make_unique<VeiledEngine>(*engine_, random_.next(), swarm_.foggy, recipe_.sabotage);

    node::Parts parts;
    parts.partitioner = partitioner_.get();
    parts.replicator = replicator_.get();
    parts.detector = detector_.get();
    parts.resolvers = resolvers;
    parts.resolver_capabilities[recipe_.resolver] = resolver.capabilities;
    parts.engine = veil_.get();
    parts.engine_name = recipe_.engine;
    parts.default_resolver = recipe_.resolver;
    parts.ledger = ledger_.get();
    parts.trees = trees_.get();
    parts.log = &engine_host_->log();
    parts.meter = &engine_host_->meter();
    parts.random = &engine_host_->random();
    parts.summing = summing_.get();
    parts.limits = swarm_.limits;
    parts.identity = identity();
    if (seat_.network != nullptr) describe_self(parts);
    node_ = std::make_unique<node::Node>(parts);
    return {};
}

node::Identity Machine::identity() const {
    node::Identity identity;
    identity.name = seat_.name;
    identity.partitioner = recipe_.partitioner;
    identity.engine = recipe_.engine;
    identity.default_resolver = recipe_.resolver;
    identity.resolvers = {recipe_.resolver};
    identity.replication = seat_.replication;
    identity.datacentre = seat_.datacentre;
    identity.expect = seat_.expect;
    return identity;
}

/// The planted bug: an unclean start counts on where the last clean stop left off, under the same name.
void Machine::reuse_counters(const ledger::State& before) {
    ledger::State state = ledger_->state();
    if (state.unclean_starts == 0) return;
    state.counter_used = before.counter_used;
    if (seat_.network != nullptr) state.incarnation = before.incarnation;
    if (!ledger_->store_now(state)) std::abort();
}

void Machine::start() {
    if (up()) return;
    ++life_;
    harmed_ = rotten_;
    if (seat_.network != nullptr) steady_offset_ = delay(seconds(1'000'000));
    disk_->judge(nullptr);
    auto assembled = assemble();
    if (!assembled) {
        trace_.note(agenda_.now(), seat_.name, " start refused: ", assembled.error().detail);
        if (rotten_) {
            // What a node cannot start from its operator replaces.
            go_down(Loss::nothing);
            return replace_disk();
        }
        if (assembled.error().code == Code::no_space && full_)
            disk_->set_capacity(std::nullopt);
        else
            reports_.complain("the node does not start: " + assembled.error().detail);
        go_down(Loss::nothing);
        return;
    }
    disk_->judge([this](const Call& call) { return judge(call); });
    trace_.note(agenda_.now(), seat_.name, " started, life ", life_);
    end_turn_soon();
}

void Machine::go_down(Loss loss) {
    node_.reset();
    ledger_.reset();
    trees_.reset();
    veil_.reset();
    engine_ = {};
    lanes_.clear();
    turn_pending_ = false;
    wakes_at_ = port::never;
    when_stopped_ = nullptr;
    gathered_.clear();
    paused_until_ = Instant{0};
    ++life_;
    if (seat_.network != nullptr) seat_.network->went_down(place_);
    disk_ = std::shared_ptr<FaultyDisk>(disk_->crash(random_.next(), loss));
    auto open = std::move(open_);
    open_.clear();
    for (auto& [ticket, waiting] : open) {
        agenda_.in(milliseconds(1), [answered = std::move(waiting.answered)] {
            OwnedAnswer lost;
            lost.kind = OwnedAnswer::Kind::lost;
            answered(lost);
        });
    }
}

void Machine::crash(Loss loss) {
    if (!up()) return;
    trace_.note(agenda_.now(), seat_.name, " crash, loss ", static_cast<int>(loss));
    go_down(loss);
    reports_.crashed(loss);
}

void Machine::crash_soon() {
    if (up()) disk_->cut_power_at(disk_->calls() + 1 + random_.below(20));
}

void Machine::stop(std::function<void()> then) {
    if (!up()) return;
    trace_.note(agenda_.now(), seat_.name, " stop asked");
    when_stopped_ = std::move(then);
    step(port::StopAsked{});
}

void Machine::stopped() {
    trace_.note(agenda_.now(), seat_.name, " stopped");
    // The node may not be let go from inside its own step.
    later(Duration{0}, [this] {
        auto then = std::move(when_stopped_);
        EngineStats stats = engine_->stats();
        go_down(Loss::nothing);
        // A log that failed, or found no room, is all that may keep a stop from being clean.
        if (stats.synced < stats.applied) reports_.crashed(Loss::nothing);
        if (then) then();
    });
}

Duration Machine::delay(Duration most) {
    return Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.us) + 1))};
}

void Machine::later(Duration wait, std::function<void()> act) {
    agenda_.in(wait, [this, life = life_, act = std::move(act)] { awake(life, act); });
}

void Machine::step(const port::Event& event) {
    Now now{steady(), wall()};
    node_->step(now, event, *this);
    if (node_->ring().epoch != epoch_) {
        epoch_ = node_->ring().epoch;
        trace_.note(agenda_.now(), seat_.name, " serves epoch ", epoch_.value);
        reports_.agreed();
    }
    if (!std::holds_alternative<port::TurnEnded>(event)) return end_turn_soon();
    if (seat_.network != nullptr) say_what_was_gathered();
}

void Machine::end_turn_soon() {
    if (turn_pending_) return;
    turn_pending_ = true;
    later(delay(swarm_.turn_delay_max), [this] {
        turn_pending_ = false;
        step(port::TurnEnded{});
    });
}

/// As in the daemon, one moment is awaited: the earliest asked for.
void Machine::wake_at(Instant when) {
    if (when >= wakes_at_) return;
    wakes_at_ = when;
    Duration wait{std::max<std::int64_t>(0, when.us - steady().us)};
    later(wait + delay(microseconds(100)), [this, timer = ++timer_] {
        if (timer != timer_) return;  // moved to an earlier moment
        wakes_at_ = port::never;
        step(port::Woken{});
    });
}

void Machine::jump_clock(Duration by) {
    wall_offset_ = wall_offset_ + by;
    trace_.note(agenda_.now(), seat_.name, " clock jumps by ", by.us, " us");
}

void Machine::fill_disk(bool full) {
    full_ = full;
    trace_.note(agenda_.now(), full ? "disk fills up" : "disk has room again");
    disk_->set_capacity(full ? std::optional<std::uint64_t>(disk_->used() + random_.below(200'000)) : std::nullopt);
}

void Machine::heal() {
    healed_ = true;
    full_ = false;
    disk_->cut_power_at(0);
    disk_->set_capacity(std::nullopt);
}

}  // namespace ashlar::sim
