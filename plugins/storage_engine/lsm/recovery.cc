#include "recovery.h"

#include <algorithm>

#include "absorb.h"
#include "advice.h"
#include "kit/text.h"
#include "log_replay.h"
#include "names.h"
#include "rewrite.h"

namespace ashlar::lsm {
namespace {

/// The names of a directory, sorted out.
struct Listing {
    bool current = false;
    std::vector<std::string> asides;
    std::vector<std::uint64_t> logs, tables, manifests;

    std::uint64_t highest_file() const {
        std::uint64_t highest = 0;
        for (const auto* numbers : {&tables, &manifests})
            for (std::uint64_t n : *numbers) highest = std::max(highest, n);
        return highest;
    }
};

Result<Listing> list_directory(Disk& disk) {
    auto names = disk.list("");
    if (!names) return names.error();
    Listing out;
    for (const std::string& name : *names) {
        if (name == current_name) out.current = true;
        if (name == current_aside_name || name == log_aside_name) out.asides.push_back(name);
        if (auto n = number_in(name, log_prefix)) out.logs.push_back(*n);
        if (auto n = number_in(name, table_prefix)) out.tables.push_back(*n);
        if (auto n = number_in(name, manifest_prefix)) out.manifests.push_back(*n);
    }
    return out;
}

Result<Bytes> read_whole(Disk& disk, const std::string& path) {
    auto file = disk.open(path);
    if (!file) return file.error();
    Bytes bytes;
    if (auto done = (*file)->read(0, static_cast<std::size_t>((*file)->size()), bytes); !done) return done.error();
    return bytes;
}

class Recovery {
public:
    Recovery(Workshop& shop, Random& random) : shop_(shop), random_(random), absorber_(shop.joiner) {}

    Result<Recovered> run();

private:
    Result<void> read_current();
    bool log_is_unused(std::uint64_t number) const;
    Result<void> open_tables();
    Result<void> replay(bool to_disk);
    Result<void> take(std::uint64_t segment, const RecordReader& record, bool to_disk);
    Result<void> flush_frozen();
    Result<void> settle_on_disk();
    void begin_state();
    void drop_outputs();
    void clean_up();
    void reserve_sequences();

