// Client: orders that only look, and orders that must be refused.
#include "client.h"
#include "kit/text.h"

namespace ashlar::sim {

void Client::read(port::Call call) {
    Spot spot = pick_spot();
    Bytes key = pick_key();
    OwnedOrder order;
    order.call = call;
    order.item.key = key;
    pick_level(spot, order);
    Reach owners = owners_read(spot, order.consistency, order.strict);
    send(spot, std::move(order),
         [this, spot, key, call, owners, invoked = town_.agenda.now()](const OwnedAnswer& answer) {
             rest();
             if (answer.kind != OwnedAnswer::Kind::reply || !still_there(spot)) return;
             std::string place = spot.prefix + key;
             if (call == port::Call::exists && answer.found) return;
             town_.show(place, answer.item.values, invoked, owners);
             if (call == port::Call::exists) return;
             Seen& seen = seen_[place];
             seen.context = answer.item.context;
             seen.sees.clear();
             for (const Bytes& value : answer.item.values) {
                 if (WriteNumber number = town_.model.number_of(value)) seen.sees.push_back(number);
             }
         });
}

void Client::multi_get() {
    Spot spot = pick_spot();
    OwnedOrder order;
    order.call = port::Call::multi_get;
    for (std::uint64_t i = random_.below(6); i > 0; --i)
        order.items.push_back(OwnedItem{pick_key(), {}, {}, false, false, false, {}});
    std::size_t asked = order.items.size();
    pick_level(spot, order);
    Reach owners = owners_read(spot, order.consistency, order.strict);
    send(spot, std::move(order), [this, spot, asked, owners, invoked = town_.agenda.now()](const OwnedAnswer& answer) {
        rest();
        if (answer.kind != OwnedAnswer::Kind::reply || !still_there(spot)) return;
        if (answer.items.size() != asked) town_.complain("a multi_get was not answered item by item");
        for (const OwnedAnswer::One& item : answer.items) {
            if (!item.error) town_.show(spot.prefix + item.key, item.values, invoked, owners);
        }
    });
}

void Client::scan() {
    auto sweep = std::make_shared<Sweep>();
    sweep->order.call = port::Call::scan;
    sweep->order.reverse = random_.one_in(2);
    sweep->spot = pick_spot();
    sweep->begun = town_.agenda.now();
    pick_level(sweep->spot, sweep->order);
    scan_page(sweep);
}

void Client::scan_page(std::shared_ptr<Sweep> sweep) {
    sweep->order.limit = static_cast<std::uint32_t>(random_.below(20));
    send(sweep->spot, sweep->order, [this, sweep, invoked = town_.agenda.now()](const OwnedAnswer& answer) {
        if (answer.kind != OwnedAnswer::Kind::reply || !still_there(sweep->spot)) return rest();
        Reach owners = owners_read(sweep->spot, sweep->order.consistency, sweep->order.strict);
        for (const OwnedAnswer::One& item : answer.items) {
            town_.show(sweep->spot.prefix + item.key, item.values, invoked, owners);
            if (item.values.empty()) town_.complain("a scan shows a key without a value");
            if (++sweep->met[item.key] > 1) town_.complain("a scan shows a key twice");
            bool in_order =
                sweep->last.empty() || (sweep->order.reverse ? item.key < sweep->last : sweep->last < item.key);
            if (town_.storm != nullptr && town_.storm->ordered && !in_order) town_.complain("a scan goes out of order");
            sweep->last = item.key;
        }
        if (!answer.has_page) finish_scan(*sweep);
        if (!answer.has_page || town_.closed) return rest();
        sweep->order.page = answer.page;
        sweep->order.has_page = true;
        scan_page(sweep);
    });
}

/// What a scan has not shown it says to be absent, from its first page to its last.
void Client::finish_scan(const Sweep& sweep) {
    Reach owners = owners_read(sweep.spot, sweep.order.consistency, sweep.order.strict);
    for (const std::string& place : town_.model.places(sweep.spot.prefix)) {
        if (sweep.met.count(place.substr(sweep.spot.prefix.size())) == 0) town_.show(place, {}, sweep.begun, owners);
    }
}

void Client::bad_order() {
    OwnedOrder order;
    order.call = random_.one_in(2) ? port::Call::put : port::Call::get;
    order.item.key = pick_key();
    Spot spot;
    switch (random_.below(5)) {
        case 0:
            order.item.key.clear();
            break;
        case 1:
            order.item.key.assign(town_.swarm.limits.entry_bytes + 1, 'x');
            break;
        case 2:
            spot.table = "no-such-table";
            break;
        case 3:
            order.call = port::Call::put;
            order.item.context = kit::text("nonsense ", random_.next());
            order.item.has_context = true;
            break;
        default:
            order.call = port::Call::scan;
            order.page = kit::text("no page of ours ", random_.next());
            order.has_page = true;
    }
    order.table = spot.table;
    Machine& machine = pick_machine(spot, order);
    machine.send(std::move(order), [this](const OwnedAnswer& answer) {
        rest();
        if (answer.kind == OwnedAnswer::Kind::reply) town_.complain("a bad order was carried out");
    });
}

}  // namespace ashlar::sim
