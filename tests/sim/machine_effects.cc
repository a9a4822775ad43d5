// Machine: orders in, answers out, and the lanes.
#include "machine.h"

namespace ashlar::sim {
namespace {

port::Item view_of(const OwnedItem& item) {
    return port::Item{item.key, item.value, item.context, item.has_context, item.overwrite, item.has_ttl, item.ttl};
}

OwnedAnswer::One own(const port::ReplyItem& item) {
    OwnedAnswer::One out;
    out.key = Bytes(item.key);
    for (const port::ReplyVersion& version : item.values) out.values.emplace_back(version.value);
    out.context = Bytes(item.context);
    if (item.refusal != nullptr) out.error = item.refusal->error;
    out.achieved = item.achieved;
    return out;
}

/// An order that is not answered so long after its deadline never will be.
constexpr Duration answer_slack = seconds(2);
constexpr Duration admin_max = seconds(10);

}  // namespace

void Machine::send(OwnedOrder owned, Answered answered) {
    agenda_.in(delay(milliseconds(1)),
               [this, owned = std::move(owned), answered = std::move(answered)] { take(owned, answered); });
}

void Machine::take(const OwnedOrder& owned, const Answered& answered) {
    if (agenda_.now() < paused_until_) {
        // Its bytes wait until they are read, or go with the process.
        agenda_.at(paused_until_, [this, owned, answered, life = life_] {
            if (life == life_) return take(owned, answered);
            OwnedAnswer lost;
            lost.kind = OwnedAnswer::Kind::lost;
            answered(lost);
        });
        return;
    }
    if (!up() || when_stopped_) {
        OwnedAnswer nobody;
        nobody.kind = OwnedAnswer::Kind::unreached;
        agenda_.in(milliseconds(1), [answered, nobody] { answered(nobody); });
        return;
    }
    std::vector<port::Item> items;
    for (const OwnedItem& item : owned.items) items.push_back(view_of(item));
    port::Order order;
    order.call = owned.call;
    order.ticket = port::Ticket{++tickets_};
    order.table = owned.table;
    order.item = view_of(owned.item);
    order.items = items;
    order.sync = owned.sync;
    order.consistency = owned.consistency;
    order.strict = owned.strict;
    if (recipe_.sabotage != Sabotage::forget_requests) order.request = owned.request;
    order.deadline = steady() + owned.timeout;
    order.page = owned.page;
    order.has_page = owned.has_page;
    order.limit = owned.limit;
    order.reverse = owned.reverse;
    order.keys_only = owned.keys_only;
    port::Ticket ticket = order.ticket;
    open_[ticket] = Open{answered, false};
    expect_answer(ticket, agenda_.now() + owned.timeout + answer_slack);
    trace_.note(agenda_.now(), seat_.name, " order ", ticket.value, " call ", static_cast<int>(order.call));
    step(&order);
}

void Machine::expect_answer(port::Ticket ticket, Instant by) {
    agenda_.at(by, [this, ticket] {
        if (open_.count(ticket) == 0) return;
        // A node that ends tells its operators nothing more of what is put to the vote: their connections end with it.
        if (when_stopped_ && open_[ticket].administers) return expect_answer(ticket, agenda_.now() + answer_slack);
        if (agenda_.now() < paused_until_ + answer_slack) return expect_answer(ticket, paused_until_ + answer_slack);
        reports_.complain("an order was never answered");
    });
}

void Machine::administer(port::AdminOrder order, Answered answered) {
    if (!up()) return;
    order.ticket = port::Ticket{++tickets_};
    open_[order.ticket] = Open{std::move(answered), true};
    expect_answer(order.ticket, agenda_.now() + admin_max + answer_slack);
    trace_.note(agenda_.now(), seat_.name, " administers ", order.ticket.value, " call ", static_cast<int>(order.call),
                " ", order.table.name);
    step(&order);
}

void Machine::answer(port::Ticket ticket, OwnedAnswer given) {
    auto at = open_.find(ticket);
    if (at == open_.end()) return reports_.complain("an order was answered twice, or nobody's was");
    trace_.note(agenda_.now(), seat_.name, " answer ", ticket.value, " kind ", static_cast<int>(given.kind), " values ",
                given.item.values.size(), " items ", given.items.size(), " ",
                given.kind == OwnedAnswer::Kind::refusal ? View(given.refusal.error.detail) : View());
    // Bytes that left the process arrive, crash or not.
    agenda_.in(delay(milliseconds(1)),
               [answered = std::move(at->second.answered), given = std::move(given)] { answered(given); });
    open_.erase(at);
}

void Machine::reply(port::Ticket ticket, const port::Reply& reply) {
    OwnedAnswer out;
    out.item = own(reply.item);
    for (const port::ReplyItem& item : reply.items) out.items.push_back(own(item));
    out.found = reply.found;
    out.stored = reply.stored;
    out.page = Bytes(reply.page);
    out.has_page = reply.has_page;
    answer(ticket, std::move(out));
}

void Machine::refuse(port::Ticket ticket, const port::Refusal& refusal) {
    OwnedAnswer out;
    out.kind = OwnedAnswer::Kind::refusal;
    out.refusal = refusal;
    answer(ticket, std::move(out));
}

void Machine::table_done(port::Ticket ticket, const port::Table& table) {
    OwnedAnswer out;
    out.table = table;
    answer(ticket, std::move(out));
}

void Machine::errand_begun(port::Ticket ticket, std::uint64_t) {
    answer(ticket, OwnedAnswer{});
}

void Machine::run(port::Lane lane, port::WorkId id, Work& work) {
    lanes_[lane].queue.push_back(Waiting{id, &work});
    start_lane(lane);
}

void Machine::start_lane(port::Lane lane) {
    Lane& state = lanes_[lane];
    if (state.queue.empty() || (state.busy && lane != port::Lane::read)) return;
    Waiting next = state.queue.front();
    state.queue.pop_front();
    state.busy = true;
    later(delay(swarm_.lane_delay_max), [this, lane, next] { carry_out(lane, next); });
}

void Machine::carry_out(port::Lane lane, Waiting waiting) {
    waiting.work->run();
    if (disk_->powerless()) {
        crash(Loss::lottery);
        return;
    }
    // Done, but the loop learns of it later: what happens in between meets a work whose effect is there unnoticed.
    later(delay(swarm_.lane_delay_max), [this, lane, waiting] {
        lanes_[lane].busy = false;
        start_lane(lane);
        trace_.note(agenda_.now(), seat_.name, " work done, lane ", static_cast<int>(lane));
        step(port::WorkDone{waiting.id});
    });
}

}  // namespace ashlar::sim
