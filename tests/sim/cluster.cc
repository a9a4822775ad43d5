#include "cluster.h"

#include <algorithm>

#include "ashlar/plugin.h"
#include "kit/text.h"
#include "merging.h"
#include "world.h"

namespace ashlar::sim {
namespace {

std::string datacentre(std::size_t site) {
    return kit::text("dc", site + 1);
}

}  // namespace

Verdict run(const Plan& plan) {
    Plan drawn = plan;
    std::vector<std::string> partitioners = plugin_names(PluginKind::partitioner);
    if (plan.recipe.partitioner == "any")
        drawn.recipe.partitioner = partitioners[SeededRandom(plan.seed).below(partitioners.size())];
    return drawn.cluster ? Cluster(drawn).run() : World(drawn).run();
}

Cluster::Cluster(const Plan& plan) : plan_(plan), random_(plan.seed), more_(~plan.seed), rare_(plan.seed ^ 0x6865616c), trace_(plan.verbose) {
    draw();
    build();
    std::vector<Machine*> machines;
    std::vector<const Walls*> walls;
    for (auto& post : posts_) {
        machines.push_back(post->machine.get());
        walls.push_back(&post->walls);
    }
    town_ = std::make_unique<Town>(Town{agenda_, trace_, swarm_, machines, *model_, walls, watch_,
                                        [this](const std::string& what) { complain(what); }, &storm_, false, 0});
    for (std::uint32_t i = 0; i < swarm_.clients; ++i)
        clients_.push_back(std::make_unique<Client>(*town_, random_.next()));
    trace_.note(agenda_.now(), verdict_.swarm);
}

void Cluster::draw() {
    persistent_ = (capabilities_of(PluginKind::storage_engine, plan_.recipe.engine) & persistent) != 0;
    swarm_ = draw_swarm(random_, persistent_);
    storm_ = draw_storm(random_, plan_.nodes);
    draw_more(storm_, swarm_, more_, plan_.recipe.partitioner);
    draw_healing(storm_, rare_);
    draw_merging(swarm_, plan_.seed, plan_.recipe.resolver);
    if (!random_.one_in(2)) swarm_.table_change_every = Duration{0};
    for (const std::string& kind : plan_.without) {
        if (!switch_off(kind, swarm_, storm_)) complain("there is no kind of fault '" + kind + "'");
    }
    if (storm_.nodes > 1) {
        // Behind a grace nothing that was under way is delivered, not by a machine that stood still either.
        Duration& grace = swarm_.limits.tombstone_grace;
        grace = grace + storm_.pause_most + storm_.slow_most + storm_.down_most + seconds(10);
        swarm_.limits.convergence_target = seconds(static_cast<std::int64_t>(30 + plan_.seed % 60));
    }
    verdict_.swarm = storm_.describe() + "; " + swarm_.describe();
}

void Cluster::build() {
    bool merges = (capabilities_of(PluginKind::conflict_resolver, plan_.recipe.resolver) & merges_blind_writes) != 0;
    model_ = std::make_unique<Model>(merges, [this](const std::string& what) { complain(what); });
    if (storm_.nodes > 1) model_->spread();
    network_ = std::make_unique<Network>(agenda_, trace_, storm_, random_.next());
    std::vector<Member> founders;
    for (std::uint32_t i = 0; i < storm_.nodes; ++i)
        founders.push_back(Member{NodeId{random_.next() | 1}, {}, node::Identity{}.rack, 1});
    std::sort(founders.begin(), founders.end(), [](const Member& a, const Member& b) { return a.node < b.node; });
    for (std::uint32_t i = 0; i < storm_.nodes; ++i) founders[i].datacentre = datacentre(storm_.site_of(i));
    std::uint64_t founding_seed = random_.next();
    std::uint64_t bad_disk = random_.below(storm_.nodes);
    Recipe recipe = plan_.recipe;
    recipe.detector = storm_.detector;
    if (!storm_.by_site.empty()) recipe.replicator = "datacentre_aware";
    for (std::uint32_t i = 0; i < storm_.nodes; ++i) {
        auto post = std::make_unique<Post>();
        post->swarm = swarm_;
        if (storm_.one_bad_disk && i != bad_disk)
            post->swarm.sync_failure = post->swarm.write_failure = post->swarm.read_failure = 0;
        Reports reports;
        reports.crashed = [this, i](Loss loss) { machine_crashed(i, loss); };
        reports.sync_failed = [this] {
            model_->sync_failed(agenda_.now(), swarm_.limits.sync_interval + slack(), agenda_.now() + slack());
        };
        reports.complain = [this, i](const std::string& what) { complain(kit::text("n", i, ": ", what)); };
        reports.wiped = [this, i] {
            posts_[i]->highest = Epoch{};
            model_->disk_lost();
        };
        reports.agreed = [this, i] { agreed(i); };
        reports.passed_on = [this, i](View value) { model_->passed_on(model_->number_of(element_of(value)), i); };
        Seat seat = seat_of(i, founders, founding_seed);
        post->walls.jumped(agenda_.now(), seat.skew);
        post->machine = std::make_unique<Machine>(agenda_, trace_, post->swarm, recipe, random_.next(), reports, seat);
        posts_.push_back(std::move(post));
    }
}

Seat Cluster::seat_of(std::uint32_t place, const std::vector<Member>& founders, std::uint64_t seed) const {
    SeededRandom random(seed + place);
    Seat seat;
    seat.network = network_.get();
    seat.name = kit::text("n", place);
    auto reach = static_cast<std::uint64_t>(storm_.skew_most.us);
    seat.skew = Duration{static_cast<std::int64_t>(random.below(2 * reach + 1)) - storm_.skew_most.us};
    // The first two are seeds of all, so that no round of gossip need know a machine that is up.
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(2, storm_.nodes); ++i)
        seat.seeds.push_back(Network::background_address(i));
    seat.datacentre = founders[place].datacentre;
    seat.replication.replicas = storm_.replicas;
    for (std::size_t site = 0; site < storm_.by_site.size(); ++site)
        seat.replication.per_datacentre.emplace_back(datacentre(site), storm_.by_site[site]);
    seat.expect = storm_.nodes;
    seat.take_home_after = storm_.take_home_after;
    if (storm_.by_vote) return seat;
    seat.node = founders[place].node;
    seat.founders = founders;
    seat.founding_seed = seed;
    return seat;
}

