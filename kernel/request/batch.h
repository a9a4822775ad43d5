// A multi_get or multi_put under way: answers by position, sent when the last is in.
#pragma once

#include <vector>

#include "request/kept_answer.h"

namespace ashlar::request {

struct Batch {
    port::Call call = port::Call::multi_get;
    port::Ticket ticket;
    std::vector<KeptAnswer> answers;
    std::size_t left = 0;   ///< answers that are still out
    std::size_t bytes = 0;  ///< gathered so far

    void clear() {
        std::vector<KeptAnswer>().swap(answers);
        left = bytes = 0;
    }
};

}  // namespace ashlar::request
