#include "member/probing.h"

#include <algorithm>

namespace ashlar::member {

std::optional<wire::Ref> Probing::begin(const Asked& asked) {
    if (asked_.size() >= probes_max) return std::nullopt;
    if (asked.asker != NodeId{}) {
        const auto relays =
            std::count_if(asked_.begin(), asked_.end(), [](const auto& one) { return one.second.asker != NodeId{}; });
        if (static_cast<std::size_t>(relays) >= relays_max) return std::nullopt;
    }
    const wire::Ref ref{next_++};
    asked_[ref.value] = asked;
    return ref;
}

std::optional<Asked> Probing::end(const wire::ProbeAnswer& answer, NodeId from) {
    auto found = asked_.find(answer.ref.value);
    if (found == asked_.end() || found->second.to != from || found->second.target != answer.target) return std::nullopt;
    const Asked asked = found->second;
    if (answer.alive) {
        asked_.erase(found);
        return asked;
    }
    if (asked.direct() || asked.said_no) return std::nullopt;
    found->second.said_no = true;
    return asked;
}

std::vector<Asked> Probing::overdue(Instant now, Duration late) {
    std::vector<Asked> out;
    for (auto at = asked_.begin(); at != asked_.end();) {
        Asked& asked = at->second;
        if (now < asked.until) {
            ++at;
        } else if (asked.late) {
            at = asked_.erase(at);
        } else {
            out.push_back(asked);
            asked.late = true;
            asked.until = now + late;
            ++at;
        }
    }
    return out;
}

void Probing::forget(NodeId target) {
    std::erase_if(asked_, [target](const auto& one) { return one.second.target == target; });
}

bool Probing::waits_for(NodeId target) const {
    return std::any_of(asked_.begin(), asked_.end(), [target](const auto& one) {
        return one.second.to == target && one.second.direct() && one.second.asker == NodeId{} && !one.second.late;
    });
}

Instant Probing::earliest() const {
    Instant out = port::never;
    for (const auto& [ref, asked] : asked_) out = std::min(out, asked.until);
    return out;
}

}  // namespace ashlar::member
