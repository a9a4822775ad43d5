#include "plain_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "kit/bytes.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "memory.h"

namespace ashlar::contract {

namespace {

constexpr std::uint64_t unsynced_max = 96 << 10;
constexpr std::size_t header = 12;

Bytes record_of(std::uint64_t file, View payload) {
    Bytes out;
    kit::Writer writer(out);
    writer.u32(static_cast<std::uint32_t>(payload.size()));
    writer.u64(kit::hash64(payload, file));
    writer.bytes(payload);
    return out;
}

Bytes payload_of(std::span<const Write> batch) {
    Bytes out;
    kit::Writer writer(out);
    writer.varint(batch.size());
    for (const Write& w : batch) {
        writer.u64(w.key.token);
        writer.u32(w.key.table.value);
        writer.blob(w.key.key);
        writer.blob(w.entry);
    }
    return out;
}

/// An empty batch opens a retirement or, with nothing behind it, a mark of the sequence.
Bytes payload_of(const Retirement& r) {
    Bytes out;
    kit::Writer writer(out);
    writer.varint(0);
    writer.u8(1);
    writer.u64(r.tokens.first);
    writer.u64(r.tokens.last);
    writer.u32(r.table.value);
    return out;
}

Bytes payload_of(Sequence sequence) {
    Bytes out;
    kit::Writer writer(out);
    writer.varint(0);
    writer.u8(2);
    writer.u64(sequence);
    return out;
}

class PlainLog final : public StorageEngine {
public:
    PlainLog(Host& host, Flaw flaw) : disk_(host.disk()), flaw_(flaw), held_(host, memory_settings()) {}

    Result<void> start() noexcept;

    Result<Sequence> apply(std::span<const Write> batch) noexcept override {
        if (stopped_) return *stopped_;
        if (pending_.size() > unsynced_max) return fail(Code::overloaded, "too much is not synced yet");
        auto done = held_.apply(batch);
        if (!done) return done;
        if (flaw_ == Flaw::batch_in_pieces)
            for (const Write& w : batch) pending_ += record_of(file_, payload_of({&w, 1}));
        else
            pending_ += record_of(file_, payload_of(batch));
        return base_ + *done;
    }
    std::unique_ptr<Work> sync(SyncDepth) noexcept override;
    Result<Found> get(const EntryKey& key) noexcept override { return held_.get(key); }
    std::shared_ptr<const Snapshot> snapshot() noexcept override { return held_.snapshot(); }
    std::unique_ptr<Work> maintain(std::uint64_t budget_bytes, WallTime now) noexcept override {
        return held_.maintain(budget_bytes, now);
    }
    std::unique_ptr<Work> checkpoint(const std::string& directory) noexcept override;
    std::unique_ptr<ScrubWork> scrub() noexcept override;
    Result<void> retire(const Retirement& retirement) noexcept override {
        if (retirement.whole && flaw_ != Flaw::retires_in_memory_only)
            pending_ += record_of(file_, payload_of(retirement));
        return held_.retire(retirement);
    }
    EngineStats stats() const noexcept override {
        EngineStats stats = held_.stats();
        stats.applied += base_;
        stats.synced = synced_;
        stats.log_bytes = log_ ? log_->size() : 0;
        stats.writable = !stopped_;
        if (stopped_) stats.why_not = stopped_->detail;
        return stats;
    }

private:
    class SyncWork;
    class CopyWork;
    class CheckWork;
    static const Settings& memory_settings() {
        static const Settings settings = [] {
            Settings s;
            s.set("capacity_bytes", {1 << 30, "1GiB"});
            s.set("sweep_interval", {1'000'000, "1s"});
            return s;
        }();
        return settings;
    }
    Result<void> replay(const std::string& name, std::uint64_t number);
    Result<void> take(kit::Reader& record);
    static Result<std::unique_ptr<AppendFile>> write_all(Disk& disk, const std::string& path, std::uint64_t number,
                                                         const Snapshot& all, Sequence sequence);

