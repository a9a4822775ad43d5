#include "world.h"

#include <algorithm>

#include "ashlar/plugin.h"

namespace ashlar::sim {

World::World(const Plan& plan)
    : plan_(plan),
      random_(plan.seed),
      persistent_((capabilities_of(PluginKind::storage_engine, plan.recipe.engine) & persistent) != 0),
      swarm_(draw_swarm(random_, persistent_)),
      trace_(plan.verbose) {
    draw_merging(swarm_, plan.seed, plan.recipe.resolver);
    bool merges = (capabilities_of(PluginKind::conflict_resolver, plan.recipe.resolver) & merges_blind_writes) != 0;
    auto to_complaint = [this](const std::string& what) { complain(what); };
    model_ = std::make_unique<Model>(merges, to_complaint);
    Reports reports;
    reports.crashed = [this](Loss loss) { machine_crashed(loss); };
    reports.sync_failed = [this] {
        model_->sync_failed(agenda_.now(), swarm_.limits.sync_interval + slack(), agenda_.now() + slack());
    };
    reports.complain = to_complaint;
    machine_ = std::make_unique<Machine>(agenda_, trace_, swarm_, plan.recipe, random_.next(), reports);
    town_ = std::make_unique<Town>(
        Town{agenda_, trace_, swarm_, {machine_.get()}, *model_, {&walls_}, watch_, to_complaint, nullptr, false, 0});
    for (std::uint32_t i = 0; i < swarm_.clients; ++i)
        clients_.push_back(std::make_unique<Client>(*town_, random_.next()));
    verdict_.swarm = swarm_.describe();
    trace_.note(agenda_.now(), verdict_.swarm);
}

void World::complain(const std::string& what) {
    trace_.note(agenda_.now(), "COMPLAINT ", what);
    if (!verdict_.complaint) verdict_.complaint = what;
}

Verdict World::run() {
    machine_->start();
    for (auto& client : clients_) client->live();
    schedule(swarm_.crash_every, &World::crash);
    schedule(swarm_.clean_stop_every, &World::clean_stop);
    schedule(swarm_.clock_jump_every, &World::jump_clock);
    schedule(swarm_.full_disk_every, &World::fill_disk);
    schedule(swarm_.table_change_every, &World::change_table);
    if (persistent_) schedule(milliseconds(500), &World::watch_node);
    auto wrong = [this] { return verdict_.complaint.has_value(); };
    agenda_.run(Instant{plan_.length.us}, wrong);
    if (!wrong()) heal();
    verdict_.trace_hash = trace_.hash();
    verdict_.orders = town_->acted;
    verdict_.acked = model_->acked();
    verdict_.checks = model_->checks();
    return verdict_;
}

void World::schedule(Duration every, void (World::*act)()) {
    if (every.us == 0) return;
    auto wait = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(every.us) * 2) + 1);
    agenda_.in(Duration{wait}, [this, every, act] {
        if (healed_) return;
        (this->*act)();
        schedule(every, act);
    });
}

/// How long after its due moment a write or sync may begin and end: the one under way, then its own.
Duration World::slack() const {
    return milliseconds(50) + Duration{8 * swarm_.lane_delay_max.us + 4 * swarm_.turn_delay_max.us};
}

void World::crash() {
    if (!machine_->up()) return;
    if (random_.below(1'000'000) < swarm_.crash_inside_work) return machine_->crash_soon();
    machine_->crash(static_cast<Loss>(random_.below(3)));
}

void World::machine_crashed(Loss loss) {
    ++verdict_.crashes;
    model_->crashed(agenda_.now(), loss, swarm_.limits.write_interval + slack(), swarm_.limits.sync_interval + slack());
    restart_soon();
}

void World::restart_soon() {
    agenda_.in(milliseconds(static_cast<std::int64_t>(1 + random_.below(1000))), [this] {
        machine_->start();
        // On a full disk a node may refuse to start; its operator makes room.
        if (!machine_->up()) return restart_soon();
        table_settled();
    });
}

void World::clean_stop() {
    if (machine_->up()) machine_->stop([this] { restart_soon(); });
}

void World::jump_clock() {
    constexpr std::int64_t reach_ms[] = {10, 2'000, 60'000};
    auto reach = static_cast<std::uint64_t>(reach_ms[random_.below(3)] * 1000);
    Duration by{static_cast<std::int64_t>(random_.below(2 * reach)) - static_cast<std::int64_t>(reach)};
    // Where stamps decide, a clock set back across a restart is outside of what the resolver promises.
    bool stamps = (capabilities_of(PluginKind::conflict_resolver, plan_.recipe.resolver) & merges_blind_writes) != 0;
    if (stamps && persistent_ && by.us < 0) by.us = -by.us;
    walls_.jumped(agenda_.now(), by);
    machine_->jump_clock(by);
}

void World::fill_disk() {
    machine_->fill_disk(true);
    Duration full = milliseconds(static_cast<std::int64_t>(random_.below(3'000)));
    // What is acknowledged without a sync meanwhile has nowhere to go.
    model_->sync_failed(agenda_.now(), swarm_.limits.sync_interval + slack(), agenda_.now() + full + slack());
    agenda_.in(full, [this] { machine_->fill_disk(false); });
}

void World::watch_node() {
    // An engine that stopped writes after a failure stays so: its operator starts it again.
    if (!machine_->up() || !machine_->writes_stopped()) return;
    if (!machine_->harmed()) complain("the engine stopped writes for good, but no sync of it failed");
    machine_->crash(static_cast<Loss>(random_.below(3)));
}

void World::change_table() {
    if (!machine_->up() || watch_.state == TableWatch::State::changing) return;
    bool make = watch_.state == TableWatch::State::absent;
    if (make && watch_.in_flight != 0) return;
    watch_.state = TableWatch::State::changing;
    port::AdminOrder order;
    order.call = make ? port::AdminOrder::Call::create_table : port::AdminOrder::Call::drop_table;
    order.table.name = watch_.name;
    order.deadline = agenda_.now() + seconds(5);
    machine_->administer(order, [this](const OwnedAnswer& answer) {
        if (answer.kind != OwnedAnswer::Kind::lost) table_settled();
    });
}

void World::table_settled() {
    if (!machine_->up()) return;
    const port::Table* found = nullptr;
    for (const port::Table& table : machine_->node()->tables()) {
        if (table.name == watch_.name) found = &table;
    }
    if (found == nullptr) {
        if (watch_.state == TableWatch::State::live) complain("a table that was made is gone");
        watch_.state = TableWatch::State::absent;
        return;
    }
    if (found->id.value != watch_.id) {
        if (found->id.value < watch_.id) complain("a table id was given twice");
        if (watch_.state == TableWatch::State::absent) complain("a dropped table is back");
        model_->forget(watch_.prefix());
        watch_.id = found->id.value;
        ++watch_.life;
    }
    watch_.state = TableWatch::State::live;
}

}  // namespace ashlar::sim
