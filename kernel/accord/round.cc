#include "accord/round.h"

#include <algorithm>
#include <utility>

namespace ashlar::accord {

Round::Round(Epoch epoch, wire::Ballot ballot, std::vector<NodeId> voters)
    : epoch_(epoch), ballot_(ballot), voters_(std::move(voters)), said_(voters_.size(), 0) {}

bool Round::asks(NodeId voter) const {
    return std::binary_search(voters_.begin(), voters_.end(), voter);
}

bool Round::has(NodeId voter, std::uint8_t bit) const {
    auto at = std::lower_bound(voters_.begin(), voters_.end(), voter);
    if (at == voters_.end() || *at != voter) return false;
    return (said_[static_cast<std::size_t>(at - voters_.begin())] & bit) != 0;
}

bool Round::mark(NodeId voter, std::uint8_t bit) {
    auto at = std::lower_bound(voters_.begin(), voters_.end(), voter);
    if (at == voters_.end() || *at != voter) return false;
    std::uint8_t& said = said_[static_cast<std::size_t>(at - voters_.begin())];
    if ((said & bit) != 0) return false;
    said = static_cast<std::uint8_t>(said | bit);
    return true;
}

void Round::promised(NodeId from, const wire::Ballot& accepted, View value) {
    if (!mark(from, promise_bit)) return;
    ++promises_;
    if (accepted.round == 0 || accepted <= earlier_) return;
    earlier_ = accepted;
    value_ = Bytes(value);
}

void Round::accepted(NodeId from) {
    if (mark(from, vote_bit)) ++accepts_;
}

bool Round::open() const {
    bool binding = epoch_.value == 1 && !has_earlier();
    return promises_ >= (binding ? voters_.size() : majority());
}

}  // namespace ashlar::accord
