#include "client.h"

#include "kit/text.h"

namespace ashlar::sim {

void Town::show(const std::string& place, const std::vector<Bytes>& values, Instant invoked) {
    Instant now = agenda.now();
    std::string numbers;
    for (const Bytes& value : values) numbers += kit::text(" ", model.number_of(value));
    trace.note(now, "shown ", place, " since ", invoked.us, ":", numbers);
    // A compaction may have met the clock at its highest, long before this read.
    model.check(Shown{place, values, invoked, now, walls.low(invoked, now), walls.high(Instant{0}, now)});
}

void Client::live() {
    rest();
}

void Client::rest() {
    auto most = static_cast<std::uint64_t>(town_.swarm.think.us) * 2;
    town_.agenda.in(Duration{static_cast<std::int64_t>(random_.below(most))}, [this] { act(); });
}

void Client::act() {
    if (town_.closed) return;
    if (!town_.machine.up()) return rest();
    ++town_.acted;
    const Swarm& swarm = town_.swarm;
    if (random_.below(1'000'000) < swarm.bad_order) return bad_order();
    std::uint64_t all = swarm.get + swarm.put_blind + swarm.put_context + swarm.put_overwrite + swarm.remove +
                        swarm.put_if + swarm.multi + swarm.scan + swarm.exists;
    std::uint64_t draw = random_.below(all);
    auto falls_on = [&draw](std::uint64_t weight) {
        if (draw < weight) return true;
        draw -= weight;
        return false;
    };
    if (falls_on(swarm.get)) return read(port::Call::get);
    if (falls_on(swarm.put_blind)) return write(port::Call::put, false, false);
    if (falls_on(swarm.put_context)) return write(port::Call::put, true, false);
    if (falls_on(swarm.put_overwrite)) return write(port::Call::put, false, true);
    if (falls_on(swarm.remove)) return write(port::Call::remove, random_.one_in(2), false);
    if (falls_on(swarm.put_if)) return write(port::Call::put_if, true, false);
    if (falls_on(swarm.multi)) return random_.one_in(2) ? multi_get() : multi_put();
    if (falls_on(swarm.scan)) {
        // Two draws in one call would come in the order the compiler likes.
        bool reverse = random_.one_in(2);
        return scan_page(pick_spot(), {}, reverse, std::make_shared<std::map<Bytes, int>>());
    }
    read(port::Call::exists);
}

Client::Spot Client::pick_spot() {
    Spot spot;
    if (town_.watch.state == TableWatch::State::live && random_.one_in(3)) {
        spot.table = TableWatch::name;
        spot.prefix = town_.watch.prefix();
        spot.life = town_.watch.life;
    }
    return spot;
}

Bytes Client::pick_key() {
    // Half of the orders meet on a tenth of the keys.
    std::uint64_t keys = town_.swarm.keys;
    std::uint64_t number = random_.one_in(2) ? random_.below(keys / 10 + 1) : random_.below(keys);
    return kit::text("key-", number);
}

bool Client::still_there(const Spot& spot) const {
    if (!spot.extra()) return true;
    return town_.watch.state == TableWatch::State::live && town_.watch.life == spot.life;
}

void Client::send(const Spot& spot, OwnedOrder order, Answered answered) {
    order.table = spot.table;
    order.timeout = pick_timeout();
    if (!spot.extra()) return town_.machine.send(std::move(order), std::move(answered));
    ++town_.watch.in_flight;
    town_.machine.send(std::move(order), [this, answered = std::move(answered)](const OwnedAnswer& answer) {
        --town_.watch.in_flight;
        answered(answer);
    });
}

Sync Client::pick_sync() {
    const Swarm& swarm = town_.swarm;
    std::uint64_t draw = random_.below(swarm.sync_always + swarm.sync_interval + swarm.sync_never);
    if (draw < swarm.sync_always) return random_.one_in(2) ? Sync::always : Sync::table_default;
    return draw < swarm.sync_always + swarm.sync_interval ? Sync::interval : Sync::never;
}

Duration Client::pick_timeout() {
    bool is_short = random_.below(1'000'000) < town_.swarm.short_deadline;
    return is_short ? microseconds(static_cast<std::int64_t>(random_.below(20'000))) : seconds(5);
}

}  // namespace ashlar::sim
