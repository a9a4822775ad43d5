#include "request/range_work.h"

#include "wire/frame.h"

namespace ashlar::request {

Result<void> RangeWork::walk() {
    auto opened = snapshot_->scan(range_);
    if (!opened) return opened.error();
    std::uint64_t bytes = 0;
    for (;;) {
        auto next = (*opened)->next();
        if (!next) return next.error();
        if (!*next) return {};
        if (part.lines.size() >= entries_max_ || bytes >= bytes_max_) {
            part.more = true;
            return {};
        }
        EntryKey key = (*opened)->key();
        View entry = (*opened)->entry();
        bytes += key.key.size() + entry.size();
        // No frame would hold it with what is there: it begins the next part.
        if (!part.lines.empty() && bytes > wire::entry_bytes_max) {
            part.more = true;
            return {};
        }
        part.lines.push_back(RangeLine{key.token, Bytes(key.key), Bytes(entry)});
    }
}

}  // namespace ashlar::request
