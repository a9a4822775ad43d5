// Joins a batch of writes into a memtable: all of it or nothing.
//
// First every entry is joined with what the memtable holds of its key and prepared; then, once the log has the
// batch, everything is made visible. Loop only (and the replay at creation).
#pragma once

#include <span>
#include <vector>

#include "ashlar/host.h"
#include "memtable.h"

namespace ashlar::lsm {

class Absorber {
public:
    explicit Absorber(const Joiner& joiner) : joiner_(joiner) {}

    /// Writes take the sequences from `first` on. On failure (a malformed entry) nothing is prepared.
    Result<void> prepare(Memtable& memtable, std::span<const Write> batch, Sequence first, const Hidden& hidden);
    /// Makes what was prepared visible.
    void publish(Memtable& memtable);

private:
    const Joiner& joiner_;
    std::vector<Memtable::Node*> nodes_;  ///< of the batch; kept for its memory
};

}  // namespace ashlar::lsm
