// This node as a replica for others: their reads, writes and hints, fenced by epoch (fence.h) and answered when done.
//
// Contents are never refused for what they say (only a coordinator admits), but bytes that are no
// entry of the table's resolver are. Work past the asker's deadline is not done. Loop only.
#pragma once

#include "ashlar/host.h"
#include "member/members.h"
#include "port/hint_keeper.h"
#include "port/limits.h"
#include "request/catalogue.h"
#include "request/fence.h"
#include "request/replica.h"
#include "request/stamps.h"

namespace ashlar::request {

class Serving final : private Replica::Listener {
public:
    Serving(Catalogue& catalogue, const Fence& fence, StorageEngine& engine, port::Works& works, SyncQueue& syncs,
            member::Members& members, port::HintKeeper& hints, Stamps& stamps, const port::Limits& limits,
            Meter& meter);

    /// True if it was an ask.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    std::size_t waiting() const { return asked_.used(); }
    /// From now on every ask is refused.
    void close() { closed_ = true; }

private:
    enum class Kind : std::uint8_t { read, write, scan, hint };
    /// An ask that waits for a lane.
    struct Asked {
        NodeId from;
        wire::Ref ref;
        Kind kind = Kind::read;
        bool digest = false;
        Instant until;
        void clear() {}
    };

    void read(const port::Turn& turn, NodeId from, const wire::ReadAsk& ask);
    /// Whether it was admitted; `from` is told either way.
    bool write(const port::Turn& turn, NodeId from, const wire::WriteAsk& ask);
    void relay(const port::Turn& turn, NodeId from, const wire::RelayAsk& ask);
    void scan(const port::Turn& turn, NodeId from, const wire::ScanAsk& ask);
    void take_hint(const port::Turn& turn, NodeId from, const wire::HintGive& hint);
    /// Whether it is an entry of the table; what it holds is met.
    Result<void> check(const port::Turn& turn, const ServedTable& table, View entry);
    Result<ServedTable*> admit(const port::Turn& turn, NodeId from, TableId table, const Epoch* epoch);
    base::SlotId remember(const port::Turn& turn, Kind kind, NodeId from, wire::Ref ref, Duration left);

    void read_done(const port::Turn& turn, base::SlotId name, const ReadAnswer& answer) override;
    void write_done(const port::Turn& turn, base::SlotId name, const WriteAnswer& answer) override;
    void say(const port::Turn& turn, NodeId to, port::Road road, const wire::Message& message);

    Catalogue& catalogue_;
    const Fence& fence_;
    StorageEngine& engine_;
    port::Works& works_;
    member::Members& members_;
    Stamps& stamps_;
    const port::Limits& limits_;
    Meter::Counter& served_;
    Meter::Counter& refused_;
    Meter::Counter& relayed_;
    Replica replica_;
    base::Slab<Asked> asked_;
    Reading reading_;  ///< memory used again
    bool closed_ = false;
};

}  // namespace ashlar::request
