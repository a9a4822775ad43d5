// Cluster: what goes wrong while clients are at work.
#include <algorithm>

#include "ashlar/plugin.h"
#include "cluster.h"

namespace ashlar::sim {

void Cluster::schedule(Duration every, Fault act) {
    if (every.us == 0) return;
    agenda_.in(up_to(Duration{every.us * 2}), [this, every, act] {
        if (healed_) return;
        (this->*act)();
        schedule(every, act);
    });
}

Duration Cluster::up_to(Duration most) {
    return Duration{static_cast<std::int64_t>(1 + random_.below(static_cast<std::uint64_t>(most.us) + 1))};
}

Cluster::Post& Cluster::any_post() {
    return *posts_[random_.below(posts_.size())];
}

/// How long after its due moment a write or sync may begin and end: the one under way, then its own; later still on
/// a machine that was paused.
Duration Cluster::slack() const {
    Duration slack = milliseconds(50) + Duration{8 * swarm_.lane_delay_max.us + 4 * swarm_.turn_delay_max.us};
    return storm_.pause_every.us == 0 ? slack : slack + storm_.pause_most + storm_.pause_most;
}

void Cluster::crash() {
    Machine& machine = *any_post().machine;
    if (!machine.up()) return;
    if (random_.below(1'000'000) < swarm_.crash_inside_work) return machine.crash_soon();
    machine.crash(static_cast<Loss>(random_.below(3)));
}

void Cluster::machine_crashed(std::uint32_t place, Loss loss) {
    ++verdict_.crashes;
    model_->crashed(agenda_.now(), loss, swarm_.limits.write_interval + slack(), swarm_.limits.sync_interval + slack());
    restart_later(place, healed_ ? milliseconds(500) : storm_.down_most);
}

void Cluster::restart_later(std::uint32_t place, Duration most) {
    agenda_.in(up_to(most), [this, place] {
        Machine& machine = *posts_[place]->machine;
        if (away_ == place) return;
        machine.start();
        // On a full disk a node may refuse to start; its operator makes room.
        if (!machine.up()) restart_later(place, seconds(1));
    });
}

void Cluster::clean_stop() {
    auto place = static_cast<std::uint32_t>(random_.below(posts_.size()));
    Machine& machine = *posts_[place]->machine;
    if (!machine.up() || machine.paused_until() > agenda_.now() || machine.stopping()) return;
    machine.stop([this, place] { restart_later(place, storm_.down_most); });
}

void Cluster::jump_clock() {
    constexpr std::int64_t reach_ms[] = {10, 2'000, 60'000};
    auto reach = static_cast<std::uint64_t>(reach_ms[random_.below(3)] * 1000);
    Duration by{static_cast<std::int64_t>(random_.below(2 * reach)) - static_cast<std::int64_t>(reach)};
    // Where stamps decide, a clock set back across a restart is outside of what the resolver promises.
    bool stamps = (capabilities_of(PluginKind::conflict_resolver, plan_.recipe.resolver) & merges_blind_writes) != 0;
    if (stamps && by.us < 0) by.us = -by.us;
    Post& post = any_post();
    post.walls.jumped(agenda_.now(), by);
    post.machine->jump_clock(by);
}

void Cluster::fill_disk() {
    Machine& machine = *any_post().machine;
    machine.fill_disk(true);
    Duration full = up_to(seconds(3));
    // What is acknowledged without a sync meanwhile has nowhere to go.
    model_->sync_failed(agenda_.now(), swarm_.limits.sync_interval + slack(), agenda_.now() + full + slack());
    agenda_.in(full, [&machine] { machine.fill_disk(false); });
}

void Cluster::pause() {
    any_post().machine->pause(up_to(storm_.pause_most));
}

void Cluster::partition() {
    if (posts_.size() == 1) return;
    std::size_t count = posts_.size();
    std::vector<bool> side(count);
    bool isolate = random_.one_in(2);
    std::size_t alone = random_.below(count);
    for (std::size_t i = 0; i < count; ++i) side[i] = isolate ? i == alone : random_.one_in(2);
    bool some = random_.one_in(4);  // not a clean line: only some of the ways between are cut
    bool one_way = storm_.one_way && random_.one_in(2);
    std::vector<std::pair<std::size_t, std::size_t>> ways;
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < count; ++b) {
            if (a == b || side[a] == side[b] || (one_way && side[a])) continue;
            if (!some || random_.one_in(2)) ways.emplace_back(a, b);
        }
    }
    part(ways, up_to(storm_.partition_most), random_.one_in(4));
}

void Cluster::cut_site() {
    std::vector<std::pair<std::size_t, std::size_t>> ways;
    bool one_way = storm_.one_way && random_.one_in(3);
    for (std::size_t a = 0; a < posts_.size(); ++a) {
        for (std::size_t b = 0; b < posts_.size(); ++b) {
            std::size_t from = storm_.site_of(a);
            std::size_t to = storm_.site_of(b);
            if (from < to || (from > to && !one_way)) ways.emplace_back(a, b);
        }
    }
    part(ways, up_to(storm_.partition_most), random_.one_in(4));
}

void Cluster::part(const std::vector<std::pair<std::size_t, std::size_t>>& ways, Duration length, bool swizzle) {
    for (auto [from, to] : ways) {
        Duration begins = swizzle ? up_to(length) : Duration{0};
        Duration ends = swizzle ? length + up_to(length) : length;
        agenda_.in(begins, [this, from = from, to = to] {
            if (!healed_) network_->cut(from, to, true);
        });
        agenda_.in(ends, [this, from = from, to = to] { network_->cut(from, to, false); });
    }
}

void Cluster::slow_down() {
    if (posts_.size() == 1) return;
    std::size_t from = random_.below(posts_.size());
    bool whole = random_.one_in(2);  // a slow machine, not a slow way
    Duration by = up_to(storm_.slow_most);
    Duration length = up_to(seconds(10));
    for (std::size_t to = 0; to < posts_.size(); ++to) {
        if (to == from || (!whole && !random_.one_in(2))) continue;
        network_->slow(from, to, by);
        agenda_.in(length, [this, from, to] { network_->slow(from, to, Duration{0}); });
    }
}

void Cluster::watch() {
    if (!away_) tend_disks();
    for (auto& post : posts_) {
        // An engine that stopped writes after a failure stays so: its operator starts it again.
        if (!post->machine->up() || !post->machine->writes_stopped()) continue;
        if (!post->machine->harmed()) complain("the engine stopped writes for good, but no sync of it failed");
        post->machine->crash(static_cast<Loss>(random_.below(3)));
    }
}

}  // namespace ashlar::sim
