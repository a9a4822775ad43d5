#include "request/explaining.h"

#include <algorithm>

#include "kit/hash.h"
#include "kit/text.h"
#include "request/key_look.h"

namespace ashlar::request {
namespace {

/// People ask, one at a time.
constexpr std::size_t questions_max = 16;
constexpr std::size_t serving_max = 64;

void turn_down(const port::Turn& turn, port::Ticket ticket, Error error) {
    port::Refusal refusal;
    refusal.error = std::move(error);
    turn.effects.refuse(ticket, refusal);
}

bool has(const port::ExplainedEntry& entry, const Dot& dot) {
    return std::any_of(entry.versions.begin(), entry.versions.end(),
                       [&dot](const port::ExplainedVersion& version) { return version.dot == dot; });
}

/// How many versions of `one` the other has not.
std::uint32_t missing_in(const port::ExplainedEntry& other, const port::ExplainedEntry& one) {
    return static_cast<std::uint32_t>(
        std::count_if(one.versions.begin(), one.versions.end(),
                      [&other](const port::ExplainedVersion& version) { return !has(other, version.dot); }));
}

}  // namespace

void Explaining::explain(const port::Turn& turn, const port::AdminOrder& order) {
    ServedTable* table = catalogue_.find(View(order.table.name));
    if (closed_) return turn_down(turn, order.ticket, fail(Code::closed, "this node is stopping; ask another"));
    if (catalogue_.ring()->claims.empty())
        return turn_down(turn, order.ticket, fail(Code::unavailable, "this node is in no ring yet"));
    if (table == nullptr)
        return turn_down(turn, order.ticket,
                      fail(Code::not_found, kit::text("there is no table '", View(order.table.name).substr(0, 64), "'")));
    if (order.key.empty())
        return turn_down(turn, order.ticket, fail(Code::invalid_request, "the key is empty; a key has at least 1 byte"));
    if (questions_.size() >= questions_max)
        return turn_down(turn, order.ticket, fail(Code::overloaded, kit::text(questions_.size(), " keys are being explained")));
    Question& question = questions_.emplace_back();
    // An answer to a question of an earlier life must not be taken for one to this.
    if (refs_ == 0) refs_ = static_cast<std::uint64_t>(turn.now.wall.us);
    question.ref = ++refs_;
    question.ticket = order.ticket;
    question.key.assign(order.key);
    question.deadline = order.deadline;
    port::Explanation& out = question.explanation;
    out.table = table->table->id;
    out.table_name = table->table->name;
    out.resolver = table->table->resolver;
    out.token = partitioner_.token(order.key);
    const Ring& ring = table->placement->ring();
    out.partition = ring.range_of(ring.partition_of(out.token));
    out.epoch = ring.epoch;
    list_replicas(table->placement->walk(out.token), question);
    ask_all(turn, question);
    end(turn);
}

/// The preference list, then members that are not in it and may owe the key all the same.
void Explaining::list_replicas(const Walk& walk, Question& question) const {
    std::vector<Target> writers;
    choose_writers(walk, catalogue_.self(), health_, writers);
    std::vector<NodeId> nodes = walk.nodes;
    for (const Member& member : catalogue_.ring()->members)
        if (std::find(nodes.begin(), nodes.end(), member.node) == nodes.end()) nodes.push_back(member.node);
    port::Explanation& out = question.explanation;
    out.owners = walk.owners;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        port::ExplainedReplica& replica = out.replicas.emplace_back();
        replica.node = nodes[i];
        replica.rank = i < walk.nodes.size() ? static_cast<std::uint32_t>(i + 1) : 0;
        replica.owner = i < walk.owners;
        replica.state = health_.state(nodes[i]);
        for (const Target& target : writers)
            if (target.node == nodes[i]) replica.stands_in_for = target.absent;
        if (const wire::RosterEntry* entry = members_.entry(nodes[i])) replica.name = entry->name;
        if (const Member* member = catalogue_.ring()->member(nodes[i])) {
            replica.datacentre = member->datacentre;
            replica.rack = member->rack;
        }
    }
    question.entries.resize(nodes.size());
    question.waits.resize(nodes.size(), true);
}

