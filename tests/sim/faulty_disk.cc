#include "faulty_disk.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "kit/text.h"

namespace ashlar::sim {

struct FaultyDisk::State {
    mutable std::mutex mutex;
    DiskTree tree;
    Judge judge;
    std::uint64_t calls = 0;
    std::uint64_t cut_at = 0;  ///< 0: never
    std::optional<std::uint64_t> capacity;
    bool recording = false;
    std::vector<Call> trace;

    /// How a call goes, in one place.
    struct Turn {
        std::optional<Error> error;
        bool last_breath = false;  ///< the power goes during this call: it happens, un-synced, but fails
        bool powerless = false;
    };
    Turn turn(CallKind kind, const std::string& path, std::uint64_t bytes = 0) {
        Call call{++calls, kind, path, bytes};
        if (recording) trace.push_back(call);
        if (cut_at != 0 && calls >= cut_at)
            return {fail(Code::io, kit::text("no power: ", name_of(kind), " ", path)), calls == cut_at, true};
        if (judge) {
            if (auto code = judge(call); code)
                return {fail(*code, kit::text("injected failure: ", name_of(kind), " ", path)), false, false};
        }
        return {};
    }
    std::uint64_t room() const {
        if (!capacity) return std::uint64_t{1} << 40;
        std::uint64_t used = tree.used();
        return used >= *capacity ? 0 : *capacity - used;
    }
    /// Runs a change of names.
    template <class Act>
    Result<void> change(CallKind kind, const std::string& path, Act act) {
        std::lock_guard lock(mutex);
        Turn now = turn(kind, path);
        if (now.error && !now.last_breath) return *now.error;
        Result<void> done = act();
        return now.error ? Result<void>(*now.error) : done;
    }
};

namespace {

class MemoryAppendFile final : public AppendFile {
public:
    MemoryAppendFile(std::shared_ptr<FaultyDisk::State> state, NodeRef file, std::string path)
        : state_(std::move(state)), file_(std::move(file)), path_(std::move(path)) {}

    Result<void> append(View bytes) noexcept override {
        std::lock_guard lock(state_->mutex);
        auto now = state_->turn(CallKind::append, path_, bytes.size());
        if (now.error && !now.last_breath) {
            if (!now.powerless) grow(bytes.substr(0, bytes.size() / 2));
            return *now.error;
        }
        bool fits = grow(bytes);
        if (now.error) return *now.error;
        return fits ? Result<void>{} : fail(Code::no_space, kit::text("disk full: append ", path_));
    }
    Result<void> reserve(std::uint64_t bytes) noexcept override {
        std::lock_guard lock(state_->mutex);
        auto now = state_->turn(CallKind::reserve, path_, bytes);
        if (now.error && !now.last_breath) return *now.error;
        std::uint64_t wanted = file_->bytes.size() + bytes;
        if (wanted > file_->length && wanted - file_->length > state_->room())
            return fail(Code::no_space, kit::text("disk full: reserve ", path_));
        DiskTree::reserve(*file_, bytes);
        return now.error ? Result<void>(*now.error) : Result<void>{};
    }
    Result<void> sync() noexcept override {
        std::lock_guard lock(state_->mutex);
        auto now = state_->turn(CallKind::sync, path_);
        if (now.powerless) return *now.error;
        DiskTree::sync_file(*file_, !now.error);
        return now.error ? Result<void>(*now.error) : Result<void>{};
    }
    std::uint64_t size() const noexcept override {
        std::lock_guard lock(state_->mutex);
        return file_->bytes.size();
    }

private:
    /// Appends what there is room for; whether that was all.
    bool grow(View bytes) {
        std::uint64_t reserved = file_->length - file_->bytes.size();
        std::uint64_t fits = !state_->capacity ? bytes.size() : reserved + state_->room();
        DiskTree::append(*file_,
                         bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(fits, bytes.size()))));
        return fits >= bytes.size();
    }

    std::shared_ptr<FaultyDisk::State> state_;
    NodeRef file_;
    std::string path_;
};

/// What a reader sees of a file: its bytes, then zeros.
void read_at(const TreeNode& file, std::uint64_t offset, std::size_t length, Bytes& out) {
    out.clear();
    if (offset >= file.length) return;
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, file.length - offset));
    if (offset < file.bytes.size()) out.assign(file.bytes, static_cast<std::size_t>(offset), length);
    out.resize(length, '\0');
}

