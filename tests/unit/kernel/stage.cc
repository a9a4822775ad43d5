#include "stage.h"

#include "ashlar/plugin.h"
#include "wire/codec.h"

#include <cstdlib>

namespace ashlar::test {
namespace {

Answer::One one_of(const port::ReplyItem& item) {
    Answer::One out;
    out.key = Bytes(item.key);
    for (const port::ReplyVersion& version : item.values) out.values.emplace_back(version.value);
    out.versions.assign(item.values.begin(), item.values.end());
    out.context = Bytes(item.context);
    out.achieved = item.achieved;
    if (item.refusal != nullptr) {
        out.error = item.refusal->error;
        out.retry_safe = item.refusal->retry_safe;
        out.retry_after = item.refusal->retry_after;
    }
    return out;
}

node::Identity identity(const std::string& resolver) {
    node::Identity wanted;
    wanted.name = "stage";
    wanted.partitioner = "eight_claims";
    wanted.engine = "memory";
    wanted.default_resolver = resolver;
    wanted.resolvers = {resolver};
    return wanted;
}

std::unique_ptr<ConflictResolver> make_resolver(const std::string& name) {
    if (name == "crdt") return std::make_unique<crdt::Crdt>(1 << 20);
    if (name == "last_write_wins") return std::make_unique<last_write_wins::LastWriteWins>();
    return std::make_unique<dotted_version_vector::DottedVersionVector>();
}

std::unique_ptr<Replicator> make_replicator(const std::optional<Casting>& casting) {
    if (casting) {
        const std::vector<Member>& members = casting->agreed.ring.members;
        if (!members.empty() && members.front().datacentre != members.back().datacentre)
            return std::make_unique<datacentre_aware::DatacentreAware>();
    }
    return std::make_unique<FirstMembers>();
}

}  // namespace

Stage::Stage(port::Limits limits, std::optional<Casting> casting)
    : replicator(make_replicator(casting)),
      resolver(make_resolver(casting ? casting->resolver : "dotted_version_vector")),
      limits_(limits),
      casting_(std::move(casting)) {
    joiner = std::make_unique<node::TagJoiner>(
        std::map<std::string, ConflictResolver*>{{resolver_name(), resolver.get()}});
    host = std::make_unique<sim::PlainHost>(disk, *joiner);
    engine = std::make_unique<ScriptedEngine>(std::move(*memory::make(*host, defaults(memory::settings))));
    restart();
}

void Stage::restart() {
    node.reset();
    works.clear();
    answers_.clear();
    said.clear();
    is_stopped = false;
    woken_at = port::never;
    ledger = std::move(*ledger::Ledger::open(disk));
    node::Identity wanted = identity(resolver_name());
    if (casting_) wanted.expect = 2;
    if (!node::prepare(*ledger, wanted, host->random(), partitioner)) std::abort();
    if (!node::begin_life(*ledger)) std::abort();
    if (casting_ && ledger->state().node != casting_->self) {
        ledger::State state = ledger->state();
        state.node = casting_->self;
        state.agreed = casting_->agreed;
        if (!ledger->store_now(state)) std::abort();
    }
    node::Parts parts;
    parts.partitioner = &partitioner;
    parts.replicator = replicator.get();
    parts.detector = &detector;
    parts.resolvers[resolver_name()] = resolver.get();
    parts.resolver_capabilities[resolver_name()] =
        resolver_name() == "last_write_wins" ? std::uint64_t{merges_blind_writes} : 0;
    parts.engine = engine.get();
    parts.engine_name = "memory";
    parts.default_resolver = resolver_name();
    parts.ledger = ledger.get();
    parts.log = &host->log();
    parts.meter = &host->meter();
    parts.random = &host->random();
    parts.limits = limits_;
    parts.identity = identity(resolver_name());
    if (casting_) {
        std::string name = std::to_string(casting_->self.value);
        parts.self.name = casting_->name.empty() ? "node " + name : casting_->name;
        parts.self.datacentre = "dc1";
        parts.self.rack = "rack1";
        parts.identity.expect = 2;  // it makes no ring of its own
        parts.accord.take_home_after = seconds(3);
        parts.self.link_at = parts.self.background_at = name;
        parts.cluster.seeds = {"1"};
    }
    node = std::make_unique<node::Node>(parts);
}

void Stage::step(const port::Event& event) {
    if (std::holds_alternative<port::Woken>(event)) woken_at = port::never;
    node->step(now, event, *this);
}

port::Ticket Stage::send(port::Order order) {
    order.ticket = port::Ticket{++tickets_};
    if (order.table.empty()) order.table = "default";
    if (order.deadline == Instant{}) order.deadline = now.steady + seconds(5);
    step(&order);
    return order.ticket;
}

bool Stage::run_one(port::Lane lane) {
    for (auto at = works.begin(); at != works.end(); ++at) {
        if (at->lane != lane) continue;
        Waiting waiting = *at;
        works.erase(at);
        waiting.work->run();
        step(port::WorkDone{waiting.id});
        return true;
    }
    return false;
}

void Stage::settle() {
    for (;;) {
        step(port::TurnEnded{});
        if (works.empty()) return;
        Waiting waiting = works.front();
        works.pop_front();
        waiting.work->run();
        step(port::WorkDone{waiting.id});
    }
}

std::optional<Answer> Stage::take(port::Ticket ticket) {
    auto at = answers_.find(ticket);
    if (at == answers_.end()) return std::nullopt;
    Answer answer = std::move(at->second);
    answers_.erase(at);
    return answer;
}

Answer Stage::call(port::Order order) {
    port::Ticket ticket = send(order);
    settle();
    auto answer = take(ticket);
    if (!answer) std::abort();
    return *answer;
}

port::Ticket Stage::ask(port::AdminOrder order) {
    order.ticket = port::Ticket{++tickets_};
    step(&order);
    return order.ticket;
}

Answer Stage::administer(port::AdminOrder order) {
    port::Ticket ticket = ask(order);
    settle();
    auto answer = take(ticket);
    if (!answer) std::abort();
    return *answer;
}

port::Order Stage::order_of(port::Call call, View key, View value, View context) {
    port::Order order;
    order.call = call;
    order.item.key = key;
    order.item.value = value;
    order.item.context = context;
    order.item.has_context = !context.empty();
    return order;
}
port::Order Stage::put_order(View key, View value) {
    return order_of(port::Call::put, key, value);
}

Answer Stage::get(View key) {
    return call(order_of(port::Call::get, key));
}
Answer Stage::exists(View key) {
    return call(order_of(port::Call::exists, key));
}
Answer Stage::put(View key, View value, View context, bool overwrite) {
    port::Order order = order_of(port::Call::put, key, value, context);
    order.item.overwrite = overwrite;
    return call(order);
}
Answer Stage::remove(View key, View context) {
    return call(order_of(port::Call::remove, key, {}, context));
}
Answer Stage::put_if(View key, View value, View expected) {
    return call(order_of(port::Call::put_if, key, value, expected));
}

bool Stage::send(const port::Peer& to, port::Road road, const wire::Message& message) {
    if (!casting_) return false;
    Said one{to.address.empty() ? std::to_string(to.node.value) : std::string(to.address), road, {}};
    wire::encode(message, one.message);
    said.push_back(std::move(one));
    return true;
}

void Stage::reply(port::Ticket ticket, const port::Reply& reply) {
    Answer& answer = answers_[ticket];
    answer.item = one_of(reply.item);
    for (const port::ReplyItem& item : reply.items) answer.items.push_back(one_of(item));
    answer.found = reply.found;
    answer.stored = reply.stored;
    answer.page = Bytes(reply.page);
    answer.has_page = reply.has_page;
}

}  // namespace ashlar::test
