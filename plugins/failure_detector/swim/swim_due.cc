// The probing side of SWIM: turns, helpers, and what an unanswered round leads to.
#include <algorithm>
#include <utility>

#include "swim.h"

namespace ashlar::swim {

std::vector<Probe> Swim::due(Instant now) noexcept {
    std::vector<Probe> out;
    for (auto at = rounds_.begin(); at != rounds_.end();) {
        auto& [id, round] = *at;
        if (now < round.until) {
            ++at;
            continue;
        }
        if (!round.asked) {
            peers_.at(id).said.take(Evidence{Channel::probe, false, {}, 0, {}}, now);
            round.asked = true;
            round.until = now + doubt_.stretch(rules_.probe_timeout);
            round.waiting = choose_helpers(id, now);
            round.helpers = round.waiting.size();
            out.push_back(Probe{id, round.waiting, round.until - now});  // without helpers: once more directly
            ++at;
            continue;
        }
        end_unanswered(id, round, now);
        at = rounds_.erase(at);
    }
    if (now >= next_period_) {
        next_period_ = now + rules_.period;
        start_rounds(now, out);
    }
    return out;
}

void Swim::start_rounds(Instant now, std::vector<Probe>& out) {
    std::vector<NodeId> targets = in_doubt(now);
    if (const NodeId turn = turns_.next(); turn != NodeId{}) targets.push_back(turn);
    for (NodeId id : targets) {
        Peer& peer = peers_.at(id);
        const Round round{now, now + doubt_.stretch(rules_.probe_timeout), false, 0, {}};
        if (!rounds_.try_emplace(id, round).second) continue;  // one is under way
        peer.probed = now;
        peer.look = false;
        out.push_back(Probe{id, {}, round.until - now});
    }
}

/// Peers that should not wait for their turn, those first that were not probed for longest.
std::vector<NodeId> Swim::in_doubt(Instant now) const {
    std::vector<std::pair<Instant, NodeId>> found;
    for (const auto& [id, peer] : peers_) {
        if (down(peer, now) || rounds_.contains(id)) continue;
        if (peer.look || suspect(peer, now) || peer.said.heard() + silence() <= now)
            found.emplace_back(peer.probed, id);
    }
    std::sort(found.begin(), found.end());
    if (found.size() > probes_max) found.resize(probes_max);
    std::vector<NodeId> out;
    for (const auto& [probed, id] : found) out.push_back(id);
    return out;
}

std::vector<NodeId> Swim::choose_helpers(NodeId target, Instant now) {
    std::vector<NodeId> able;
    for (const auto& [id, peer] : peers_)
        if (id != target && !suspect(peer, now)) able.push_back(id);
    const std::size_t wanted = std::min(rules_.helpers, able.size());
    for (std::size_t i = 0; i < wanted; ++i)
        std::swap(able[i], able[i + static_cast<std::size_t>(random_.next() % (able.size() - i))]);
    able.resize(wanted);
    return able;
}

void Swim::end_unanswered(NodeId id, const Round& round, Instant now) {
    Peer& peer = peers_.at(id);
    peer.said.take(Evidence{round.helpers > 0 ? Channel::indirect : Channel::probe, false, {}, 0, {}}, now);
    if (peer.suspicion) return;  // that a suspect is silent says nothing about this node
    // Helpers that say they heard nothing vouch for this node's own ears; if most are silent, or there is none, the
    // fault may be here.
    if (round.waiting.size() * 2 >= round.helpers) doubt_more(1, now);
    if (peer.said.heard() > round.sent) return;  // somebody else had word of it meanwhile
    peer.suspicion = Suspicion{now, {}, 0, Instant{now.us + 1}};
    confirm(peer, now);
}

}  // namespace ashlar::swim
