// Machine: what it says to others and hears from them, and being paused.
#include <algorithm>
#include <cstdlib>

#include "kit/text.h"
#include "machine.h"

namespace ashlar::sim {
namespace {

std::uint64_t cluster() {
    static const std::uint64_t mark = wire::cluster_mark(node::Identity{}.cluster);
    return mark;
}

/// What the trace says of it: the key, or a refusal in words.
View detail_of(const wire::Message& message) {
    if (const auto* ask = std::get_if<wire::ReadAsk>(&message)) return ask->key.key;
    if (const auto* ask = std::get_if<wire::WriteAsk>(&message)) return ask->key.key;
    if (const auto* ask = std::get_if<wire::OrderAsk>(&message)) return ask->key.key;
    if (const auto* hint = std::get_if<wire::HintGive>(&message)) return hint->key.key;
    if (const auto* taken = std::get_if<wire::HintTaken>(&message)) return taken->fault.detail;
    if (const auto* written = std::get_if<wire::WriteAnswer>(&message)) return written->fault.detail;
    if (const auto* read = std::get_if<wire::ReadAnswer>(&message)) return read->fault.detail;
    return {};
}

}  // namespace

/// Every founder makes the same epoch 1 of the same seed.
void Machine::found_without_vote() {
    SeededRandom random(seat_.founding_seed);
    ledger::State state;
    state.cluster = node::Identity{}.cluster;
    state.name = seat_.name;
    state.node = seat_.node;
    state.partitioner = recipe_.partitioner;
    state.engine = recipe_.engine;
    state.clean = true;
    auto agreed = node::first_agreed(identity(), seat_.founders, random, *partitioner_);
    if (!agreed) std::abort();
    state.agreed = std::move(*agreed);
    // Founders who vote have heard of each other first.
    for (std::size_t place = 0; place < seat_.founders.size(); ++place)
        if (place != place_)
            state.addresses.push_back(
                {seat_.founders[place].node, Network::background_address(place), kit::text("n", place)});
    if (!ledger_->store_now(state)) std::abort();
}

void Machine::describe_self(node::Parts& parts) const {
    parts.cluster.cluster = node::Identity{}.cluster;
    parts.cluster.seeds = seat_.seeds;
    parts.accord.take_home_after = seat_.take_home_after;
    wire::RosterEntry& self = parts.self;
    self.node = self_.node;
    self.incarnation = self_.incarnation;
    self.name = seat_.name;
    self.datacentre = seat_.datacentre;
    self.rack = node::Identity{}.rack;
    self.clients_at = kit::text("m", place_, ":7311");
    self.link_at = Network::link_address(place_);
    self.background_at = Network::background_address(place_);
    self.parts = kit::text("partitioner ", recipe_.partitioner, " 1;replicator ", recipe_.replicator, " 1");
}

namespace {

/// The planted bug: a voter says yes to everybody, and does not tell what it has accepted.
wire::Message twice_given(const wire::Message& message) {
    wire::Message bent = message;
    if (auto* promise = std::get_if<wire::Promise>(&bent)) {
        promise->granted = true;
        promise->accepted = {};
        promise->value = {};
    }
    if (auto* accepted = std::get_if<wire::Accepted>(&bent)) accepted->granted = true;
    return bent;
}

}  // namespace

bool Machine::send(const port::Peer& to, port::Road road, const wire::Message& message) {
    if (seat_.network == nullptr || to.address.empty()) return false;
    if (road == port::Road::background) {
        wire::FrameWriter writer(self_, cluster());
        writer.add(recipe_.sabotage == Sabotage::vote_twice ? twice_given(message) : message);
        Bytes frame;
        writer.take(frame);
        seat_.network->send(place_, to.address, road, std::move(frame));
        forget_early(to, message);
        return true;
    }
    if (!seat_.network->has_room(place_, to.address)) return false;
    auto at = gathered_.try_emplace(Bytes(to.address), self_, cluster()).first;
    at->second.add(message);
    return true;
}

void Machine::say_what_was_gathered() {
    for (auto& [address, writer] : gathered_) {
        Bytes frame;
        writer.take(frame);
        seat_.network->send(place_, address, port::Road::link, std::move(frame));
    }
    gathered_.clear();
}

/// The planted bug: a hint is taken as acknowledged while it is on its way.
void Machine::forget_early(const port::Peer& to, const wire::Message& message) {
    const auto* hint = std::get_if<wire::HintGive>(&message);
    if (recipe_.sabotage != Sabotage::forget_hint_early || hint == nullptr) return;
    later(Duration{0}, [this, node = to.node, ref = hint->ref] {
        wire::Message taken = wire::HintTaken{ref, {}, 0};
        step(port::Heard{wire::Sender{node, 0}, port::Road::background, &taken});
    });
}

void Machine::arrived(port::Road road, const Bytes& frame) {
    if (agenda_.now() < paused_until_) {
        awake(life_, [this, road, frame] { arrived(road, frame); });
        return;
    }
    auto reader = wire::FrameReader::open(frame, cluster());
    if (!reader) {
        trace_.note(agenda_.now(), seat_.name, " refuses a frame: ", reader.error().detail);
        return;
    }
    wire::Message message;
    while (up() && reader->next(message)) {
        trace_.note(agenda_.now(), seat_.name, " hears ", wire::name_of(message), " from ",
                    seat_.network->name_of(reader->sender().node), " ", detail_of(message));
        if (const auto* order = std::get_if<wire::OrderAsk>(&message)) reports_.passed_on(order->value);
        step(port::Heard{reader->sender(), road, &message});
    }
    if (reader->bad()) reports_.complain("a frame whose checksum holds was not understood");
}

void Machine::link_lost(NodeId peer) {
    awake(life_, [this, peer] { step(port::LinkLost{peer}); });
}

void Machine::awake(std::uint64_t life, std::function<void()> act) {
    if (life != life_ || !up()) return;
    if (paused_until_ <= agenda_.now()) return act();
    agenda_.at(paused_until_, [this, life, act = std::move(act)] { awake(life, act); });
}

void Machine::pause(Duration length) {
    if (!up()) return;
    trace_.note(agenda_.now(), seat_.name, " pauses for ", length.us, " us");
    paused_until_ = std::max(paused_until_, agenda_.now() + length);
}

Result<Machine::Held> Machine::held(const std::string& name, View key, WallTime wall) const {
    Held out;
    Token token = partitioner_->token(key);
    Walk walk;
    const auto& tables = node_->tables();
    auto table = std::find_if(tables.begin(), tables.end(), [&](const port::Table& one) { return one.name == name; });
    if (table == tables.end()) return fail(Code::not_found, "no table " + name);
    replicator_->walk(node_->ring(), token, table->replication, walk);
    auto last = walk.nodes.begin() + walk.owners;
    out.owner = std::find(walk.nodes.begin(), last, self_.node) != last;
    auto found = engine_->snapshot()->get(EntryKey{token, table->id, key});
    if (!found) return found.error();
    if (found->state != Found::State::present) return out;
    out.entry.assign(found->entry());
    Reading reading;
    if (auto read = resolver_->read(out.entry, wall, reading); !read) return read.error();
    for (const Version& version : reading.versions) {
        if (version.kind == VersionKind::value) out.values.emplace_back(version.value);
    }
    return out;
}

}  // namespace ashlar::sim
