#include "manifest.h"

#include <algorithm>

#include "advice.h"
#include "kit/hash.h"
#include "kit/text.h"
#include "names.h"

namespace ashlar::lsm {

namespace {
constexpr std::uint64_t current_magic = 0x315255434c485341;  // "ASHLCUR1"
constexpr std::size_t current_bytes = 36;
constexpr std::uint64_t reserve_bytes = 64 * 1024;
constexpr std::uint64_t reserve_least = 16 * 1024;
}  // namespace

bool Contents::apply(const Edit& edit) {
    for (std::uint64_t number : edit.removed) {
        std::size_t gone = 0;
        for (auto& level : levels)
            gone += std::erase_if(level, [&](const TableFacts& f) { return f.number == number; });
        if (gone != 1) return false;
    }
    for (const auto& [level, facts] : edit.added) levels[level].push_back(facts);
    if (edit.log_floor) log_floor = *edit.log_floor;
    if (edit.log_begun) log_begun = *edit.log_begun;
    if (edit.flushed) flushed = *edit.flushed;
    if (edit.retired) retired = *edit.retired;
    return true;
}

Edit Contents::whole() const {
    Edit edit;
    for (std::uint32_t level = 0; level < level_count; ++level)
        for (const TableFacts& facts : levels[level]) edit.added.emplace_back(level, facts);
    edit.log_floor = log_floor;
    edit.log_begun = log_begun;
    edit.flushed = flushed;
    edit.retired = retired;
    return edit;
}

Bytes encode_current(const Current& current) {
    Bytes out;
    kit::Writer w(out);
    w.u64(current_magic);
    w.u32(format_version);
    w.u64(current.manifest);
    w.u64(current.directory);
    w.u64(kit::hash64(out, current_magic));
    return out;
}

Result<Current> decode_current(View bytes) {
    kit::Reader in(bytes);
    Current c;
    std::uint64_t magic = in.u64();
    std::uint32_t version = in.u32();
    c.manifest = in.u64();
    c.directory = in.u64();
    std::uint64_t checksum = in.u64();
    if (magic == current_magic && version > format_version && bytes.size() >= 12)
        return fail(Code::unsupported, kit::text("the data directory has format version ", version,
                                                 ", this build reads up to ", format_version, ": use the newer build"));
    if (magic != current_magic || !in.done() ||
        checksum != kit::hash64(bytes.substr(0, current_bytes - 8), current_magic))
        return fail(Code::corrupt, kit::text("the file `current` is damaged", damage_advice));
    return c;
}

Result<Contents> read_manifest(View bytes, std::uint64_t number, std::uint64_t directory) {
    std::string file = manifest_name(number);
    auto header = decode_header(bytes, manifest_magic, file);
    if (!header) return header.error();
    if (header->number != number || header->directory != directory)
        return fail(Code::corrupt, file + " belongs to another number or data directory");
    FrameScan scan = scan_frames(bytes, *header);
    Contents contents;
    Sequence last = 0;
    for (const Frame& frame : scan.frames) {
        if (frame.first != last + 1)
            return fail(Code::corrupt, kit::text(file, ": an edit is missing before offset ", frame.offset));
        last = frame.last;
        if (frame.payload.empty()) continue;
        auto edit = decode_edit(frame.payload);
        if (!edit) return edit.error();
        if (!contents.apply(*edit))
            return fail(Code::corrupt, kit::text(file, ": the edit at offset ", frame.offset, " does not fit"));
    }
    // `current` points here only after the first edit was synced.
    if (auto torn = judge_tail(scan, last, std::max<Sequence>(scan.synced, 1), file); !torn) return torn.error();
    return contents;
}

Manifest::Manifest(Disk& disk, std::string path_prefix, std::uint64_t directory, std::uint64_t salt, Contents contents,
                   std::atomic<std::uint64_t>& next_file, std::uint64_t bytes_max)
    : disk_(disk),
      prefix_(std::move(path_prefix)),
      salt_(salt),
      contents_(std::move(contents)),
      next_file_(next_file),
      bytes_max_(bytes_max) {
    header_.magic = manifest_magic;
    header_.directory = directory;
}

Result<void> Manifest::commit(const Edit& edit) {
    Contents after = contents_;
    if (!after.apply(edit)) return fail(Code::corrupt, "an edit of the manifest does not fit its contents");
    auto done = file_ == nullptr || file_->size() >= bytes_max_ ? rewrite(after) : append(edit);
    if (!done) return done;
    contents_ = std::move(after);
    reserve();
    return {};
}

Result<void> Manifest::write_frame(View payload) {
    Frame frame;
    frame.first = edits_ + 1;
    frame.last = edits_ + (payload.empty() ? 0 : 1);
    frame.synced = edits_;
    frame.extent = extent_;
    Bytes bytes(frame_header_bytes, 0);
    bytes.append(payload);
    seal_frame(bytes, header_, frame);
    return file_->append(bytes);
}

/// Room for some edits more, so that on a full disk files can still be let go.
void Manifest::reserve() {
    if (file_ == nullptr || file_->size() + reserve_least <= reserved_to_) return;
    if (file_->reserve(reserve_bytes)) reserved_to_ = file_->size() + reserve_bytes;
}

Result<void> Manifest::sync() {
    if (auto done = file_->sync(); !done) return fail(Code::io, "syncing the manifest: " + done.error().detail);
    ++edits_;
    extent_ = std::max(reserved_to_, file_->size());
    return {};
}

Result<void> Manifest::append(const Edit& edit) {
    Bytes payload;
    encode_edit(payload, edit);
    if (auto done = write_frame(payload); !done) {
        file_.reset();  // its end is in doubt, though nothing of the edit counts: go on in a new file
        return done;
    }
    if (auto done = sync(); !done) return done;
    // The edit counts. The mark behind it only sharpens the check of a later start.
    if (!write_frame({})) file_.reset();
    return {};
}

Result<void> Manifest::rewrite(const Contents& contents) {
    std::uint64_t old = header_.number;
    file_.reset();
    header_.number = next_file_.fetch_add(1);
    header_.salt = kit::hash64(View(reinterpret_cast<const char*>(&header_.number), 8), salt_);
    edits_ = 0;
    reserved_to_ = extent_ = 0;
    std::string path = prefix_ + manifest_name(header_.number);
    auto drop = [&](const Error& error) {
        header_.number = old;
        file_.reset();
        (void)disk_.remove(path);
        return error;
    };
    auto made = disk_.create(path);
    if (!made) return drop(made.error());
    file_ = std::move(*made);
    reserve();
    header_.extent = reserved_to_;
    if (auto done = file_->append(encode_header(header_)); !done) return drop(done.error());
    Bytes payload;
    encode_edit(payload, contents.whole());
    if (auto done = write_frame(payload); !done) return drop(done.error());
    reserve();
    if (auto done = sync(); !done) return drop(done.error());
    if (auto done = disk_.sync_directory(prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1)); !done)
        return drop(fail(Code::io, done.error().detail));
    if (auto done = point_current(); !done) return done.error().code == Code::no_space ? drop(done.error()) : done;
    if (!write_frame({})) file_.reset();
    if (old != 0) (void)disk_.remove(prefix_ + manifest_name(old));  // a leftover is removed at the next start
    return {};
}

Result<void> Manifest::point_current() {
    std::string aside = prefix_ + std::string(current_aside_name);
    (void)disk_.remove(aside);  // of a start that did not finish
    auto file = disk_.create(aside);
    if (!file) return file.error();
    if (auto done = (*file)->append(encode_current({header_.number, header_.directory})); !done) return done;
    if (auto done = (*file)->sync(); !done) return fail(Code::io, "syncing `current`: " + done.error().detail);
    file->reset();
    // From here on a failure leaves open which manifest counts, so it is final.
    if (auto done = disk_.rename(aside, prefix_ + std::string(current_name)); !done)
        return fail(Code::io, done.error().detail);
    if (auto done = disk_.sync_directory(prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1)); !done)
        return fail(Code::io, done.error().detail);
    return {};
}

}  // namespace ashlar::lsm
