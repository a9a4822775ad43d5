#include "turns.h"

#include <algorithm>
#include <utility>

namespace ashlar::swim {

void Turns::add(NodeId peer) {
    const std::size_t to_come = order_.size() - next_;
    const auto place = static_cast<std::size_t>(random_.next() % (to_come + 1));
    order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(next_ + place), peer);
}

void Turns::remove(NodeId peer) {
    const auto at = std::find(order_.begin(), order_.end(), peer);
    if (at == order_.end()) return;
    if (static_cast<std::size_t>(at - order_.begin()) < next_) --next_;
    order_.erase(at);
}

NodeId Turns::next() {
    if (order_.empty()) return {};
    if (next_ == order_.size()) {
        next_ = 0;
        for (std::size_t left = order_.size(); left > 1; --left)
            std::swap(order_[left - 1], order_[static_cast<std::size_t>(random_.next() % left)]);
    }
    return order_[next_++];
}

}  // namespace ashlar::swim
