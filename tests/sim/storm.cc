#include "storm.h"

#include <algorithm>
#include <array>

#include "kit/text.h"
#include "rack.h"

namespace ashlar::sim {
namespace {

std::uint64_t maybe(SeededRandom& random, std::uint64_t most) {
    return random.one_in(2) ? 0 : random.below(most) + 1;
}

Duration every(SeededRandom& random, std::int64_t least_ms, std::int64_t most_ms) {
    auto span = static_cast<std::uint64_t>(most_ms - least_ms);
    auto drawn = milliseconds(least_ms + static_cast<std::int64_t>(random.below(span)));
    return random.one_in(2) ? Duration{0} : drawn;
}

template <std::size_t Size>
Duration one_of(SeededRandom& random, const std::array<std::int64_t, Size>& choices_ms) {
    return milliseconds(choices_ms[random.below(Size)]);
}

void draw_network(Storm& storm, SeededRandom& random) {
    storm.link_delay_max = microseconds(std::array<std::int64_t, 4>{100, 500, 5'000, 50'000}[random.below(4)]);
    storm.background_delay_max = microseconds(std::array<std::int64_t, 3>{500, 5'000, 100'000}[random.below(3)]);
    storm.loss = maybe(random, 300'000);
    storm.duplication = maybe(random, 200'000);
    storm.late = maybe(random, 300'000);
    storm.damage = maybe(random, 5'000);
    storm.refused_send = maybe(random, 20'000);
    storm.partition_every = every(random, 2'000, 25'000);
    storm.partition_most = one_of(random, std::array<std::int64_t, 4>{300, 3'000, 15'000, 40'000});
    storm.one_way = random.one_in(2);
    storm.slow_every = every(random, 2'000, 20'000);
    storm.slow_most = one_of(random, std::array<std::int64_t, 3>{50, 500, 4'000});
}

void draw_machines(Storm& storm, SeededRandom& random) {
    storm.pause_every = every(random, 3'000, 30'000);
    storm.pause_most = one_of(random, std::array<std::int64_t, 3>{200, 4'000, 20'000});
    storm.skew_most = random.one_in(2) ? Duration{0} : one_of(random, std::array<std::int64_t, 3>{10, 1'000, 30'000});
    storm.down_most = one_of(random, std::array<std::int64_t, 3>{500, 5'000, 30'000});
    storm.one_bad_disk = random.one_in(2);
}

void draw_asking(Storm& storm, SeededRandom& random) {
    constexpr std::uint64_t rates[] = {0, 300'000, 1'000'000};
    storm.strict = rates[random.below(3)];
    storm.elsewhere = maybe(random, 1'000'000);
    for (std::uint64_t* weight : {&storm.one, &storm.two, &storm.quorum, &storm.all, &storm.any, &storm.count})
        *weight = maybe(random, 6);
}

/// Some clusters stand in two data centres.
void draw_sites(Storm& storm, SeededRandom& random, bool any_number) {
    bool two = random.one_in(4);
    std::uint32_t wanted = random.one_in(2) ? 5 : 6;
    std::uint32_t drawn[2] = {static_cast<std::uint32_t>(1 + random.below(3)),
                              static_cast<std::uint32_t>(1 + random.below(3))};
    Duration cut_every = every(random, 5'000, 30'000);
    std::uint64_t weights[3] = {maybe(random, 6), maybe(random, 6), maybe(random, 6)};
    if (!two || storm.nodes == 1) return;
    if (any_number) storm.nodes = wanted;
    storm.by_site = {std::min(drawn[0], (storm.nodes + 1) / 2), std::min(drawn[1], storm.nodes / 2)};
    storm.replicas = storm.by_site[0] + storm.by_site[1];
    storm.cut_site_every = cut_every;
    storm.local_one = weights[0];
    storm.local_quorum = weights[1];
    storm.each_quorum = weights[2];
}

}  // namespace

Storm draw_storm(SeededRandom& random, std::uint32_t nodes) {
    Storm storm;
    constexpr std::uint32_t node_counts[] = {1, 3, 3, 5, 5};
    storm.nodes = node_counts[random.below(5)];
    if (nodes != 0) storm.nodes = nodes;
    constexpr std::uint32_t replica_counts[] = {3, 3, 3, 2, 1, 5};
    storm.replicas = std::min(replica_counts[random.below(6)], storm.nodes);
    std::vector<std::string> detectors = plugin_names(PluginKind::failure_detector);
    storm.detector = detectors[random.below(detectors.size())];
    draw_network(storm, random);
    draw_machines(storm, random);
    draw_asking(storm, random);
    draw_sites(storm, random, nodes == 0);
    storm.by_vote = random.one_in(3) && storm.nodes > 1;
    return storm;
}

void draw_more(Storm& storm, Swarm& swarm, SeededRandom& random, const std::string& partitioner) {
    storm.three = maybe(random, 6);
    if (storm.replicas < 3) storm.three = 0;
    storm.own_terms = random.one_in(2);
    storm.ordered = partitioner == "ordered";
    auto shape = static_cast<KeyShape>(random.below(3));
    if (storm.ordered) swarm.key_shape = shape;
}

void draw_healing(Storm& storm, SeededRandom& random) {
    if (storm.nodes == 1 || random.one_in(2)) return;
    storm.wipe_every = every(random, 15'000, 60'000);
    storm.rot_every = every(random, 2'000, 20'000);
    constexpr std::int64_t days[] = {0, 0, 1, 60, 200};
    storm.absence = seconds(days[random.below(5)] * 24 * 3600);
    storm.table_ttl = random.one_in(2);
    if (storm.table_ttl) storm.own_terms = true;
    storm.take_home_after = one_of(random, std::array<std::int64_t, 3>{1'000, 5'000, 30'000});
    if (storm.nodes < 3) storm.wipe_every = storm.absence = Duration{0};
}

Terms draw_terms(const Storm& storm, SeededRandom& random) {
    Terms terms;
    terms.owners = storm.owners();
    if (storm.by_site.empty()) {
        terms.owners.owners = static_cast<std::uint32_t>(1 + random.below(std::min<std::uint32_t>(5, storm.nodes)));
    } else {
        terms.owners.owners = 0;
        for (std::size_t site = 0; site < storm.by_site.size(); ++site) {
            std::uint64_t there = (storm.nodes + storm.by_site.size() - 1 - site) / storm.by_site.size();
            terms.owners.by_site[site] = static_cast<std::uint32_t>(1 + random.below(there));
            terms.owners.owners += terms.owners.by_site[site];
        }
    }
    for (Consistency* asked : {&terms.read, &terms.write}) {
        constexpr Level levels[] = {Level::one, Level::quorum, Level::all, Level::count, Level::local_quorum};
        asked->level = levels[random.below(storm.by_site.empty() ? 4 : 5)];
        std::uint64_t count = 1 + random.below(terms.owners.owners);
        if (asked->level == Level::count) asked->count = static_cast<std::uint32_t>(count);
    }
    if (storm.table_ttl && random.one_in(2))
        terms.ttl = milliseconds(static_cast<std::int64_t>(1 + random.below(20'000)));
    return terms;
}

const std::vector<std::string>& fault_kinds() {
    static const std::vector<std::string> kinds = {
        "crash",        "stop",       "clock",     "full",         "sync_failure", "write_failure",
        "read_failure", "inside",     "partition", "one_way",      "slow",         "loss",
        "duplication",  "late",       "damage",    "refused_send", "pause",        "skew",
        "ttl",          "request_id", "foggy",     "elsewhere",    "bad_order",    "short_deadline",
        "cut_site",     "table",      "vote",      "level_three",  "table_terms",  "wipe",
        "rot",          "absence",    "table_ttl"};
    return kinds;
}

bool switch_off(const std::string& kind, Swarm& swarm, Storm& storm) {
    const std::pair<const char*, Duration*> spans[] = {
        {"crash", &swarm.crash_every},       {"stop", &swarm.clean_stop_every},     {"clock", &swarm.clock_jump_every},
        {"full", &swarm.full_disk_every},    {"partition", &storm.partition_every}, {"slow", &storm.slow_every},
        {"cut_site", &storm.cut_site_every}, {"table", &swarm.table_change_every},  {"pause", &storm.pause_every},
        {"skew", &storm.skew_most},          {"wipe", &storm.wipe_every},           {"rot", &storm.rot_every},
        {"absence", &storm.absence}};
    for (auto [name, span] : spans) {
        if (kind == name) return *span = Duration{0}, true;
    }
    const std::pair<const char*, std::uint64_t*> rates[] = {{"sync_failure", &swarm.sync_failure},
                                                            {"write_failure", &swarm.write_failure},
                                                            {"read_failure", &swarm.read_failure},
                                                            {"inside", &swarm.crash_inside_work},
                                                            {"loss", &storm.loss},
                                                            {"duplication", &storm.duplication},
                                                            {"late", &storm.late},
                                                            {"damage", &storm.damage},
                                                            {"refused_send", &storm.refused_send},
                                                            {"ttl", &swarm.with_ttl},
                                                            {"request_id", &swarm.with_request_id},
                                                            {"foggy", &swarm.foggy},
                                                            {"elsewhere", &storm.elsewhere},
                                                            {"level_three", &storm.three},
                                                            {"bad_order", &swarm.bad_order},
                                                            {"short_deadline", &swarm.short_deadline}};
    for (auto [name, rate] : rates) {
        if (kind == name) return *rate = 0, true;
    }
    if (kind == "one_way") return storm.one_way = false, true;
    if (kind == "table_ttl") return storm.table_ttl = false, true;
    if (kind == "table_terms") return storm.own_terms = false, true;
    if (kind == "vote") return storm.by_vote = false, true;
    return false;
}

std::string Storm::describe() const {
    std::string sites;
    for (std::uint32_t here : by_site) sites += kit::text(sites.empty() ? " in sites of " : " and ", here);
    return kit::text(
        nodes, " nodes", by_vote ? " by vote, " : ", ", replicas, " replicas", sites, ", ", detector, "; link ",
        link_delay_max.us, " us, background ", background_delay_max.us, " us, loss ", loss, " duplication ",
        duplication, " late ", late, " damage ", damage, " refused ", refused_send, "; partition ", partition_every.us,
        " us for ", partition_most.us, one_way ? " one way" : "", ", slow ", slow_every.us, " us by ", slow_most.us,
        ", pause ", pause_every.us, " us for ", pause_most.us, ", skew ", skew_most.us, ", down ", down_most.us,
        one_bad_disk ? ", one bad disk" : "", "; strict ", strict, " elsewhere ", elsewhere, ", default ", by_default,
        " one ", one, " two ", two, " three ", three, " quorum ", quorum, " all ", all, " any ", any, " count ", count,
        " local_one ", local_one, " local_quorum ", local_quorum, " each_quorum ", each_quorum, "; cut site ",
        cut_site_every.us, own_terms ? ", tables on their own terms" : "", ordered ? ", ordered" : "", "; wipe ",
        wipe_every.us, " us, rot ", rot_every.us, " us, absence ", absence.us, " us",
        table_ttl ? ", tables with ttl" : "");
}

}  // namespace ashlar::sim
