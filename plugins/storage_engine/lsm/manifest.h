// Which files count: the manifest, a log of edits, and the file `current` that names it.
//
// An edit is one frame, synced before anything relies on it. A manifest grown too long, or one whose end
// is in doubt after a full disk, is written anew: aside, synced, then `current` is replaced by rename and the
// directory synced, so there is always one whole manifest. A torn last edit is accepted by the rule of the
// log (log_frame.h), anything else bad is refused. Lanes only, one at a time; blocking.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ashlar/disk.h"
#include "hidden.h"
#include "log_frame.h"
#include "permits.h"
#include "table_format.h"
#include "version.h"

namespace ashlar::lsm {

/// What was retired and is not yet gone from the files.
struct Retired {
    std::vector<Hide> hides;
    Permits permits;
    bool operator==(const Retired&) const = default;
};

struct Edit {
    std::vector<std::pair<std::uint32_t, TableFacts>> added;  ///< level, facts
    std::vector<std::uint64_t> removed;                       ///< numbers; applied before `added`
    std::optional<std::uint64_t> log_floor;                   ///< lower segments are in table files
    std::optional<std::uint64_t> log_begun;                   ///< the highest segment known to have been made
    std::optional<Sequence> flushed;                          ///< all up to here is in table files
    std::optional<Retired> retired;                           ///< replaces all that stood before
};

/// The sum of all edits.
struct Contents {
    std::array<std::vector<TableFacts>, level_count> levels;
    std::uint64_t log_floor = 1;
    std::uint64_t log_begun = 0;
    Sequence flushed = 0;
    Retired retired;

    /// False if the edit does not fit (a removed file that is not there).
    bool apply(const Edit& edit);
    Edit whole() const;
};

void encode_edit(Bytes& out, const Edit& edit);
Result<Edit> decode_edit(View bytes);

/// What `current` says.
struct Current {
    std::uint64_t manifest = 0;
    std::uint64_t directory = 0;
};
Bytes encode_current(const Current& current);
Result<Current> decode_current(View bytes);

/// The contents of a manifest's bytes, or: corrupt, unsupported.
Result<Contents> read_manifest(View bytes, std::uint64_t number, std::uint64_t directory);

class Manifest {
public:
    /// `path_prefix` is "" or a directory with '/' (a checkpoint). Nothing is written before the first commit.
    Manifest(Disk& disk, std::string path_prefix, std::uint64_t directory, std::uint64_t salt, Contents contents,
             std::atomic<std::uint64_t>& next_file, std::uint64_t bytes_max);

    /// Makes an edit durable. no_space: nothing changed, may be tried again. Any other failure is final.
    Result<void> commit(const Edit& edit);
    const Contents& contents() const { return contents_; }
    std::uint64_t number() const { return header_.number; }
    std::uint64_t bytes() const { return file_ == nullptr ? 0 : file_->size(); }

private:
    Result<void> append(const Edit& edit);
    Result<void> rewrite(const Contents& contents);
    Result<void> point_current();
    Result<void> write_frame(View payload);
    void reserve();
    Result<void> sync();

    Disk& disk_;
    std::string prefix_;
    std::uint64_t salt_;
    Contents contents_;
    std::atomic<std::uint64_t>& next_file_;
    std::uint64_t bytes_max_;
    FileHeader header_;
    std::unique_ptr<AppendFile> file_;  ///< nullptr: write anew
    Sequence edits_ = 0;                ///< in this file
    std::uint64_t reserved_to_ = 0;
    std::uint64_t extent_ = 0;  ///< the length the file has for good
};

}  // namespace ashlar::lsm
