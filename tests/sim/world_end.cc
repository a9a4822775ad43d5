// World: faults end, and everything that was promised is looked for.
#include "world.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::sim {

OwnedAnswer World::ask(OwnedOrder order) {
    std::optional<OwnedAnswer> got;
    machine_->send(std::move(order), [&got](const OwnedAnswer& answer) { got = answer; });
    agenda_.run(agenda_.now() + seconds(10), [&got] { return got.has_value(); });
    if (got) return *got;
    complain("an order was not answered after the faults had ended");
    OwnedAnswer none;
    none.kind = OwnedAnswer::Kind::lost;
    return none;
}

void World::heal() {
    trace_.note(agenda_.now(), "faults end");
    healed_ = true;
    town_->closed = true;
    machine_->heal();
    agenda_.run(agenda_.now() + seconds(8));
    if (verdict_.complaint) return;
    if (machine_->up() && !machine_->writable() && !machine_->writes_stopped())
        return complain("the disk has room again, and writes are still refused");
    if (persistent_) {
        machine_->crash(static_cast<Loss>(random_.below(3)));
        agenda_.run(agenda_.now() + seconds(2));
    }
    if (!machine_->up()) return complain("the machine is down after the faults have ended");
    table_settled();
    verify_all();
    if (verdict_.complaint) return;
    verify_scan(false);
    verify_scan(true);
    if (verdict_.complaint) return;
    verify_stop();
}

void World::verify_all() {
    last_shown_.clear();
    for (const std::string& table : {std::string("default"), watch_.name}) {
        bool extra = table != "default";
        if (extra && watch_.state != TableWatch::State::live) continue;
        for (std::uint32_t i = 0; i < swarm_.all_keys() && !verdict_.complaint; ++i) {
            OwnedOrder order;
            order.table = table;
            order.item.key = swarm_.key(i);
            Instant invoked = agenda_.now();
            OwnedAnswer answer = ask(order);
            if (answer.kind != OwnedAnswer::Kind::reply) {
                return complain("a read fails after the faults have ended: " + answer.refusal.error.detail);
            }
            town_->show((extra ? watch_.prefix() : std::string("default/")) + order.item.key, answer.item.values,
                        invoked);
            if (!extra) last_shown_[order.item.key] = answer.item.values;
        }
    }
}

void World::verify_scan(bool reverse) {
    std::map<std::string, std::vector<Bytes>> shown;
    OwnedOrder order;
    order.call = port::Call::scan;
    order.reverse = reverse;
    for (;;) {
        OwnedAnswer answer = ask(order);
        if (answer.kind != OwnedAnswer::Kind::reply) {
            return complain("a scan fails after the faults have ended: " + answer.refusal.error.detail);
        }
        for (const OwnedAnswer::One& item : answer.items) shown[item.key] = item.values;
        if (!answer.has_page) break;
        order.page = answer.page;
        order.has_page = true;
    }
    // A value may expire between the two looks; that a scan shows what no get showed is always wrong.
    for (const auto& [key, values] : last_shown_) {
        if (swarm_.with_ttl == 0 && !values.empty() && shown[key] != values)
            complain("a scan misses or changes key " + key);
    }
    for (const auto& [key, values] : shown) {
        for (const Bytes& value : values) {
            const std::vector<Bytes>& got = last_shown_[key];
            if (std::find(got.begin(), got.end(), value) == got.end())
                complain("a scan shows what a get does not: key " + key);
        }
    }
}

void World::verify_stop() {
    OwnedOrder order;
    order.call = port::Call::put;
    order.item.key = "the last one";
    order.item.value = "still writable";
    OwnedAnswer put = ask(order);
    if (put.kind != OwnedAnswer::Kind::reply) {
        return complain("a write fails after the faults have ended: " + put.refusal.error.detail);
    }
    auto before = last_shown_;
    bool stopped = false;
    machine_->stop([&stopped] { stopped = true; });
    agenda_.run(agenda_.now() + seconds(10), [&stopped] { return stopped; });
    if (!stopped) return complain("the node does not stop when asked");
    if (!persistent_) return;
    machine_->start();
    if (verdict_.complaint) return;
    verify_all();
    if (swarm_.with_ttl == 0 && before != last_shown_) complain("a clean stop changed what is read");
}

}  // namespace ashlar::sim