class MemoryReadFile final : public ReadFile {
public:
    MemoryReadFile(std::shared_ptr<FaultyDisk::State> state, NodeRef file, std::string path)
        : state_(std::move(state)), file_(std::move(file)), path_(std::move(path)) {}

    Result<void> read(std::uint64_t offset, std::size_t length, Bytes& out) const noexcept override {
        std::lock_guard lock(state_->mutex);
        auto now = state_->turn(CallKind::read, path_, length);
        if (now.error) return *now.error;
        read_at(*file_, offset, length, out);
        return {};
    }
    std::uint64_t size() const noexcept override {
        std::lock_guard lock(state_->mutex);
        return file_->length;
    }

private:
    std::shared_ptr<FaultyDisk::State> state_;
    NodeRef file_;
    std::string path_;
};

}  // namespace

const char* name_of(CallKind kind) {
    static constexpr const char* names[] = {
        "create",         "open",       "list",   "make_directory", "remove", "rename", "link",
        "sync_directory", "free_bytes", "append", "reserve",        "sync",   "read"};
    return names[static_cast<std::size_t>(kind)];
}

FaultyDisk::FaultyDisk() : state_(std::make_shared<State>()) {}
FaultyDisk::FaultyDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}
FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::judge(Judge judge) {
    std::lock_guard lock(state_->mutex);
    state_->judge = std::move(judge);
}

void FaultyDisk::fail_call(std::uint64_t number, Code code) {
    judge([=](const Call& call) { return call.number == number ? std::optional(code) : std::nullopt; });
}

void FaultyDisk::fail_from(std::uint64_t number, Code code) {
    judge([=](const Call& call) { return call.number >= number ? std::optional(code) : std::nullopt; });
}

void FaultyDisk::fail_nth_sync(std::uint64_t nth) {
    judge([left = nth](const Call& call) mutable {
        return call.syncs() && left != 0 && --left == 0 ? std::optional(Code::io) : std::nullopt;
    });
}

void FaultyDisk::fail_reads(std::string path_piece, Code code) {
    judge([piece = std::move(path_piece), code](const Call& call) {
        bool hit = call.kind == CallKind::read && call.path.find(piece) != std::string::npos;
        return hit ? std::optional(code) : std::nullopt;
    });
}

void FaultyDisk::cut_power_at(std::uint64_t number) {
    std::lock_guard lock(state_->mutex);
    state_->cut_at = number;
}

bool FaultyDisk::powerless() const {
    std::lock_guard lock(state_->mutex);
    return state_->cut_at != 0 && state_->calls >= state_->cut_at;
}

std::unique_ptr<FaultyDisk> FaultyDisk::crash(std::uint64_t seed, Loss loss) const {
    std::lock_guard lock(state_->mutex);
    auto after = std::make_shared<State>();
    after->tree = state_->tree.power_cut(loss, seed);
    after->capacity = state_->capacity;
    return std::unique_ptr<FaultyDisk>(new FaultyDisk(std::move(after)));
}

void FaultyDisk::set_capacity(std::optional<std::uint64_t> bytes) {
    std::lock_guard lock(state_->mutex);
    state_->capacity = bytes;
}

std::uint64_t FaultyDisk::used() const {
    std::lock_guard lock(state_->mutex);
    return state_->tree.used();
}

bool FaultyDisk::flip_bit(const std::string& path, std::uint64_t bit) {
    std::lock_guard lock(state_->mutex);
    auto found = state_->tree.find(path);
    if (!found || bit / 8 >= (*found)->length) return false;
    TreeNode& file = **found;
    auto at = static_cast<std::size_t>(bit / 8);
    if (at >= file.bytes.size()) {
        file.bytes.resize(static_cast<std::size_t>(file.length), '\0');
        file.synced_bytes = file.synced_length = file.length;
    }
    file.bytes[at] = static_cast<char>(file.bytes[at] ^ (1 << (bit % 8)));
    return true;
}

bool FaultyDisk::spoil(const std::string& path, std::uint64_t from, std::uint64_t length) {
    bool all = true;
    // One bit of every byte.
    for (std::uint64_t at = from; at < from + length; ++at) all = flip_bit(path, at * 8 + at % 8) && all;
    return all;
}