    Disk& disk_;
    Flaw flaw_;
    memory::MemoryEngine held_;
    std::uint64_t file_ = 0;
    Sequence base_ = 0;  ///< what to add to the count of the memory beneath
    Sequence synced_ = 0;
    Bytes pending_;
    std::unique_ptr<AppendFile> log_;
    std::optional<Error> stopped_;
};

Result<void> PlainLog::take(kit::Reader& record) {
    std::uint64_t writes = record.varint();
    if (writes == 0) {
        if (record.u8() == 2) {
            base_ = record.u64() - held_.stats().applied;
            return {};
        }
        Retirement retirement;
        retirement.tokens.first = record.u64();
        retirement.tokens.last = record.u64();
        retirement.table.value = record.u32();
        retirement.whole = true;
        return held_.retire(retirement);
    }
    std::vector<Write> batch;
    for (std::uint64_t i = 0; i < writes && record.ok(); ++i) {
        Write w;
        w.key.token = record.u64();
        w.key.table.value = record.u32();
        w.key.key = record.blob();
        w.entry = record.blob();
        batch.push_back(w);
    }
    if (!record.done()) return fail(Code::corrupt, "a record with a good checksum cannot be read");
    auto done = held_.apply(batch);
    return done ? Result<void>{} : done.error();
}

Result<void> PlainLog::replay(const std::string& name, std::uint64_t number) {
    auto file = disk_.open(name);
    if (!file) return file.error();
    Bytes all;
    if (auto read = (*file)->read(0, static_cast<std::size_t>((*file)->size()), all); !read) return read;
    std::size_t at = 0;
    while (at + header <= all.size()) {
        kit::Reader head(View(all).substr(at, header));
        std::size_t length = head.u32();
        std::uint64_t checksum = head.u64();
        if (length == 0 || length > all.size() - at - header) break;
        View payload = View(all).substr(at + header, length);
        if (kit::hash64(payload, number) != checksum && flaw_ != Flaw::tail_is_trusted) break;
        kit::Reader record(payload);
        if (auto taken = take(record); !taken) return taken;
        at += header + length;
    }
    return {};
}

Result<std::unique_ptr<AppendFile>> PlainLog::write_all(Disk& disk, const std::string& path, std::uint64_t number,
                                                        const Snapshot& all, Sequence sequence) {
    auto file = disk.create(path);
    if (!file) return file;
    auto cursor = all.scan({});
    Bytes out;
    while ((*cursor)->next().value()) {
        Write w{(*cursor)->key(), (*cursor)->entry()};
        out += record_of(number, payload_of({&w, 1}));
    }
    out += record_of(number, payload_of(sequence));
    if (auto added = (*file)->append(out); !added) return added.error();
    if (auto synced = (*file)->sync(); !synced) return synced.error();
    return file;
}

Result<void> PlainLog::start() noexcept {
    auto names = disk_.list("");
    if (!names) return names.error();
    for (const std::string& name : *names) {
        if (name == "next") {
            if (auto gone = disk_.remove(name); !gone) return gone;
        }
        std::uint64_t number = 0;
        if (name.rfind("log-", 0) == 0) std::from_chars(name.data() + 4, name.data() + name.size(), number);
        file_ = std::max(file_, number);
    }
    std::string old = kit::text("log-", file_);
    if (file_ != 0) {
        if (auto done = replay(old, file_); !done) return done;
    }
    ++file_;
    auto written = write_all(disk_, "next", file_, *held_.snapshot(), stats().applied);
    if (!written) return written.error();
    log_ = std::move(*written);
    if (auto done = disk_.rename("next", kit::text("log-", file_)); !done) return done;
    if (flaw_ != Flaw::name_is_not_synced) {
        if (auto done = disk_.sync_directory(""); !done) return done;
    }
    for (const std::string& name : *names)
        if (name != "next" && name.rfind("log-", 0) == 0) {
            if (auto gone = disk_.remove(name); !gone) return gone;
        }
    synced_ = base_ + held_.stats().applied;
    return {};
}

class PlainLog::SyncWork final : public Work {
public:
    explicit SyncWork(PlainLog& engine)
        : engine_(engine), bytes_(engine.pending_.size()), data_(engine.pending_), upto_(engine.stats().applied) {}
    void run() noexcept override {
        done_ = engine_.log_->append(data_);
        if (done_ && engine_.flaw_ != Flaw::sync_is_a_lie) done_ = engine_.log_->sync();
    }
    Result<void> finish() noexcept override {
        if (!done_ && engine_.flaw_ != Flaw::retries_a_failed_sync)
            engine_.stopped_ = fail(Code::closed, done_.error().detail);
        if (!done_) return done_;
        engine_.pending_.erase(0, bytes_);
        engine_.synced_ = upto_;
        return {};
    }

private:
    PlainLog& engine_;
    std::size_t bytes_;
    Bytes data_;
    Sequence upto_;
    Result<void> done_;
};

std::unique_ptr<Work> PlainLog::sync(SyncDepth) noexcept {
    if (pending_.empty() || stopped_) return nullptr;
    return std::make_unique<SyncWork>(*this);
}

class PlainLog::CopyWork final : public Work {
public:
    CopyWork(PlainLog& engine, std::string directory)
        : disk_(engine.disk_),
          all_(engine.snapshot()),
          sequence_(engine.stats().applied),
          directory_(std::move(directory)) {}
    void run() noexcept override {
        done_ = disk_.make_directory(directory_);
        if (!done_) return;
        auto file = write_all(disk_, directory_ + "/log-1", 1, *all_, sequence_);
        done_ = file ? disk_.sync_directory(directory_) : file.error();
        if (done_) done_ = disk_.sync_directory("");
    }
    Result<void> finish() noexcept override { return done_; }

private:
    Disk& disk_;
    std::shared_ptr<const Snapshot> all_;
    Sequence sequence_;
    std::string directory_;
    Result<void> done_;
};

std::unique_ptr<Work> PlainLog::checkpoint(const std::string& directory) noexcept {
    return std::make_unique<CopyWork>(*this, directory);
}

class PlainLog::CheckWork final : public ScrubWork {
public:
    explicit CheckWork(PlainLog& engine) : engine_(engine), number_(engine.file_) {}
    void run() noexcept override {
        std::string name = kit::text("log-", number_);
        auto file = engine_.disk_.open(name);
        Bytes all;
        if (!file || !(*file)->read(0, static_cast<std::size_t>((*file)->size()), all)) {
            bad.push_back({name, 0, TokenRange{}, "cannot be read"});
            return;
        }
        bytes = all.size();
        for (std::size_t at = 0; at + header <= all.size(); ++blocks) {
            kit::Reader head(View(all).substr(at, header));
            std::size_t length = head.u32();
            std::uint64_t checksum = head.u64();
            View payload = View(all).substr(at + header, length);
            if (payload.size() < length || kit::hash64(payload, number_) != checksum) {
                bad.push_back({name, at, TokenRange{}, "checksum does not hold"});
                return;
            }
            at += header + length;
        }
    }
    Result<void> finish() noexcept override { return {}; }

private:
    PlainLog& engine_;
    std::uint64_t number_;
};

std::unique_ptr<ScrubWork> PlainLog::scrub() noexcept {
    return std::make_unique<CheckWork>(*this);
}

const std::array<SettingSpec, 1> plain_settings = {{{"flaw", SettingType::integer, "0", 0, 6, nullptr,
                                                     "Which mistake it shall make, so that the suite can be tested."}}};

Result<std::unique_ptr<StorageEngine>> make_plain(Host& host, const Settings& settings) noexcept {
    auto engine = std::make_unique<PlainLog>(host, static_cast<Flaw>(settings.integer("flaw")));
    if (auto started = engine->start(); !started) return started.error();
    return std::unique_ptr<StorageEngine>(std::move(engine));
}

}  // namespace

const Descriptor plain_log{descriptor_magic,
                           descriptor_layout,
                           sizeof(Descriptor),
                           PluginKind::storage_engine,
                           1,
                           fingerprint::storage_engine,
                           fingerprint::compiler,
                           "plain_log",
                           "1.0.0",
                           "A log and a memory, to test the suite of storage engines with.",
                           Capability::deterministic | Capability::persistent,
                           plain_settings.data(),
                           &create_plugin<StorageEngine, make_plain>,
                           &destroy_plugin<StorageEngine>};

}  // namespace ashlar::contract