void Cluster::complain(const std::string& what) {
    trace_.note(agenda_.now(), "COMPLAINT ", what);
    if (!verdict_.complaint) verdict_.complaint = what;
}

Verdict Cluster::run() {
    for (auto& post : posts_) post->machine->start();
    for (auto& client : clients_) client->live();
    schedule(swarm_.crash_every, &Cluster::crash);
    schedule(swarm_.clean_stop_every, &Cluster::clean_stop);
    schedule(swarm_.clock_jump_every, &Cluster::jump_clock);
    schedule(swarm_.full_disk_every, &Cluster::fill_disk);
    schedule(storm_.pause_every, &Cluster::pause);
    schedule(storm_.partition_every, &Cluster::partition);
    schedule(storm_.slow_every, &Cluster::slow_down);
    schedule(storm_.wipe_every, &Cluster::wipe);
    schedule(storm_.rot_every, &Cluster::rot);
    unlucky_ = static_cast<std::uint32_t>(rare_.below(posts_.size()));
    if (storm_.absence.us != 0)
        agenda_.in(Duration{static_cast<std::int64_t>(1 + rare_.below(30'000'000))}, [this] { leave(); });
    schedule(storm_.cut_site_every, &Cluster::cut_site);
    schedule(swarm_.table_change_every, &Cluster::change_table);
    schedule(milliseconds(500), &Cluster::watch);
    agenda_.run(Instant{plan_.length.us}, [this] { return wrong(); });
    if (!wrong()) heal();
    verdict_.trace_hash = trace_.hash();
    verdict_.orders = town_->acted;
    verdict_.acked = model_->acked();
    verdict_.checks = model_->checks();
    verdict_.frames = network_->carried();
    return verdict_;
}

}  // namespace ashlar::sim