    Workshop& shop_;
    Random& random_;
    Absorber absorber_;
    Listing listing_;
    Contents contents_;
    std::vector<TablePtr> outputs_;
    std::uint64_t floor_ = 0;  ///< lower segments may go
    Replayed replayed_;
    VersionPtr opened_ = std::make_shared<const Version>();
    Recovered out_;
};

Result<Recovered> Recovery::run() {
    auto listing = list_directory(shop_.disk);
    if (!listing) return listing.error();
    listing_ = std::move(*listing);
    shop_.next_file = listing_.highest_file() + 1;
    if (auto done = read_current(); !done) return done.error();
    if (auto done = open_tables(); !done) return done.error();

    auto done = replay(true);
    if (done) done = settle_on_disk();
    if (!done) {
        drop_outputs();
        if (done.error().code != Code::no_space || !listing_.current) return done.error();
        shop_.log.write(
            LogLevel::warn,
            "the disk is too full to flush what the commit log holds: it stays in memory, writes are refused");
        if (auto again = replay(false); !again) return again.error();
        out_.manifest = std::make_unique<Manifest>(shop_.disk, "", shop_.directory, random_.next(), contents_,
                                                   shop_.next_file, shop_.tuning.manifest_bytes);
        // The end of the old log may never have been synced, and cannot be now: no record may follow it that is.
        out_.state->flush_waits = !out_.state->version->frozen.empty();
    }
    clean_up();
    if (auto free = shop_.disk.free_bytes()) out_.state->space.seen = *free;
    return std::move(out_);
}

Result<void> Recovery::read_current() {
    for (const std::string& name : listing_.asides)
        (void)shop_.disk.remove(name);  // of a start or a segment that did not finish
    if (!listing_.current) {
        // A first start that did not finish may leave its first segment, without a record.
        bool unused = listing_.tables.empty();
        for (std::uint64_t n : listing_.logs) unused = unused && log_is_unused(n);
        if (!unused)
            return fail(Code::corrupt, kit::text("the file `current` is missing beside data files", damage_advice));
        // It bears the identity that start had drawn for the directory, and nothing else.
        for (std::uint64_t n : listing_.logs)
            if (auto done = shop_.disk.remove(log_name(n)); !done) return done;
        listing_.logs.clear();
        while (shop_.directory == 0) shop_.directory = random_.next();
        return {};
    }
    auto bytes = read_whole(shop_.disk, std::string(current_name));
    if (!bytes) return bytes.error();
    auto current = decode_current(*bytes);
    if (!current) return current.error();
    shop_.directory = current->directory;
    auto manifest = read_whole(shop_.disk, manifest_name(current->manifest));
    if (!manifest && manifest.error().code == Code::not_found)
        return fail(Code::corrupt, manifest_name(current->manifest) + " is missing although `current` names it");
    if (!manifest) return manifest.error();
    auto contents = read_manifest(*manifest, current->manifest, current->directory);
    if (!contents) return contents.error();
    contents_ = std::move(*contents);
    return {};
}

bool Recovery::log_is_unused(std::uint64_t number) const {
    auto bytes = read_whole(shop_.disk, log_name(number));
    auto header = bytes ? decode_header(*bytes, log_magic, log_name(number)) : Result<FileHeader>(bytes.error());
    if (!header) return false;
    FrameScan scan = scan_frames(*bytes, *header);
    return scan.clean && scan.frames.empty();
}

Result<void> Recovery::open_tables() {
    Version version;
    for (std::size_t level = 0; level < level_count; ++level) {
        for (const TableFacts& facts : contents_.levels[level]) {
            auto table = Table::open(shop_.disk, table_name(facts.number), facts, shop_.directory);
            if (!table) return table.error();
            if ((*table)->broken())
                shop_.log.write(LogLevel::error, "reads that cross this table file will fail until it is healed: " +
                                                     (*table)->broken()->detail);
            version.levels[level].push_back(std::move(*table));
        }
        if (level != 0) Version::sort_level(version.levels[level]);
    }
    version.hidden = std::make_shared<const Hidden>(Hidden{contents_.retired.hides});
    opened_ = std::make_shared<const Version>(std::move(version));
    return {};
}

void Recovery::begin_state() {
    out_.state = std::make_unique<State>(
        shop_, LogBuffer(random_, shop_.directory, replayed_.next_segment, shop_.tuning.log_segment_bytes));
    State& s = *out_.state;
    s.version = opened_;
    s.retired = contents_.retired;
    s.applied = contents_.flushed;
    s.active = std::make_shared<Memtable>(shop_.tuning.memtable_bytes, contents_.log_floor, s.applied + 1);
}

Result<void> Recovery::replay(bool to_disk) {
    begin_state();
    LogExpected expected{contents_.log_floor, contents_.log_begun, contents_.flushed, shop_.directory};
    auto replayed =
        replay_log(shop_.disk, listing_.logs, expected,
                   [&](std::uint64_t segment, const RecordReader& record) { return take(segment, record, to_disk); });
    if (!replayed) return replayed.error();
    replayed_ = *replayed;
    if (replayed_.torn)
        shop_.log.write(LogLevel::info,
                        kit::text("the commit log ends in an unfinished write behind record ", replayed_.last));
    State& s = *out_.state;
    s.buffer = LogBuffer(random_, shop_.directory, replayed_.next_segment, shop_.tuning.log_segment_bytes);
    s.synced = s.written = replayed_.synced;
    s.log = std::make_unique<LogFile>(shop_.disk, shop_.tuning.log_reserve_bytes, s.synced);
    if (to_disk || s.active->entries() != 0) s.freeze();
    return to_disk ? flush_frozen() : Result<void>{};
}

Result<void> Recovery::take(std::uint64_t segment, const RecordReader& record, bool to_disk) {
    State& s = *out_.state;
    if (s.active->bytes() >= shop_.tuning.memtable_bytes) {
        s.freeze();
        s.active = std::make_shared<Memtable>(shop_.tuning.memtable_bytes, segment, s.applied + 1);
        if (to_disk)
            if (auto done = flush_frozen(); !done) return done;
    }
    if (!record.is_batch) {
        s.add_retirement(record.retirement, record.first);
        if (record.retirement.whole) s.publish_hides();
    } else {
        if (auto done = absorber_.prepare(*s.active, record.writes, record.first, *s.version->hidden); !done)
            return fail(Code::corrupt,
                        kit::text("record ", record.first,
                                  " of the commit log holds an entry that cannot be joined: ", done.error().detail));
        absorber_.publish(*s.active);
    }
    s.applied = record.following() - 1;
    return {};
}

Result<void> Recovery::flush_frozen() {
    State& s = *out_.state;
    while (!s.version->frozen.empty()) {
        RewritePlan plan;
        plan.memtables = {s.version->frozen.front()};
        plan.split = false;
        plan.moment = s.moment();
        Rewrite rewrite(shop_, std::move(plan));
        for (;;) {
            auto done = rewrite.step(~std::uint64_t{0} >> 1);
            if (!done) {
                rewrite.abandon();
                return done.error();
            }
            if (*done) break;
        }
        Version next = *s.version;
        next.frozen.erase(next.frozen.begin());
        for (const TablePtr& table : rewrite.outputs()) {
            outputs_.push_back(table);
            next.levels[0].push_back(table);
        }
        s.publish(std::move(next));
    }
    return {};
}

/// The writes are in table files: a new manifest takes them in and lets the old log go, in one step.
Result<void> Recovery::settle_on_disk() {
    State& s = *out_.state;
    // The first segment is made now, so that the manifest can name it and its loss would be noticed.
    if (auto done = s.log->begin(s.buffer.segment_header()); !done) return done;
    s.segments = s.log->segments();
    reserve_sequences();
    s.synced = s.written = s.applied;
    s.active = std::make_shared<Memtable>(shop_.tuning.memtable_bytes, s.buffer.segment(), s.applied + 1);
    Edit edit;
    for (const TablePtr& table : outputs_) edit.added.emplace_back(0, table->facts());
    edit.log_floor = edit.log_begun = s.buffer.segment();
    edit.flushed = s.applied;
    edit.retired = s.retired;
    out_.manifest = std::make_unique<Manifest>(shop_.disk, "", shop_.directory, random_.next(), contents_,
                                               shop_.next_file, shop_.tuning.manifest_bytes);
    if (auto done = out_.manifest->commit(edit); !done) return done;
    floor_ = s.buffer.segment();  // not before: on a full disk the old segments are still all there is
    return {};
}

/// No sequence that a retirement or a file carries is given again, even if the log behind it was lost: a file whose
/// sequence is ahead of the next retirement's would not be hidden by it.
void Recovery::reserve_sequences() {
    State& s = *out_.state;
    for (const auto& level : s.version->levels)
        for (const TablePtr& table : level) s.applied = std::max(s.applied, table->facts().through);
    for (const Hide& h : s.retired.hides) s.applied = std::max(s.applied, h.sequence);
    for (const auto& [table, permits] : s.retired.permits.tables())
        for (const Permits::Permit& p : permits) s.applied = std::max(s.applied, p.given);
}

void Recovery::drop_outputs() {
    std::vector<std::string> names;
    for (const TablePtr& table : outputs_) names.push_back(table->name());
    outputs_.clear();
    out_ = Recovered{};
    for (const std::string& name : names) (void)shop_.disk.remove(name);
}

/// Removes what no manifest names. A failure leaves it for the next start.
void Recovery::clean_up() {
    std::vector<std::uint64_t> live;
    for (const auto& level : out_.state->version->levels)
        for (const TablePtr& table : level) live.push_back(table->facts().number);
    std::sort(live.begin(), live.end());
    for (std::uint64_t n : listing_.tables)
        if (!std::binary_search(live.begin(), live.end(), n)) (void)shop_.disk.remove(table_name(n));
    for (std::uint64_t n : listing_.logs)
        if (n < floor_) (void)shop_.disk.remove(log_name(n));
    if (out_.manifest->number() != 0)
        for (std::uint64_t n : listing_.manifests)
            if (n != out_.manifest->number()) (void)shop_.disk.remove(manifest_name(n));
    (void)shop_.disk.sync_directory("");
}

}  // namespace

Result<Recovered> recover(Workshop& shop, Random& random) {
    return Recovery(shop, random).run();
}

}  // namespace ashlar::lsm
