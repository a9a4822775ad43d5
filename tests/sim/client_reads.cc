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
    pick_level(order);
    std::uint32_t owners = town_.owners_in(order.consistency, order.strict);
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
    pick_level(order);
    std::uint32_t owners = town_.owners_in(order.consistency, order.strict);
    send(spot, std::move(order), [this, spot, asked, owners, invoked = town_.agenda.now()](const OwnedAnswer& answer) {
        rest();
        if (answer.kind != OwnedAnswer::Kind::reply || !still_there(spot)) return;
        if (answer.items.size() != asked) town_.complain("a multi_get was not answered item by item");
        for (const OwnedAnswer::One& item : answer.items) {
            if (!item.error) town_.show(spot.prefix + item.key, item.values, invoked, owners);
        }
    });
}

void Client::scan_page(const Spot& spot, Bytes page, bool reverse, std::shared_ptr<std::map<Bytes, int>> met) {
    OwnedOrder order;
    order.call = port::Call::scan;
    order.page = std::move(page);
    order.has_page = !order.page.empty();
    order.reverse = reverse;
    order.limit = static_cast<std::uint32_t>(random_.below(20));
    pick_level(order);
    // What a page of a cluster's scan shows may be stale.
    std::uint32_t owners = town_.storm == nullptr ? 1 : 0;
    send(spot, std::move(order),
         [this, spot, reverse, met, owners, invoked = town_.agenda.now()](const OwnedAnswer& answer) {
             if (answer.kind != OwnedAnswer::Kind::reply || !still_there(spot)) return rest();
             for (const OwnedAnswer::One& item : answer.items) {
                 town_.show(spot.prefix + item.key, item.values, invoked, owners);
                 if (item.values.empty()) town_.complain("a scan shows a key without a value");
                 if (++(*met)[item.key] > 1) town_.complain("a scan shows a key twice");
             }
             if (!answer.has_page || town_.closed) return rest();
             scan_page(spot, answer.page, reverse, met);
         });
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
    pick_machine().send(
        [&] {
            order.table = spot.table;
            return order;
        }(),
        [this](const OwnedAnswer& answer) {
            rest();
            if (answer.kind == OwnedAnswer::Kind::reply) town_.complain("a bad order was carried out");
        });
}

}  // namespace ashlar::sim
