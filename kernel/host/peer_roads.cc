#include "host/peer_roads.h"

#include "kit/text.h"

namespace ashlar::host {

PeerRoads::PeerRoads(PeerSeams seams, const Setup& setup) : setup_(setup) {
    if (!setup.clustered) return;
    link_ = std::make_unique<PeerLink>(seams, peer_limits(setup.config));
    background_ = std::make_unique<BackgroundRoad>(seams, peer_limits(setup.config));
}

Result<void> PeerRoads::bind() {
    if (!link_) return {};
    auto link_at = link_->bind(setup_.peers);
    if (!link_at) return link_at.error();
    auto background_at = background_->bind(setup_.background);
    if (!background_at) return background_at.error();
    link_at_ = std::move(*link_at);
    background_at_ = std::move(*background_at);
    return {};
}

wire::RosterEntry PeerRoads::self(const ledger::State& state, const std::string& clients_at) const {
    const Settings& node = setup_.config.section("node");
    const Settings& listen = setup_.config.section("listen");
    auto reached_by = [&](const char* setting, const std::string& bound) {
        const std::string& advertised = listen.text(setting);
        return advertised.empty() ? bound : advertised;
    };
    wire::RosterEntry out;
    out.node = state.node;
    out.incarnation = state.life();
    out.name = state.name;
    out.datacentre = node.text("datacentre");
    out.rack = node.text("rack");
    out.capacity = static_cast<std::uint32_t>(node.integer("capacity"));
    out.clients_at = reached_by("advertise", clients_at);
    if (link_) {
        out.link_at = reached_by("advertise_peers", link_at_);
        out.background_at = reached_by("advertise_background", background_at_);
    }
    out.parts = cluster_parts(setup_);
    out.epoch = state.agreed.epoch();
    return out;
}

member::Rules PeerRoads::rules() const {
    member::Rules out;
    out.cluster = setup_.config.section("cluster").text("name");
    out.seeds = setup_.seeds;
    return out;
}

Result<void> PeerRoads::serve(const wire::RosterEntry& self, NodeLoop& loop) {
    if (!link_) return {};
    PeerSelf said{{self.node, self.incarnation}, {}};
    said.greeting.cluster = setup_.config.section("cluster").text("name");
    said.greeting.name = self.name;
    said.greeting.parts = self.parts;
    if (auto served = link_->serve(said); !served) return served;
    background_->serve(said);
    loop.connect(*link_, *background_);
    return {};
}

std::string PeerRoads::newest_refusal() const {
    if (!link_) return {};
    const std::string& heard = background_->newest_refusal();
    return heard.empty() ? link_->newest_refusal() : heard;
}

std::string PeerRoads::told() const {
    return link_ ? kit::text(" peers ", link_at_, " background ", background_at_) : std::string();
}

}  // namespace ashlar::host
