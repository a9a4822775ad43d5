#include "request/scan_work.h"

#include <utility>

#include "request/stamps.h"

namespace ashlar::request {
namespace {

/// Entries a page looks at when it keeps few of them: about 10 ms of a lane.
constexpr std::uint64_t looks_max = 20'000;

}  // namespace

Result<void> ScanWork::walk() {
    if (gathered_ != nullptr) {
        auto walked = walk(*gathered_);
        // Where the parts end the page ends, and the scan does not.
        if (walked && ended_ && gathered_->cut()) {
            ended_ = false;
            last_token_ = gathered_->cut_token();
            last_key_ = gathered_->cut_key();
        }
        return walked;
    }
    auto opened = snapshot_->scan(range_);
    if (!opened) return opened.error();
    return walk(**opened);
}

Result<void> ScanWork::walk(Cursor& cursor) {
    Reading reading;
    std::vector<port::ReplyVersion> values;
    std::uint64_t bytes = 0;
    for (std::uint64_t looks = 0; looks < looks_max && entries_.size() < bounds_.entries && bytes < bounds_.bytes;
         ++looks) {
        auto more = cursor.next();
        if (!more) return more.error();
        if (!*more) {
            ended_ = true;
            return {};
        }
        EntryKey key = cursor.key();
        last_token_ = key.token;
        last_key_.assign(key.key);
        if (key.key.substr(0, prefix_.size()) != prefix_) continue;
        if (auto read = resolver_.read(cursor.entry(), now_, reading); !read) return read;
        if (reading.values == 0) continue;
        KeptAnswer entry;
        entry.key.assign(key.key);
        entry.context = reading.context;
        entry.stamp = latest_of(reading);
        values_of(reading, values);
        if (!keys_only_) entry.keep(values);
        bytes += entry.bytes();
        entries_.push_back(std::move(entry));
    }
    return {};
}

}  // namespace ashlar::request
