#include "member/verdict.h"

#include <algorithm>
#include <string>

#include "kit/text.h"

namespace ashlar::member {
namespace {

const char* name_of_channel(Channel channel) {
    switch (channel) {
        case Channel::gossip:
            return "gossip";
        case Channel::probe:
            return "probe";
        case Channel::indirect:
            return "indirect probe";
        case Channel::data_path:
            return "requests";
        case Channel::word:
            return "word";
    }
    return "?";
}

/// Other nodes' words do not count: they are heard through `accusers`.
std::size_t own_channels(const Opinion& opinion) {
    std::vector<Channel> channels = opinion.against;
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    return static_cast<std::size_t>(
        std::count_if(channels.begin(), channels.end(), [](Channel c) { return c != Channel::word; }));
}

bool another_witness(const Roster& roster, NodeId node) {
    return std::any_of(roster.peers.begin(), roster.peers.end(),
                       [node](const auto& peer) { return peer.first != node && believed(peer.second); });
}

bool second_source(const Roster& roster, NodeId node, const Known& known) {
    if (!known.accusers.empty() || known.entry.stopping) return true;
    return !another_witness(roster, node) && own_channels(known.own) >= 2;
}

}  // namespace

void gather_accusers(Roster& roster, Instant fresh_from) {
    for (auto& [node, known] : roster.peers) known.accusers.clear();
    for (const auto& [accuser, word] : roster.peers) {
        if (!believed(word) || word.advanced <= fresh_from) continue;
        for (NodeId accused : word.entry.accuses)
            if (Known* known = accused == accuser ? nullptr : roster.find(accused)) known->accusers.push_back(accuser);
    }
}

PeerState verdict(const Roster& roster, NodeId node, const Known& known, bool lenient) {
    switch (known.own.state) {
        case PeerState::down:
            if (known.state == PeerState::down) return PeerState::down;
            return !lenient && second_source(roster, node, known) ? PeerState::down : PeerState::suspect;
        case PeerState::suspect:
            return PeerState::suspect;
        default:
            // It says itself that it goes; or it was only spoken of, and not only well.
            if (known.entry.stopping || (!known.proven && !known.accusers.empty())) return PeerState::suspect;
            return known.own.state;
    }
}

std::string reasons(const Known& known) {
    std::string out;
    for (Channel channel : known.own.against) {
        if (channel == Channel::word) continue;
        out += out.empty() ? "silent by " : ", ";
        out += name_of_channel(channel);
    }
    constexpr std::size_t named_max = 3;
    for (std::size_t i = 0; i < known.accusers.size() && i < named_max; ++i) {
        out += i > 0 ? ", " : out.empty() ? "accused by " : "; accused by ";
        out += kit::hex16(known.accusers[i].value);
    }
    if (known.accusers.size() > named_max) out += kit::text(" and ", known.accusers.size() - named_max, " more");
    if (known.entry.stopping) out += out.empty() ? "it says it stops" : "; it says it stops";
    return out;
}

const char* name_of(PeerState state) {
    switch (state) {
        case PeerState::alive:
            return "alive";
        case PeerState::slow:
            return "slow";
        case PeerState::suspect:
            return "suspect";
        case PeerState::down:
            return "down";
    }
    return "?";
}

}  // namespace ashlar::member
