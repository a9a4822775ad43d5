// Cluster: what the machines agree on by vote: epochs, and an operator who makes and drops tables.
#include <algorithm>

#include "cluster.h"
#include "kit/text.h"

namespace ashlar::sim {

void Cluster::agreed(std::uint32_t place) {
    Post& post = *posts_[place];
    Agreed now{post.machine->node()->ring(), post.machine->node()->tables()};
    Epoch epoch = now.ring.epoch;
    if (epoch < post.highest)
        complain(kit::text("n", place, " served epoch ", post.highest.value, " and now serves ", epoch.value));
    post.highest = std::max(post.highest, epoch);
    auto [at, first] = agreed_.try_emplace(epoch, now);
    if (!first) {
        if (!(at->second == now))
            complain(kit::text("two states of epoch ", epoch.value, ": n", place, " has another"));
        return;
    }
    for (const port::Table& table : now.tables) {
        for (const auto& [earlier, state] : agreed_) {
            for (const port::Table& other : state.tables) {
                if (other.id == table.id && other.name != table.name)
                    complain(kit::text("table id ", table.id.value, " was given to ", other.name, " and ", table.name));
            }
        }
    }
}

namespace {

/// Whether an order that was refused so cannot have done anything. A machine that is behind may not know the table.
bool nothing_done(const OwnedAnswer& answer) {
    Code code = answer.refusal.error.code;
    return answer.kind == OwnedAnswer::Kind::refusal &&
           (code == Code::unavailable || code == Code::not_found || code == Code::closed);
}

port::AdminOrder order_for(const std::string& table, bool make) {
    port::AdminOrder order;
    order.call = make ? port::AdminOrder::Call::create_table : port::AdminOrder::Call::drop_table;
    order.table.name = table;
    order.table.replication.replicas = 0;
    return order;
}

}  // namespace

/// The operator: one order at a time, to any machine that is up. A rival does the same, mostly at the same moment.
void Cluster::change_table() {
    bool rivals = random_.one_in(2);
    if (rivals) change_rival_table();
    Machine* machine = anybody_listening();
    bool make = watch_.state == TableWatch::State::absent;
    if (machine == nullptr || watch_.state == TableWatch::State::changing || (make && watch_.in_flight != 0)) return;
    if (make) {
        ++watch_.life;
        watch_.name = kit::text("extra-", watch_.life);
        tables_[watch_.name] = TableFate::asked;
        watch_.terms = Terms{storm_.owners(), {Level::quorum, 0}, {Level::quorum, 0}};
        if (storm_.own_terms) watch_.terms = draw_terms(storm_, more_);
    }
    watch_.state = TableWatch::State::changing;
    port::AdminOrder order = order_for(watch_.name, make);
    if (make && storm_.own_terms) name_terms(order);
    machine->administer(std::move(order), [this, make](const OwnedAnswer& answer) { table_answered(make, answer); });
}

void Cluster::name_terms(port::AdminOrder& order) const {
    const Terms& terms = watch_.terms;
    if (terms.owners.by_site.empty()) order.table.replication.replicas = terms.owners.owners;
    for (std::size_t site = 0; site < terms.owners.by_site.size(); ++site)
        order.table.replication.per_datacentre.emplace_back(posts_[site]->machine->datacentre(),
                                                            terms.owners.by_site[site]);
    order.table.ttl = terms.ttl;
    order.table.read = terms.read;
    order.table.write = terms.write;
}

Machine* Cluster::anybody_listening() {
    Machine& machine = *any_post().machine;
    bool listens = machine.up() && !machine.stopping() && machine.paused_until() <= agenda_.now();
    return listens ? &machine : nullptr;
}

void Cluster::table_answered(bool make, const OwnedAnswer& answer) {
    trace_.note(agenda_.now(), "table ", watch_.name, make ? " made? " : " dropped? ", static_cast<int>(answer.kind));
    TableFate& fate = tables_[watch_.name];
    bool done = answer.kind == OwnedAnswer::Kind::reply;
    bool stays = !make && nothing_done(answer);
    if (done) fate = make ? TableFate::made : TableFate::dropped;
    if (!done && !stays) fate = nothing_done(answer) ? TableFate::dropped : TableFate::doubtful;
    bool live = stays || (done && make);
    watch_.state = live ? TableWatch::State::live : TableWatch::State::absent;
    if (!live) model_->forget(watch_.prefix());
}

/// Nobody writes to these: they are there so that two proposals meet.
void Cluster::change_rival_table() {
    Machine* machine = anybody_listening();
    if (machine == nullptr || rival_busy_) return;
    bool make = rival_.empty() || tables_[rival_] != TableFate::made;
    if (make) rival_ = kit::text("rival-", ++rivals_);
    rival_busy_ = true;
    if (make) tables_[rival_] = TableFate::asked;
    machine->administer(order_for(rival_, make), [this, make](const OwnedAnswer& answer) {
        trace_.note(agenda_.now(), "table ", rival_, make ? " made? " : " dropped? ", static_cast<int>(answer.kind));
        rival_busy_ = false;
        TableFate& fate = tables_[rival_];
        if (answer.kind == OwnedAnswer::Kind::reply)
            fate = make ? TableFate::made : TableFate::dropped;
        else if (make || !nothing_done(answer))
            fate = nothing_done(answer) ? TableFate::dropped : TableFate::doubtful;
    });
}

/// When all serve one epoch.
void Cluster::compare_tables() {
    const Agreed& last = agreed_.rbegin()->second;
    for (const auto& [name, fate] : tables_) {
        bool there = std::any_of(last.tables.begin(), last.tables.end(),
                                 [&name = name](const port::Table& table) { return table.name == name; });
        if (fate == TableFate::made && !there) complain("a table that was made is gone: " + name);
        if (fate == TableFate::dropped && there) complain("a table that was dropped is there: " + name);
    }
}

}  // namespace ashlar::sim
