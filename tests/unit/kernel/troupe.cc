#include "troupe.h"

#include <iterator>

namespace ashlar::test {
namespace {

constexpr Duration step = milliseconds(10);

ledger::Agreed agreed_on(const Cast& cast) {
    ledger::Agreed agreed;
    std::vector<Member> members;
    for (std::uint32_t i = 0; i < cast.nodes * cast.datacentres; ++i)
        members.push_back(Member{NodeId{i + 1}, "dc" + std::to_string(i / cast.nodes + 1), "rack1", 1});
    PlanRequest request;
    request.members = members;
    agreed.ring = *EightClaims().plan(request);
    port::Table table;
    table.id = TableId{1};
    table.name = "default";
    table.replication.replicas = cast.replicas;
    table.resolver = cast.resolver;
    table.engine = "memory";
    table.read = table.write = Consistency{Level::quorum, 0};
    agreed.tables.push_back(table);
    agreed.last_table = 1;
    return agreed;
}

}  // namespace

Troupe::Troupe(const Cast& cast) : cast_(cast) {
    ledger::Agreed agreed = agreed_on(cast);
    for (const Member& member : agreed.ring.members)
        stages_.push_back(std::make_unique<Stage>(cast.limits, Casting{member.node, agreed, cast.resolver}));
    run(seconds(5));
}

std::uint32_t Troupe::come_home_empty(std::uint32_t node) {
    lose({node});
    const auto number = static_cast<std::uint32_t>(stages_.size() + 1);
    Casting casting{NodeId{number}, {}, cast_.resolver, "node " + std::to_string(node)};
    stages_.push_back(std::make_unique<Stage>(cast_.limits, casting));
    at(number).now = at(1).now;
    at(number).detector.told[NodeId{node}] = PeerState::down;
    cut(node, number);
    for (int i = 0; i < 30 && at(number).node->ring().member(NodeId{number}) == nullptr; ++i) run(seconds(1));
    return number;
}

void Troupe::carry(std::uint32_t from) {
    Stage& stage = at(from);
    while (!stage.said.empty()) {
        Stage::Said said = std::move(stage.said.front());
        stage.said.pop_front();
        auto to = static_cast<std::uint32_t>(std::stoul(said.to));
        if (!is_cut(from, to)) letters_.push_back(Letter{from, to, said.road, std::move(said.message)});
    }
}

void Troupe::settle() {
    for (bool more = true; more;) {
        more = false;
        for (std::uint32_t i = 1; i <= stages_.size(); ++i) {
            at(i).settle();
            carry(i);
        }
        while (!letters_.empty()) {
            more = true;
            Letter letter = std::move(letters_.front());
            letters_.pop_front();
            wire::Message message;
            if (!wire::decode(letter.message, message)) std::abort();
            if (held_back_.contains(wire::name_of(message))) {
                on_the_way_.push_back(std::move(letter));
                continue;
            }
            ++said_[wire::name_of(message)];
            const bool repair = message.index() >= wire::Message(wire::SumAsk{}).index();
            if (repair) repair_bytes_ += letter.message.size();
            Stage& stage = at(letter.to);
            stage.step(port::Heard{wire::Sender{NodeId{letter.from}, at(letter.from).ledger->state().life()}, letter.road, &message});
            carry(letter.to);
        }
    }
}

void Troupe::run(Duration time) {
    for (Duration passed{0}; passed < time; passed = passed + step) {
        settle();
        for (auto& stage : stages_) {
            stage->pass(step);
            if (stage->woken_at <= stage->now.steady) stage->step(port::Woken{});
        }
    }
    settle();
}

Answer Troupe::call(std::uint32_t node, port::Order order) {
    port::Ticket ticket = at(node).send(order);
    for (int i = 0; i < 1000; ++i) {
        settle();
        if (auto answer = at(node).take(ticket)) return *answer;
        run(step);
    }
    std::abort();
}

port::Explanation Troupe::explain(std::uint32_t node, View key, Duration patience) {
    port::AdminOrder order;
    order.call = port::AdminOrder::Call::explain_key;
    order.table.name = "default";
    order.key = key;
    order.deadline = at(node).now.steady + patience;
    port::Ticket ticket = at(node).ask(order);
    for (int i = 0; i < 1000; ++i) {
        settle();
        if (auto answer = at(node).take(ticket)) return answer->explanation.value();
        run(step);
    }
    std::abort();
}

Answer Troupe::put(std::uint32_t node, View key, View value, Consistency consistency) {
    port::Order order = Stage::put_order(key, value);
    order.consistency = consistency;
    return call(node, order);
}

Answer Troupe::get(std::uint32_t node, View key, Consistency consistency) {
    port::Order order = Stage::order_of(port::Call::get, key);
    order.consistency = consistency;
    return call(node, order);
}

void Troupe::cut(std::uint32_t a, std::uint32_t b, bool is_cut) {
    std::pair<std::uint32_t, std::uint32_t> way{std::min(a, b), std::max(a, b)};
    if (!is_cut) {
        cuts_.erase(way);
        return;
    }
    cuts_.insert(way);
    at(a).step(port::LinkLost{NodeId{b}});
    at(b).step(port::LinkLost{NodeId{a}});
}

void Troupe::isolate(std::uint32_t node, bool is_cut) {
    for (std::uint32_t other = 1; other <= stages_.size(); ++other)
        if (other != node) cut(node, other, is_cut);
}

void Troupe::let_go() {
    held_back_.clear();
    letters_.insert(letters_.begin(), std::make_move_iterator(on_the_way_.begin()),
                    std::make_move_iterator(on_the_way_.end()));
    on_the_way_.clear();
}

void Troupe::tell(std::uint32_t node, PeerState state) {
    for (auto& stage : stages_) stage->detector.told[NodeId{node}] = state;
}

void Troupe::lose(std::initializer_list<std::uint32_t> nodes) {
    for (std::uint32_t node : nodes) {
        isolate(node);
        tell(node, PeerState::down);
    }
    run(seconds(4));
}

void Troupe::bring_back(std::uint32_t node) {
    isolate(node, false);
    tell(node, PeerState::alive);
    run(seconds(8));
}

std::uint64_t Troupe::said(const std::string& name) const {
    auto at = said_.find(name);
    return at == said_.end() ? 0 : at->second;
}

std::string held(Troupe& troupe, std::uint32_t node, View key) {
    port::Order order = Stage::order_of(port::Call::get, key);
    order.consistency = one;
    order.strict = true;
    return troupe.call(node, order).value();
}

std::uint64_t owed(Troupe& troupe, std::uint32_t by, std::uint32_t to) {
    auto hints = troupe.at(by).node->facts().hints;
    auto at = hints.find(NodeId{to});
    return at == hints.end() ? 0 : at->second.entries;
}

}  // namespace ashlar::test
