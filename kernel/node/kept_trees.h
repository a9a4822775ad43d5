// What the hash trees know, over a clean stop: planted again at the first turn of a life, recorded at its last.
//
// A record counts only as long as nothing it says can have changed (repair/tree_record.h); else, and behind every crash,
// all is stale and is scanned when it is next compared. One line in the log says which. Loop only.
#pragma once

#include <functional>

#include "ashlar/storage_engine.h"
#include "ledger/changes.h"
#include "repair/tree_file.h"
#include "request/catalogue.h"

namespace ashlar::node {

struct Parts;

class KeptTrees {
public:
    KeptTrees(const Parts& parts, repair::Forest& forest, port::Works& works, const ledger::Changes& changes)
        : parts_(parts), forest_(forest), works_(works), changes_(changes) {}

    /// Before anything is asked or retired.
    void plant(const port::Turn& turn, const request::Catalogue& catalogue);
    /// Behind the last sync, before the stop is noted; `then` in any case.
    void keep(const port::Turn& turn, std::function<void(const port::Turn&)> then);

private:
    repair::TreeBond bond(const port::Turn& turn) const;

    const Parts& parts_;
    repair::Forest& forest_;
    port::Works& works_;
    const ledger::Changes& changes_;
};

}  // namespace ashlar::node
