#include "handoff/hint_scan.h"

namespace ashlar::handoff {

Result<void> HintScan::walk() {
    ScanRange range;
    range.tokens = TokenRange{port::hint_token, port::hint_token};
    range.table = port::hint_table;
    // An owner's records begin behind its bare name.
    if (after_.empty() && owner_.value != 0)
        after_ = port::encode_hint_key(port::HintKey{owner_, EntryKey{}});
    if (!after_.empty()) {
        range.resume = true;
        range.after_token = port::hint_token;
        range.after_table = port::hint_table;
        range.after_key = after_;
    }
    auto cursor = snapshot_->scan(range);
    if (!cursor) return cursor.error();
    for (;;) {
        auto more = (*cursor)->next();
        if (!more) return more.error();
        if (!*more) break;
        View where = (*cursor)->key().key;
        auto hint = port::decode_hint_key(where);
        auto record = port::decode_hint((*cursor)->entry());
        if (!hint) return fail(Code::corrupt, "a hint's record has a key that is none");
        if (!record) return record.error();
        if (owner_.value != 0 && hint->owner != owner_) break;
        if (!record->open()) continue;
        if (hint->is_mark()) {
            if (owner_.value == 0) marks.push_back(Mark{hint->owner, hint->key.table, hint->key.token});
            continue;
        }
        ++counts[hint->owner];
        if (owner_.value == 0) continue;
        keep(*hint, where, record->owed);
        last.assign(where);
        if (open.size() >= most_.entries || bytes_ >= most_.bytes) return {};
    }
    ended = true;
    return {};
}

/// One bad block must not hold up what is owed besides.
void HintScan::keep(const port::HintKey& hint, View where, std::uint64_t owed) {
    auto found = snapshot_->get(hint.key);
    if (!found) {
        ++unreadable;
        why = found.error().detail;
        return;
    }
    OpenHint out;
    out.where.assign(where);
    out.owner = hint.owner;
    out.token = hint.key.token;
    out.table = hint.key.table;
    out.key.assign(hint.key.key);
    if (found->state == Found::State::present) out.entry.assign(found->entry());
    out.owed = owed;
    bytes_ += out.entry.size();
    open.push_back(std::move(out));
}

}  // namespace ashlar::handoff
