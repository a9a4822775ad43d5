#include "request/range_work.h"

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
        part.lines.push_back(RangeLine{key.token, Bytes(key.key), Bytes((*opened)->entry())});
        bytes += part.lines.back().key.size() + part.lines.back().entry.size();
    }
}

}  // namespace ashlar::request
