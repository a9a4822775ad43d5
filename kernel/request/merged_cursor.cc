#include "request/merged_cursor.h"

#include <utility>

namespace ashlar::request {

MergedCursor::MergedCursor(std::vector<RangePart> parts, TableId table, bool reverse, const ConflictResolver& resolver)
    : parts_(std::move(parts)), at_(parts_.size(), 0), table_(table), reverse_(reverse), resolver_(resolver) {
    for (const RangePart& part : parts_) {
        if (!part.more || part.lines.empty()) continue;
        const RangeLine& last = part.lines.back();
        if (cut_ && !before(last.token, last.key, cut_token_, cut_key_)) continue;
        cut_ = true;
        cut_token_ = last.token;
        cut_key_ = last.key;
    }
}

bool MergedCursor::before(Token a_token, View a_key, Token b_token, View b_key) const {
    auto a = std::pair(a_token, a_key);
    auto b = std::pair(b_token, b_key);
    return reverse_ ? b < a : a < b;
}

Result<bool> MergedCursor::next() noexcept {
    const RangeLine* least = nullptr;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (at_[i] == parts_[i].lines.size()) continue;
        const RangeLine& line = parts_[i].lines[at_[i]];
        if (least == nullptr || before(line.token, line.key, least->token, least->key)) least = &line;
    }
    if (least == nullptr) return false;
    if (cut_ && before(cut_token_, cut_key_, least->token, least->key)) return false;
    token_ = least->token;
    key_ = least->key;
    entry_.clear();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (at_[i] == parts_[i].lines.size()) continue;
        RangeLine& line = parts_[i].lines[at_[i]];
        if (line.token != token_ || line.key != key_) continue;
        ++at_[i];
        if (entry_.empty()) {
            entry_ = std::move(line.entry);
        } else if (entry_ != line.entry) {
            auto joined = resolver_.join(entry_, line.entry);
            if (!joined) return joined.error();
            entry_ = std::move(*joined);
        }
    }
    return true;
}

}  // namespace ashlar::request
