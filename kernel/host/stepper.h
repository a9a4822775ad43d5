// The node as the desks see it: give it events, on the loop. Also the clock of the turn.
#pragma once

#include "ashlar/types.h"
#include "port/event.h"

namespace ashlar::host {

class Stepper {
public:
    virtual const Now& now() = 0;
    /// May answer calls before it returns.
    virtual void step(const port::Event& event) = 0;

protected:
    ~Stepper() = default;
};

}  // namespace ashlar::host
