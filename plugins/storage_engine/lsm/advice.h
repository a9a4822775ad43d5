// What an operator can do about a file that is damaged or missing: the end of every such message.
#pragma once

#include "ashlar/types.h"

namespace ashlar::lsm {

/// An older copy will not do: the node would give out numbers of writes a second time.
inline constexpr View damage_advice =
    ". Nothing was changed. Put back a copy of the whole data directory made after this node last ran; with an empty "
    "directory it starts as a new node that holds nothing";

}  // namespace ashlar::lsm
