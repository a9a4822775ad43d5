#include "repair/questions.h"

#include <algorithm>

namespace ashlar::repair {
namespace {

constexpr unsigned tries_most = 4;
/// No room here, on the road, or there.
constexpr Duration busy_pause = milliseconds(200);
/// Of a peer that has no room again and again, no more is asked than this.
constexpr unsigned busy_tries_most = 50;

const wire::Fault* fault_of(const wire::Message& message, wire::Ref& ref) {
    if (const auto* sums = std::get_if<wire::SumAnswer>(&message)) return ref = sums->ref, &sums->fault;
    if (const auto* page = std::get_if<wire::FetchAnswer>(&message)) return ref = page->ref, &page->fault;
    if (const auto* taken = std::get_if<wire::EntriesTaken>(&message)) return ref = taken->ref, &taken->fault;
    return nullptr;
}

}  // namespace

void Questions::put(const port::Turn& turn, std::uint64_t ref, Open open) {
    Open& kept = open_.emplace(ref, std::move(open)).first->second;
    send(turn, kept);
}

void Questions::send(const port::Turn& turn, Open& open) {
    ++open.tries;
    open.again = turn.now.steady + open.patience;
    // A peer that is down or nowhere is not waited for.
    const port::Peer peer = members_.peer(open.to, open.road);
    if (members_.state(open.to) == PeerState::down || peer.address.empty()) {
        open.tries = tries_most;
        open.again = turn.now.steady;
        return;
    }
    wire::Message message;
    if (!wire::decode(open.bytes, message)) return;
    if (!turn.effects.send(peer, open.road, message)) open.again = turn.now.steady + busy_pause;
}

bool Questions::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    wire::Ref ref;
    const wire::Fault* fault = fault_of(message, ref);
    if (fault == nullptr) return false;
    auto at = open_.find(ref.value);
    if (at == open_.end() || at->second.to != from.node) return true;
    if (fault->code == static_cast<std::uint8_t>(Code::overloaded) && at->second.tries < busy_tries_most) {
        at->second.again = turn.now.steady + busy_pause;
        return true;
    }
    const Then then = std::move(at->second.then);
    open_.erase(at);
    then(turn, &message);
    return true;
}

void Questions::pump(const port::Turn& turn) {
    while (!pauses_.empty() && pauses_.begin()->first <= turn.now.steady) {
        const auto then = std::move(pauses_.begin()->second);
        pauses_.erase(pauses_.begin());
        then(turn);
    }
    // Whoever is called back may ask anew: those questions have later names.
    for (auto at = open_.begin(); at != open_.end();) {
        if (turn.now.steady < at->second.again) {
            ++at;
            continue;
        }
        if (at->second.tries < tries_most) {
            send(turn, at->second);
            ++at;
            continue;
        }
        const Then then = std::move(at->second.then);
        const std::uint64_t ref = at->first;
        open_.erase(at);
        then(turn, nullptr);
        at = open_.upper_bound(ref);
    }
}

Instant Questions::due() const {
    Instant due = pauses_.empty() ? port::never : pauses_.begin()->first;
    for (const auto& [ref, open] : open_) due = std::min(due, open.again);
    return due;
}

void Questions::stop() {
    open_.clear();
    pauses_.clear();
}

}  // namespace ashlar::repair
