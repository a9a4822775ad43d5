// The file `trees` beside the ledger: what the hash trees knew at a clean stop, for the next start and for no other.
//
// A start takes it: reads it, if the last stop was clean, and has it removed durably before the node serves, so that no
// crash of that life can find it again. A stop writes it aside in pieces, each synced, renames it, and only then is the
// stop noted as clean: of a stop that got no further nothing is believed. Whatever goes wrong with it costs a scan and
// never a stop; only a file that cannot be removed refuses the start, as a ledger does that cannot be stored.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "ashlar/disk.h"
#include "ledger/ledger.h"
#include "port/works.h"
#include "repair/tree_record.h"

namespace ashlar::repair {

class TreeFile {
public:
    /// Longer than this no stop is held up, but for the piece that is being written.
    static constexpr Duration patience = seconds(1);

    explicit TreeFile(Disk& disk) : disk_(disk) {}

    /// Blocking; behind node::prepare and before node::begin_life. `kept`: the engine keeps all over a restart.
    Result<void> take(const ledger::State& last, bool kept);
    /// What was taken, once; or why there is nothing.
    Result<Bytes> taken();

    using Then = std::function<void(const port::Turn&, const Result<void>&)>;
    /// Writes a record of the forest, which is not marked until `then`; or leaves no file and says why.
    void write(const port::Turn& turn, port::Works& works, const Forest& forest, const TreeBond& bond, Then then);

private:
    class Step;
    struct Writing;
    void go_on(const port::Turn& turn, const std::shared_ptr<Writing>& writing);

    Disk& disk_;
    Result<Bytes> taken_ = fail(Code::not_found, "nothing was recorded");
};

}  // namespace ashlar::repair
