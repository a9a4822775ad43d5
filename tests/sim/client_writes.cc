// Client: orders that write, each known to the model before it is sent.
#include <set>

#include "client.h"
#include "kit/text.h"
#include "merging.h"

namespace ashlar::sim {
namespace {

constexpr std::uint32_t tries_max = 4;

/// Codes that promise that nothing was written, unless the sentence says that it may be.
bool nothing_written(const Error& error) {
    if (error.detail.find("may still land") != std::string::npos) return false;
    switch (error.code) {
        case Code::invalid_request:
        case Code::unavailable:
        case Code::overloaded:
        case Code::no_space:
        case Code::conflict:
        case Code::unsupported:
        case Code::not_found:
            return true;
        default:
            return false;
    }
}

}  // namespace

WriteRecord Client::record_of(const Effort& effort) const {
    WriteRecord record;
    record.place = effort.spot.prefix + effort.key;
    record.remove = effort.order.call == port::Call::remove;
    bool has_context = effort.order.item.has_context;
    record.sees_all = !has_context && (effort.order.item.overwrite || record.remove);
    if (has_context) record.sees = effort.sees;
    record.sync = effort.order.sync == Sync::table_default ? town_.swarm.limits.sync : effort.order.sync;
    record.owners = owners_written(effort.spot, effort.order.consistency, effort.order.strict);
    record.read_owners = owners_read(effort.spot, {}, effort.order.strict);
    record.all = effort.spot.terms.owners;
    record.request = effort.order.request;
    record.value = element_of(effort.order.item.value);
    record.ttl = effort.order.item.has_ttl ? effort.order.item.ttl : effort.spot.terms.ttl;
    record.invoked = town_.agenda.now();
    return record;
}

void Client::write(port::Call call, bool with_context, bool overwrite) {
    Spot spot = pick_spot();
    auto effort = writing(std::move(spot), pick_key());
    OwnedOrder& order = effort->order;
    order.call = call;
    order.item.overwrite = overwrite;
    auto seen = seen_.find(effort->spot.prefix + effort->key);
    if (with_context && seen != seen_.end()) {
        order.item.context = seen->second.context;
        order.item.has_context = !order.item.context.empty();
        effort->sees = seen->second.sees;
    }
    order.sync = pick_sync();
    if (call != port::Call::remove)
        order.item.value = Model::make_value(town_.model.next_number(), town_.swarm.value_bytes);
    if (call != port::Call::remove && random_.below(1'000'000) < town_.swarm.with_ttl) {
        order.item.has_ttl = true;
        order.item.ttl = milliseconds(static_cast<std::int64_t>(1 + random_.below(10'000)));
    }
    set_out(effort);
}

void Client::merge() {
    Spot spot = pick_spot();
    auto effort = writing(std::move(spot), town_.swarm.key(town_.swarm.keys + random_.below(town_.swarm.merged_keys)));
    effort->order.call = port::Call::put;
    effort->order.sync = pick_sync();
    effort->order.item.value = merging_operation(Model::make_value(town_.model.next_number(), 0));
    set_out(effort);
}

std::shared_ptr<Client::Effort> Client::writing(Spot spot, Bytes key) {
    auto effort = std::make_shared<Effort>();
    effort->spot = std::move(spot);
    effort->key = std::move(key);
    effort->order.item.key = effort->key;
    return effort;
}

RequestId Client::draw_request() {
    RequestId request;
    for (std::uint8_t& byte : request.bytes) byte = static_cast<std::uint8_t>(random_.next());
    request.bytes[0] |= 1;
    return request;
}

/// Under a name, perhaps, and at some level.
void Client::set_out(const std::shared_ptr<Effort>& effort) {
    OwnedOrder& order = effort->order;
    if (random_.below(1'000'000) < town_.swarm.with_request_id) order.request = draw_request();
    pick_level(effort->spot, order);
    effort->number = begin(*effort);
    attempt(effort);
}

WriteNumber Client::begin(const Effort& effort) {
    WriteRecord record = record_of(effort);
    std::string numbers;
    for (WriteNumber seen : record.sees) numbers += kit::text(" ", seen);
    town_.trace.note(town_.agenda.now(), "write ", town_.model.next_number(), record.remove ? " removes " : " puts ",
                     record.place, " sync ", static_cast<int>(record.sync), record.sees_all ? " over all" : " over",
                     numbers);
    return town_.model.begin(std::move(record));
}

void Client::attempt(std::shared_ptr<Effort> effort) {
    ++effort->tries;
    if (effort->tries > 1) town_.model.retried(effort->number);
    send(effort->spot, effort->order, [this, effort](const OwnedAnswer& answer) { settle(effort, answer); });
}

void Client::settle(std::shared_ptr<Effort> effort, const OwnedAnswer& answer) {
    if (answer.kind == OwnedAnswer::Kind::reply) {
        bool stored = effort->order.call != port::Call::put_if || answer.stored;
        if (stored)
            succeed(*effort, answer.item);
        else
            end(*effort, effort->doubtful ? Outcome::unknown : Outcome::refused);
        return rest();
    }
    bool certain = answer.kind == OwnedAnswer::Kind::unreached ||
                   (answer.kind == OwnedAnswer::Kind::refusal && nothing_written(answer.refusal.error));
    if (!certain) effort->doubtful = true;
    bool again = effort->doubtful && effort->order.request.given() && effort->tries < tries_max && !town_.closed;
    if (again && still_there(effort->spot)) {
        town_.agenda.in(milliseconds(static_cast<std::int64_t>(random_.below(500))),
                        [this, effort] { attempt(effort); });
        return;
    }
    end(*effort, effort->doubtful ? Outcome::unknown : Outcome::refused);
    rest();
}

void Client::end(const Effort& effort, Outcome outcome) {
    Instant invoked = town_.model.write(effort.number).invoked;
    Instant now = town_.agenda.now();
    town_.trace.note(now, "write ", effort.number, " ends ", static_cast<int>(outcome));
    town_.model.end(effort.number, outcome, now, town_.wall_low(invoked, now), town_.dated_high(invoked, now));
}

void Client::succeed(const Effort& effort, const OwnedAnswer::One& answer) {
    end(effort, Outcome::acked);
    const WriteRecord& record = town_.model.write(effort.number);
    if (record.sync == Sync::always && answer.achieved.synced == 0 && !record.remove) {
        town_.complain("a write with sync always was acknowledged without a synced replica");
    }
    if (!still_there(effort.spot) || answer.context.empty()) return;
    Seen& seen = seen_[record.place];
    seen.context = answer.context;
    // What an overwrite replaced is not told, so its context is not relied on for more than its own write.
    seen.sees = record.sees_all ? std::vector<WriteNumber>{} : record.sees;
    if (!record.remove) seen.sees.push_back(effort.number);
}

void Client::multi_put() {
    auto bundle = std::make_shared<Bundle>();
    OwnedOrder& order = bundle->order;
    order.call = port::Call::multi_put;
    order.sync = pick_sync();
    bundle->spot = pick_spot();
    pick_level(bundle->spot, order);
    if (random_.below(1'000'000) < town_.swarm.with_request_id) order.request = draw_request();
    std::set<Bytes> keys;
    for (std::uint64_t i = random_.below(5); i > 0; --i) {
        Effort effort;
        effort.spot = bundle->spot;
        effort.key = pick_key();
        // A name stands for one write of each key.
        if (!keys.insert(effort.key).second && order.request.given()) continue;
        effort.order.call = port::Call::put;
        effort.order.sync = order.sync;
        effort.order.consistency = order.consistency;
        effort.order.strict = order.strict;
        effort.order.request = order.request;
        effort.order.item.key = effort.key;
        effort.order.item.overwrite = random_.one_in(2);
        effort.order.item.value = Model::make_value(town_.model.next_number(), town_.swarm.value_bytes);
        effort.number = begin(effort);
        bundle->efforts.push_back(std::move(effort));
    }
    attempt_all(bundle);
}

/// Those that have no good answer yet.
void Client::attempt_all(const std::shared_ptr<Bundle>& bundle) {
    ++bundle->tries;
    bundle->order.items.clear();
    for (const Effort& effort : bundle->efforts) {
        bundle->order.items.push_back(effort.order.item);
        if (bundle->tries > 1) town_.model.retried(effort.number);
    }
    send(bundle->spot, bundle->order, [this, bundle](const OwnedAnswer& answer) { settle_all(bundle, answer); });
}

void Client::settle_all(const std::shared_ptr<Bundle>& bundle, const OwnedAnswer& answer) {
    const bool replied = answer.kind == OwnedAnswer::Kind::reply;
    if (replied && answer.items.size() != bundle->efforts.size())
        return town_.complain("a multi_put was not answered item by item");
    const bool certain = answer.kind == OwnedAnswer::Kind::unreached ||
                         (answer.kind == OwnedAnswer::Kind::refusal && nothing_written(answer.refusal.error));
    std::vector<Effort> open;
    bool doubtful = false;
    for (std::size_t i = 0; i < bundle->efforts.size(); ++i) {
        Effort& effort = bundle->efforts[i];
        if (replied && !answer.items[i].error) {
            succeed(effort, answer.items[i]);
            continue;
        }
        if (replied ? !nothing_written(*answer.items[i].error) : !certain) effort.doubtful = true;
        doubtful = doubtful || effort.doubtful;
        open.push_back(std::move(effort));
    }
    bundle->efforts = std::move(open);
    const bool again = doubtful && bundle->order.request.given() && bundle->tries < tries_max && !town_.closed;
    if (again && still_there(bundle->spot)) {
        town_.agenda.in(milliseconds(static_cast<std::int64_t>(random_.below(500))),
                        [this, bundle] { attempt_all(bundle); });
        return;
    }
    for (const Effort& effort : bundle->efforts)
        end(effort, effort.doubtful ? Outcome::unknown : Outcome::refused);
    rest();
}

}  // namespace ashlar::sim