void Explaining::ask_all(const port::Turn& turn, Question& question) {
    wire::ExplainAsk ask;
    ask.ref.value = question.ref;
    ask.key = EntryKey{question.explanation.token, question.explanation.table, question.key};
    ask.left = question.deadline - turn.now.steady;
    auto& replicas = question.explanation.replicas;
    for (const port::ExplainedReplica& replica : replicas)
        if (replica.owner) ask.owners.push_back(replica.node);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        if (replicas[i].node == catalogue_.self()) {
            look_here(turn, question, i);
        } else if (!turn.effects.send(members_.peer(replicas[i].node, port::Road::link), port::Road::link, ask)) {
            replicas[i].said = Said::unreachable;
            question.waits[i] = false;
        }
    }
}

void Explaining::look_here(const port::Turn& turn, const Question& question, std::size_t place) {
    std::vector<NodeId> owners;
    for (const port::ExplainedReplica& replica : question.explanation.replicas)
        if (replica.owner) owners.push_back(replica.node);
    auto work = std::make_unique<KeyLook>(
        engine_.snapshot(), EntryKey{question.explanation.token, question.explanation.table, question.key},
        std::move(owners));
    KeyLook* look = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, look, ref = question.ref, node = question.explanation.replicas[place].node](
                     const port::Turn& later, const Result<void>& outcome) {
                     wire::ExplainAnswer answer;
                     if (!outcome) answer.fault = wire::Fault::of(outcome.error());
                     answer.epoch = catalogue_.ring()->epoch;
                     answer.entry = look->entry;
                     answer.owes = look->owes;
                     take(ref, node, answer);
                     end(later);
                 });
}

bool Explaining::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* ask = std::get_if<wire::ExplainAsk>(&message)) {
        serve(turn, from.node, *ask);
        return true;
    }
    const auto* answer = std::get_if<wire::ExplainAnswer>(&message);
    if (answer == nullptr) return false;
    take(answer->ref.value, from.node, *answer);
    end(turn);
    return true;
}

void Explaining::take(std::uint64_t ref, NodeId from, const wire::ExplainAnswer& answer) {
    for (Question& question : questions_) {
        if (question.ref != ref) continue;
        for (std::size_t i = 0; i < question.waits.size(); ++i) {
            port::ExplainedReplica& replica = question.explanation.replicas[i];
            if (replica.node != from || !question.waits[i]) continue;
            question.waits[i] = false;
            replica.epoch = answer.epoch;
            replica.said = answer.entry.empty() ? Said::nothing : Said::entry;
            replica.owes = answer.owes;
            question.entries[i].assign(answer.entry);
            if (answer.fault.none()) continue;
            replica.said = Said::failed;
            replica.error = answer.fault.error();
        }
    }
}

void Explaining::lost(const port::Turn& turn, NodeId peer) {
    if (questions_.empty()) return;
    for (Question& question : questions_) {
        for (std::size_t i = 0; i < question.waits.size(); ++i) {
            if (question.explanation.replicas[i].node != peer || !question.waits[i]) continue;
            question.waits[i] = false;
            question.explanation.replicas[i].said = Said::unreachable;
        }
    }
    end(turn);
}

void Explaining::pump(const port::Turn& turn) {
    if (!questions_.empty()) end(turn);
}

Instant Explaining::due() const {
    Instant due = port::never;
    for (const Question& question : questions_) due = std::min(due, question.deadline);
    return due;
}

void Explaining::close(const port::Turn& turn) {
    closed_ = true;
    for (const Question& question : questions_)
        turn_down(turn, question.ticket, fail(Code::closed, "this node is stopping; ask another"));
    questions_.clear();
}

/// Answers the questions that nobody is waited for any more.
void Explaining::end(const port::Turn& turn) {
    for (auto at = questions_.begin(); at != questions_.end();) {
        const bool waits = std::find(at->waits.begin(), at->waits.end(), true) != at->waits.end();
        if (waits && turn.now.steady < at->deadline) {
            ++at;
            continue;
        }
        conclude(turn, *at);
        at = questions_.erase(at);
    }
}