bool FaultyDisk::truncate(const std::string& path, std::uint64_t length) {
    std::lock_guard lock(state_->mutex);
    auto found = state_->tree.find(path);
    if (!found || length > (*found)->length) return false;
    TreeNode& file = **found;
    file.bytes.resize(static_cast<std::size_t>(length), '\0');
    file.length = file.synced_bytes = file.synced_length = length;
    file.doubtful.clear();
    return true;
}

std::uint64_t FaultyDisk::calls() const {
    std::lock_guard lock(state_->mutex);
    return state_->calls;
}

void FaultyDisk::record(bool on) {
    std::lock_guard lock(state_->mutex);
    state_->recording = on;
    if (on) state_->trace.clear();
}

std::vector<Call> FaultyDisk::trace() const {
    std::lock_guard lock(state_->mutex);
    return state_->trace;
}

std::vector<std::string> FaultyDisk::files() const {
    std::lock_guard lock(state_->mutex);
    return state_->tree.files();
}

Bytes FaultyDisk::contents(const std::string& path) const {
    std::lock_guard lock(state_->mutex);
    Bytes out;
    if (auto found = state_->tree.find(path); found)
        read_at(**found, 0, static_cast<std::size_t>((*found)->length), out);
    return out;
}

Result<std::unique_ptr<AppendFile>> FaultyDisk::create(const std::string& path) noexcept {
    std::lock_guard lock(state_->mutex);
    auto now = state_->turn(CallKind::create, path);
    if (now.error && !now.last_breath) return *now.error;
    auto made = state_->tree.create(path, false);
    if (now.error) return *now.error;
    if (!made) return made.error();
    return std::unique_ptr<AppendFile>(std::make_unique<MemoryAppendFile>(state_, *made, path));
}

Result<std::unique_ptr<ReadFile>> FaultyDisk::open(const std::string& path) noexcept {
    std::lock_guard lock(state_->mutex);
    auto now = state_->turn(CallKind::open, path);
    if (now.error) return *now.error;
    auto found = state_->tree.find(path);
    if (!found) return found.error();
    if ((*found)->directory) return fail(Code::io, kit::text("is a directory: ", path));
    return std::unique_ptr<ReadFile>(std::make_unique<MemoryReadFile>(state_, *found, path));
}

Result<std::vector<std::string>> FaultyDisk::list(const std::string& directory) noexcept {
    std::lock_guard lock(state_->mutex);
    auto now = state_->turn(CallKind::list, directory);
    if (now.error) return *now.error;
    auto found = state_->tree.find(directory);
    if (!found) return found.error();
    if (!(*found)->directory) return fail(Code::io, kit::text("not a directory: ", directory));
    std::vector<std::string> names;
    for (const auto& [name, child] : (*found)->names) names.push_back(name);
    return names;
}

Result<void> FaultyDisk::make_directory(const std::string& path) noexcept {
    return state_->change(CallKind::make_directory, path, [&]() -> Result<void> {
        auto held = state_->tree.find(path);
        if (held && (*held)->directory) return {};
        auto made = state_->tree.create(path, true);
        return made ? Result<void>{} : made.error();
    });
}

Result<void> FaultyDisk::remove(const std::string& path) noexcept {
    return state_->change(CallKind::remove, path, [&] { return state_->tree.remove(path); });
}

Result<void> FaultyDisk::rename(const std::string& from, const std::string& to) noexcept {
    return state_->change(CallKind::rename, to, [&] { return state_->tree.rename(from, to); });
}

Result<void> FaultyDisk::link(const std::string& from, const std::string& to) noexcept {
    return state_->change(CallKind::link, to, [&] { return state_->tree.link(from, to); });
}

Result<void> FaultyDisk::sync_directory(const std::string& path) noexcept {
    std::lock_guard lock(state_->mutex);
    auto now = state_->turn(CallKind::sync_directory, path);
    if (now.powerless) return *now.error;
    auto found = state_->tree.find(path);
    if (!found) return found.error();
    state_->tree.sync_directory(*found, !now.error);
    return now.error ? Result<void>(*now.error) : Result<void>{};
}

Result<std::uint64_t> FaultyDisk::free_bytes() noexcept {
    std::lock_guard lock(state_->mutex);
    auto now = state_->turn(CallKind::free_bytes, "");
    if (now.error) return *now.error;
    return state_->room();
}

}  // namespace ashlar::sim
