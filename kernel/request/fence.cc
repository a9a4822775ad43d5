#include "request/fence.h"

#include "kit/text.h"

namespace ashlar::request {

Result<void> Fence::admit(const port::Turn& turn, NodeId from, Epoch asked) const {
    const Epoch mine = catalogue_.ring()->epoch;
    if (asked == mine) return {};
    if (asked < mine) {
        if (epochs_.give) epochs_.give(turn, from);
        return fail(Code::conflict, kit::text("epoch ", asked.value, " is over, this is epoch ", mine.value));
    }
    if (epochs_.catch_up) epochs_.catch_up(turn, from);
    return fail(Code::conflict,
                kit::text("this node knows epoch ", mine.value, " and is catching up with ", asked.value));
}

}  // namespace ashlar::request