void Explaining::conclude(const port::Turn& turn, Question& question) {
    const ServedTable* table = catalogue_.find(question.explanation.table);
    if (table == nullptr) return turn_down(turn, question.ticket, fail(Code::not_found, "the table was dropped meanwhile"));
    // What was said to a node that is down was said to nobody.
    for (port::ExplainedReplica& replica : question.explanation.replicas) {
        replica.state = health_.state(replica.node);
        if (replica.said == Said::silent && replica.state == PeerState::down) replica.said = Said::unreachable;
    }
    compare(*table->resolver.resolver, turn.now.wall, question);
    turn.effects.key_explained(question.ticket, question.explanation);
}

void Explaining::compare(const ConflictResolver& resolver, WallTime now, Question& question) {
    port::Explanation& out = question.explanation;
    Bytes joined;
    for (std::size_t i = 0; i < out.replicas.size(); ++i) {
        port::ExplainedReplica& replica = out.replicas[i];
        if (replica.said != Said::entry) continue;
        auto opened = open(resolver, question.entries[i], now);
        Result<Bytes> both = joined.empty() ? Result<Bytes>(question.entries[i]) : resolver.join(joined, question.entries[i]);
        if (!opened || !both) {
            replica.said = Said::failed;
            replica.error = !opened ? opened.error() : both.error();
            continue;
        }
        replica.entry = std::move(*opened);
        joined = std::move(*both);
    }
    if (joined.empty()) return;
    if (auto opened = open(resolver, joined, now)) out.joined = std::move(*opened);
    for (port::ExplainedReplica& replica : out.replicas) {
        if (replica.said != Said::entry && replica.said != Said::nothing) continue;
        replica.lacks = missing_in(replica.entry, out.joined);
        replica.outdated = missing_in(out.joined, replica.entry);
        replica.repaired = replica.owner && replica.entry.hash != out.joined.hash;
    }
}

Result<port::ExplainedEntry> Explaining::open(const ConflictResolver& resolver, View entry, WallTime now) const {
    Reading reading;
    if (auto opened = resolver.read(entry, now, reading); !opened) return opened.error();
    port::ExplainedEntry out;
    out.bytes = entry.size();
    out.hash = kit::hash64(entry);
    out.truncated = reading.truncated;
    out.context = std::move(reading.context);
    for (const Version& version : reading.versions) {
        port::ExplainedVersion& made = out.versions.emplace_back();
        made.kind = version.kind;
        made.dot = version.dot;
        if (const wire::RosterEntry* writer = members_.entry(version.dot.actor.node)) made.writer = writer->name;
        made.wall = version.wall;
        made.expires = version.expires;
        made.bytes = version.value.size();
        if (version.kind == VersionKind::value) made.hash = kit::hash64(version.value);
        made.request = version.request;
    }
    return out;
}

void Explaining::serve(const port::Turn& turn, NodeId from, const wire::ExplainAsk& ask) {
    wire::ExplainAnswer refusal;
    refusal.ref = ask.ref;
    refusal.epoch = catalogue_.ring()->epoch;
    Error error;
    if (closed_) error = fail(Code::closed, "this node is stopping");
    if (catalogue_.find(ask.key.table) == nullptr) error = fail(Code::not_found, "there is no such table in its epoch");
    if (serving_ >= serving_max) error = fail(Code::overloaded, kit::text(serving_, " keys are being looked at"));
    if (!error.detail.empty()) {
        refusal.fault = wire::Fault::of(error);
        return say(turn, from, refusal);
    }
    ++serving_;
    auto work = std::make_unique<KeyLook>(engine_.snapshot(), ask.key, ask.owners);
    KeyLook* look = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, look, from, ref = ask.ref, until = turn.now.steady + ask.left](const port::Turn& later,
                                                                                       const Result<void>& outcome) {
                     --serving_;
                     if (until < later.now.steady) return;
                     wire::ExplainAnswer answer;
                     answer.ref = ref;
                     if (!outcome) answer.fault = wire::Fault::of(outcome.error());
                     answer.epoch = catalogue_.ring()->epoch;
                     answer.entry = look->entry;
                     answer.owes = look->owes;
                     say(later, from, answer);
                 });
}

void Explaining::say(const port::Turn& turn, NodeId to, const wire::Message& message) {
    (void)turn.effects.send(members_.peer(to, port::Road::link), port::Road::link, message);
}

}  // namespace ashlar::request
