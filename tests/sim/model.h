// What a correct store may answer: every write the clients made, what it had seen, and what became of it.
//
// Each value names its write, so a read can be judged by itself:
//   phantom      a value nobody wrote, or whose write was refused for certain, or damaged
//   returned     a value that a durable, finished write had seen and replaced before the read began
//   lost         a durably acknowledged value is missing, and no write that may have replaced it exists
//   expired      a value is shown after its time, by every clock the node had
//   twice        one write with a request id shows up as two siblings
// It judges what must hold, never what merely happens: where the outcome of a write is unknown both are allowed.
// In a cluster a read must show a write only where the owners that acknowledged and those that were asked overlap, and
// where only owners counted; the reads at the end ask everybody.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ashlar/types.h"
#include "disk_tree.h"
#include "reach.h"

namespace ashlar::sim {

enum class Outcome : std::uint8_t {
    open,  ///< under way
    acked,
    unknown,  ///< no answer, or one that says it may still land
    refused,  ///< nothing was written, for certain
};

using WriteNumber = std::uint64_t;

struct WriteRecord {
    // As asked.
    std::string place;  ///< table generation and key
    bool remove = false;
    bool sees_all = false;          ///< replaces whatever the node has: overwrite, remove without context
    std::vector<WriteNumber> sees;  ///< what its context covers
    Sync sync = Sync::always;
    Reach owners;          ///< that surely had it when it was acknowledged
    Reach read_owners;     ///< of sees_all: that were asked what there is
    Reach all;             ///< owners of the key
    RequestId request;     ///< given: the write has a name
    bool retried = false;  ///< so it may have been written again by a late attempt
    Bytes value;
    Duration ttl{0};
    // What became of it.
    Outcome outcome = Outcome::open;
    Instant invoked;
    Instant ended;
    std::optional<std::size_t> coordinator;  ///< the first it was passed on to
    bool may_be_lost = false;                ///< a crash came before it had to be durable
    bool explained = false;                  ///< something may have replaced it for good
    WallTime expires_from{0};                ///< with a TTL: not before, surely after
    WallTime expires_until{0};
    std::vector<WriteNumber> seen_by;
};

/// One key as a client was shown it.
struct Shown {
    std::string place;
    std::vector<Bytes> values;
    Instant invoked;
    Instant ended;
    Reach owners;       ///< that were asked
    WallTime wall_low;  ///< the node's clock lay between these while it read
    WallTime wall_high;
};

class Model {
public:
    using Complaint = std::function<void(const std::string&)>;
    /// `merges_blind_writes`: of the table's resolver. Any later write may replace an earlier one.
    Model(bool merges_blind_writes, Complaint complain)
        : merges_(merges_blind_writes), complain_(std::move(complain)) {}
    /// Of a cluster.
    void spread() { several_ = true; }

    WriteNumber begin(WriteRecord write);
    void end(WriteNumber number, Outcome outcome, Instant now, WallTime wall_low, WallTime wall_high);
    void check(const Shown& shown);
    /// Each of the writes whose elements a value has merged counts once in it, or more where it was tried again.
    void check_count(const std::string& place, const std::vector<Bytes>& elements, std::uint64_t count);
    /// All places that begin so, and have ever held a value that must be there.
    std::vector<std::string> places(const std::string& prefix) const;
    /// The process or the machine died: what was not durable by contract may be gone.
    void crashed(Instant now, Loss loss, Duration write_window, Duration sync_window);
    /// A sync failed: what was acknowledged without one, or will be until the engine has noticed, may stay un-synced
    /// until the next crash.
    void sync_failed(Instant now, Duration sync_window, Instant noticed);
    /// A machine lost what it held: what one owner alone had may be gone. It befalls one machine of a cluster only.
    void disk_lost();
    /// Nothing written to places that begin so counts any more.
    void forget(const std::string& prefix);
    /// 0: no write of ours.
    WriteNumber number_of(View value) const;
    const WriteRecord& write(WriteNumber number) const { return writes_[number]; }
    void retried(WriteNumber number) { writes_[number].retried = true; }
    /// A write was passed on to this machine. A second one may do it again under the same name (BEHAVIOUR 5: equal
    /// names of two coordinators meet only while both versions live), though its client asked once.
    void passed_on(WriteNumber number, std::size_t place);
    std::uint64_t checks() const { return checks_; }
    std::uint64_t acked() const { return acked_; }

    static Bytes make_value(WriteNumber number, std::uint32_t size);
    WriteNumber next_number() const { return writes_.size(); }

private:
    void check_value(const Shown& shown, WriteNumber number);
    void check_missing(const Shown& shown, WriteNumber number);
    bool surely_over(const WriteRecord& write, Instant before) const;
    bool surely_replaced(const WriteRecord& old, const Shown& shown) const;
    void complain(const Shown& shown, WriteNumber number, const char* what);

    bool merges_;
    bool several_ = false;  ///< nodes, so that a try may land somewhere long after nobody waits for it
    Complaint complain_;
    std::vector<WriteRecord> writes_{1};                        ///< number 0 is nobody
    std::map<std::string, std::vector<WriteNumber>> expected_;  ///< by place: values that must be there
    std::map<std::string, std::vector<WriteNumber>> covering_;  ///< by place: writes that see all, or (merging) any
    Instant in_doubt_until_{-1};
    std::uint64_t checks_ = 0;
    std::uint64_t acked_ = 0;
};

}  // namespace ashlar::sim
