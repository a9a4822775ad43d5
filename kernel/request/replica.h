// The replica side: one key read or written on this node, for a coordinator here or (over the peer link) elsewhere.
//
// What memory can tell is answered within the call; what must wait for a lane is told to the listener later, under
// the name the asker gave. Loop only.
#pragma once

#include <optional>

#include "ashlar/storage_engine.h"
#include "base/slab.h"
#include "port/hint_keeper.h"
#include "port/works.h"
#include "request/sync_queue.h"

namespace ashlar::request {

struct ReadAsk {
    base::SlotId name;
    EntryKey key;
    bool may_wait = true;  ///< false: what memory cannot tell stays unknown
    bool complete = true;  ///< for the answer: as of the ask, whatever comes meanwhile
};
struct ReadAnswer {
    bool ok = true;
    Error error;
    View entry;            ///< empty: nothing is held. Valid until the replica is next called.
    bool complete = true;  ///< an owner that answers for the range: else it does not count as one
    std::uint64_t hash = 0;  ///< of the entry where it was worked out (another node's answer); 0: nothing held
};
struct WriteAsk {
    base::SlotId name;
    EntryKey key;
    View entry;
    Sync sync = Sync::always;       ///< never table_default
    NodeId absent;                  ///< given: kept as a hint for this owner, in the same batch
};
struct WriteAnswer {
    bool ok = true;
    Error error;
    bool synced = false;
};

class Replica final : private SyncQueue::Listener {
public:
    /// Told what could not be answered at once.
    class Listener {
    public:
        virtual void read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& answer) = 0;
        virtual void write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) = 0;

    protected:
        ~Listener() = default;
    };

    Replica(StorageEngine& engine, port::Works& works, SyncQueue& syncs, port::HintKeeper& hints, Listener& listener)
        : engine_(engine), works_(works), syncs_(syncs), hints_(hints), listener_(listener), found_(Found{}) {}

    /// Nothing: the answer comes later, or (with may_wait false) memory cannot tell.
    std::optional<ReadAnswer> read(const port::Turn& turn, const ReadAsk& ask);
    /// A hint is refused before anything is applied when there is no room for it.
    std::optional<WriteAnswer> write(const port::Turn& turn, const WriteAsk& ask);
    /// As write(), for what was applied before: answers when `sequence` is as safe as asked.
    std::optional<WriteAnswer> confirm(const port::Turn& turn, base::SlotId name, Sequence sequence, Sync sync);
    /// Sequence of the last write applied through this replica.
    Sequence applied() const { return applied_; }

private:
    Result<Sequence> apply(const WriteAsk& ask);
    Result<Sequence> apply_hinted(const WriteAsk& ask);
    void durable(const port::Turn& turn, base::SlotId name, const Result<void>& outcome) override;

    StorageEngine& engine_;
    port::Works& works_;
    SyncQueue& syncs_;
    port::HintKeeper& hints_;
    Listener& listener_;
    Result<Found> found_;  ///< keeps the last answer's bytes alive
    Sequence applied_ = 0;
};

}  // namespace ashlar::request
