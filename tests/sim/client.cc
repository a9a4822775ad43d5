#include "client.h"

#include <algorithm>

#include "kit/text.h"
#include "merging.h"

namespace ashlar::sim {

bool Town::anybody_up() const {
    return std::any_of(machines.begin(), machines.end(), [](const Machine* machine) { return machine->up(); });
}

WallTime Town::wall_low(Instant from, Instant to) const {
    WallTime low = walls.front()->low(from, to);
    for (const Walls* wall : walls) low = std::min(low, wall->low(from, to));
    return low;
}

WallTime Town::wall_high(Instant from, Instant to) const {
    WallTime high = walls.front()->high(from, to);
    for (const Walls* wall : walls) high = std::max(high, wall->high(from, to));
    return high;
}

WallTime Town::dated_high(Instant from, Instant to) const {
    // A clock set back by more than the grace stands still until it has caught up (Exchange::stamps_from).
    WallTime told{wall_high(Instant{0}, to).us - swarm.limits.tombstone_grace.us};
    return std::max(wall_high(from, to), told);
}

namespace {

Reach local_reach(const Reach& all, std::size_t site, std::uint32_t count) {
    if (all.by_site.empty()) return Reach::any_of(count, all);
    Reach out = Reach::any_of(0, all);
    out.owners = out.by_site[site] = count;
    return out;
}

}  // namespace

Reach Town::owners_in(const Reach& all, const Consistency& consistency, bool strict, std::size_t site) const {
    if (storm == nullptr) return {};
    bool nobody_stands_in = storm->nodes <= all.owners;
    if (consistency.level == Level::any || (!strict && !nobody_stands_in)) return Reach::any_of(0, all);
    Reach out = Reach::any_of(0, all);
    switch (consistency.level) {
        case Level::one:
            return Reach::any_of(1, all);
        case Level::two:
            return Reach::any_of(2, all);
        case Level::three:
            return Reach::any_of(3, all);
        case Level::all:
            return all;
        case Level::count:
            return Reach::any_of(consistency.count, all);
        case Level::local_one:
            return local_reach(all, site, 1);
        case Level::local_quorum:
            return local_reach(all, site, all.by_site.empty() ? all.owners / 2 + 1 : all.by_site[site] / 2 + 1);
        case Level::each_quorum:
            for (std::size_t i = 0; i < all.by_site.size(); ++i) out.owners += out.by_site[i] = all.by_site[i] / 2 + 1;
            return out;
        default:
            return Reach::any_of(all.owners / 2 + 1, all);
    }
}

namespace {

bool merges(const std::string& place) {
    return View(place).substr(place.rfind('/') + 1).starts_with(merged_key);
}

}  // namespace

std::vector<Bytes> Town::open_merged(const std::string& place, const std::vector<Bytes>& values, std::uint64_t& count) {
    if (values.empty()) return {};
    if (values.size() > 1) complain(kit::text("a value that merges has siblings: key ", place));
    auto merged = read_merged(values.front());
    if (!merged) {
        complain(kit::text("key ", place, " holds what no operation made: ", View(values.front()).substr(0, 200)));
        return {};
    }
    count = merged->count;
    return std::move(merged->elements);
}

void Town::show(const std::string& place, std::vector<Bytes> values, Instant invoked, const Reach& owners) {
    Instant now = agenda.now();
    std::string numbers;
    std::uint64_t count = 0;
    const bool merged = merges(place);
    if (merged) values = open_merged(place, values, count);
    for (const Bytes& value : values) numbers += kit::text(" ", model.number_of(value));
    trace.note(now, "shown ", place, " since ", invoked.us, " by ", owners.owners, ":", numbers);
    // A compaction may have met the clock at its highest, long before this read.
    model.check(Shown{place, values, invoked, now, owners, wall_low(invoked, now), wall_high(Instant{0}, now)});
    if (merged) model.check_count(place, values, count);
}

Reach Client::owners_read(const Spot& spot, const Consistency& consistency, bool strict) const {
    return town_.owners_in(spot.terms.owners, consistency.level == Level::table_default ? spot.terms.read : consistency,
                           strict, town_.storm == nullptr ? 0 : town_.storm->site_of(home_));
}

Reach Client::owners_written(const Spot& spot, const Consistency& consistency, bool strict) const {
    return town_.owners_in(spot.terms.owners,
                           consistency.level == Level::table_default ? spot.terms.write : consistency, strict,
                           town_.storm == nullptr ? 0 : town_.storm->site_of(home_));
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
    if (!town_.anybody_up()) return rest();
    ++town_.acted;
    const Swarm& swarm = town_.swarm;
    if (random_.below(1'000'000) < swarm.bad_order) return bad_order();
    std::uint64_t all = swarm.get + swarm.put_blind + swarm.put_context + swarm.put_overwrite + swarm.remove +
                        swarm.put_if + swarm.multi + swarm.scan + swarm.exists + swarm.merge;
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
    if (falls_on(swarm.scan)) return scan();
    if (falls_on(swarm.exists)) return read(port::Call::exists);
    merge();
}

Client::Spot Client::pick_spot() {
    Spot spot;
    if (town_.storm != nullptr) spot.terms.owners = town_.storm->owners();
    if (town_.watch.state == TableWatch::State::live && random_.one_in(3)) {
        spot.table = town_.watch.name;
        spot.prefix = town_.watch.prefix();
        spot.life = town_.watch.life;
        spot.terms = town_.watch.terms;
    }
    return spot;
}

Bytes Client::pick_key() {
    // Half of the orders meet on a tenth of the keys.
    std::uint64_t keys = town_.swarm.keys;
    std::uint64_t number = random_.one_in(2) ? random_.below(keys / 10 + 1) : random_.below(keys);
    return town_.swarm.key(number);
}

bool Client::still_there(const Spot& spot) const {
    if (!spot.extra()) return true;
    return town_.watch.state == TableWatch::State::live && town_.watch.life == spot.life;
}

void Client::send(const Spot& spot, OwnedOrder order, Answered answered) {
    order.table = spot.table;
    order.timeout = pick_timeout();
    Machine& machine = pick_machine(spot, order);
    if (!spot.extra()) return machine.send(std::move(order), std::move(answered));
    ++town_.watch.in_flight;
    machine.send(std::move(order), [this, answered = std::move(answered)](const OwnedAnswer& answer) {
        --town_.watch.in_flight;
        answered(answer);
    });
}

/// A machine that is up, usually the same; for a level that means "here" one of the client's own data centre.
Machine& Client::pick_machine(const Spot& spot, const OwnedOrder& order) {
    const auto& machines = town_.machines;
    if (machines.size() == 1) return *machines.front();
    std::size_t place = random_.below(1'000'000) < town_.storm->elsewhere ? random_.below(machines.size()) : home_;
    auto local = [](Level level) { return level == Level::local_one || level == Level::local_quorum; };
    bool here = local(order.consistency.level);
    if (order.consistency.level == Level::table_default)
        here = local(spot.terms.read.level) || local(spot.terms.write.level);
    // What a write replaces is read at the table's level, whatever the order says of the write itself.
    const bool reads = order.item.overwrite || order.call == port::Call::remove ||
                       std::any_of(order.items.begin(), order.items.end(), [](const auto& i) { return i.overwrite; });
    if (reads) here = here || local(spot.terms.read.level);
    auto good = [&](std::size_t at) {
        return machines[at]->up() && (!here || town_.storm->site_of(at) == town_.storm->site_of(home_));
    };
    for (std::size_t i = 0; i < machines.size() && !good(place); ++i) place = (place + 1) % machines.size();
    return *machines[good(place) ? place : home_];
}

void Client::pick_level(const Spot& spot, OwnedOrder& order) {
    if (town_.storm == nullptr) return;
    const Storm& storm = *town_.storm;
    order.strict = random_.below(1'000'000) < storm.strict;
    std::uint32_t owners = spot.terms.owners.owners;
    bool writes = order.call == port::Call::put || order.call == port::Call::remove ||
                  order.call == port::Call::put_if || order.call == port::Call::multi_put;
    const std::pair<Level, std::uint64_t> levels[] = {{Level::table_default, storm.by_default},
                                                      {Level::one, storm.one},
                                                      {Level::two, owners < 2 ? 0 : storm.two},
                                                      {Level::three, owners < 3 ? 0 : storm.three},
                                                      {Level::quorum, storm.quorum},
                                                      {Level::all, storm.all},
                                                      {Level::any, writes ? storm.any : 0},
                                                      {Level::count, storm.count},
                                                      {Level::local_one, storm.local_one},
                                                      {Level::local_quorum, storm.local_quorum},
                                                      {Level::each_quorum, storm.each_quorum}};
    std::uint64_t sum = 0;
    for (const auto& [level, weight] : levels) sum += weight;
    std::uint64_t draw = random_.below(sum);
    for (const auto& [level, weight] : levels) {
        if (draw < weight) {
            order.consistency.level = level;
            break;
        }
        draw -= weight;
    }
    if (order.consistency.level == Level::count)
        order.consistency.count = static_cast<std::uint32_t>(1 + random_.below(owners));
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
