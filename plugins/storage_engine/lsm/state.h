// What the loop knows of the engine: the one place its parts meet. Loop only.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "log_writer.h"
#include "manifest.h"
#include "version.h"
#include "workshop.h"

namespace ashlar::lsm {

/// Free disk as last seen by a piece of work, less what was taken since.
struct Space {
    std::uint64_t seen = ~std::uint64_t{0};
    std::uint64_t taken = 0;
    bool below(std::uint64_t reserve) const { return seen < taken || seen - taken < reserve; }
    /// So near the reserve that the next write may be refused: it is looked at often, for what was seen may be over.
    bool near(std::uint64_t reserve) const { return below(2 * reserve + (64u << 20)); }
};

/// The snapshots that are still held, to know the oldest.
class SnapshotList {
public:
    void add(const std::shared_ptr<const Moment>& moment);
    /// The lowest sequence a held snapshot sees; the highest number if none is held.
    Sequence oldest();
    /// How many are held right now.
    std::size_t size() const;

private:
    void sweep();
    std::vector<std::pair<Sequence, std::weak_ptr<const Moment>>> held_;
    std::size_t sweep_at_ = 64;
};

struct State {
    State(Workshop& w, LogBuffer b) : shop(w), buffer(std::move(b)) {}

    Workshop& shop;
    VersionPtr version = std::make_shared<const Version>();
    std::shared_ptr<Memtable> active;
    LogBuffer buffer;
    std::unique_ptr<LogFile> log;  ///< away while a sync is under way
    Sequence applied = 0;
    Sequence written = 0;
    Sequence synced = 0;
    std::optional<Error> closed;  ///< why no write is taken any more
    bool log_failed = false;      ///< the log cannot be written either
    bool log_waits = false;       ///< the log found no room for what is in the buffer; a later sync tries again
    bool flush_waits = false;     ///< a flush found no room, and memtables wait for it
    Space space;
    bool refused_for_room = false;  ///< a write was, since the room was last looked at
    Retired retired;
    SnapshotList snapshots;
    std::uint64_t syncs = 0;                                        ///< of the log
    std::vector<std::pair<std::uint64_t, std::uint64_t>> segments;  ///< of the log, as last seen: number, bytes

    /// Whether what was applied has no room on the disk: then no more is taken.
    bool wants_room() const { return flush_waits || (log_waits && (log == nullptr || buffer.bytes() != 0)); }
    Moment moment() const { return Moment{version, active, applied}; }
    void publish(Version next) { version = std::make_shared<const Version>(std::move(next)); }
    /// Freezes the active memtable and begins a new one.
    void freeze();
    void close(const Error& cause);
    /// Takes a retirement in, as of a sequence; what it hides counts after publish_hides().
    void add_retirement(const Retirement& retirement, Sequence sequence);
    void publish_hides();
};

}  // namespace ashlar::lsm
