// The fence of epochs: an ask is taken only in the epoch it was placed by.
//
// One of an older epoch is refused and the newer state is given along; one of a newer epoch is refused until this node
// has caught up, which it begins to do. Both are said as `conflict`, which no other refusal among replicas is, and
// whoever asked asks again: acknowledgements of two epochs never form one quorum. Loop only.
#pragma once

#include <functional>
#include <utility>

#include "port/turn.h"
#include "request/catalogue.h"
#include "wire/message.h"

namespace ashlar::request {

class Fence {
public:
    /// How the room meets those who know the agreed state.
    struct Epochs {
        std::function<void(const port::Turn&, NodeId)> give;      ///< tell them the newer state
        std::function<void(const port::Turn&, NodeId)> catch_up;  ///< they know a newer one than we
    };

    explicit Fence(const Catalogue& catalogue) : catalogue_(catalogue) {}
    void on_epochs(Epochs epochs) { epochs_ = std::move(epochs); }

    Result<void> admit(const port::Turn& turn, NodeId from, Epoch asked) const;
    /// Whether a replica refused because it or this node knows another epoch.
    static bool held(const wire::Fault& fault) { return fault.code == static_cast<std::uint8_t>(Code::conflict); }

private:
    const Catalogue& catalogue_;
    Epochs epochs_;
};

}  // namespace ashlar::request
