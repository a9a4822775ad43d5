// How many owners surely take part in a request, in all and by data centre; and whether two requests must meet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ashlar/ring.h"

namespace ashlar::sim {

struct Reach {
    std::uint32_t owners = 1;
    std::vector<std::uint32_t> by_site;  ///< empty: where they stand is not known, or there is one data centre

    /// Whether some of `all` owners must be in both.
    static bool overlap(const Reach& written, const Reach& read, const Reach& all) {
        if (written.owners + read.owners > all.owners) return true;
        for (std::size_t site = 0; site < all.by_site.size(); ++site) {
            if (site >= written.by_site.size() || site >= read.by_site.size()) break;
            if (written.by_site[site] + read.by_site[site] > all.by_site[site]) return true;
        }
        return false;
    }
    /// Any so many of `all`: in each data centre those that the others have no room for.
    static Reach any_of(std::uint32_t count, const Reach& all) {
        Reach out{count, all.by_site};
        for (std::uint32_t& here : out.by_site) {
            std::uint32_t elsewhere = all.owners - here;
            here = count > elsewhere ? count - elsewhere : 0;
        }
        return out;
    }
};

/// What holds for a table where an order says nothing else: who owns its keys, how many are asked.
struct Terms {
    Reach owners;
    Consistency read{Level::quorum, 0};
    Consistency write{Level::quorum, 0};
    Duration ttl{0};  ///< of what is written without one; 0: none
};

}  // namespace ashlar::sim
