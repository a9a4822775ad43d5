// What happened, as one number and (if asked) as lines. Same seed, same number: on every compiler and build.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "ashlar/types.h"
#include "kit/hash.h"
#include "kit/text.h"

namespace ashlar::sim {

class Trace {
public:
    explicit Trace(bool verbose) : verbose_(verbose) {}

    template <class... Pieces>
    void note(Instant when, const Pieces&... pieces) {
        std::string line = kit::text(when.us, " ", pieces...);
        hash_ = kit::hash64(line, hash_);
        ++lines_;
        if (verbose_) std::fprintf(stderr, "%s\n", line.c_str());
    }
    std::uint64_t hash() const { return hash_; }
    std::uint64_t lines() const { return lines_; }

private:
    bool verbose_;
    std::uint64_t hash_ = 0;
    std::uint64_t lines_ = 0;
};

}  // namespace ashlar::sim
