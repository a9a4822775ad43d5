#include "request/key_look.h"

#include "port/hint.h"

namespace ashlar::request {

Result<void> KeyLook::look() {
    const EntryKey key{token_, table_, key_};
    auto found = snapshot_->get(key);
    if (!found) return found.error();
    if (found->state == Found::State::present) entry.assign(found->entry());
    for (NodeId owner : owners_) {
        const Bytes where = port::encode_hint_key(port::HintKey{owner, key});
        auto record = snapshot_->get(EntryKey{port::hint_token, port::hint_table, where});
        if (!record) return record.error();
        if (record->state != Found::State::present) continue;
        auto hint = port::decode_hint(record->entry());
        if (!hint) return hint.error();
        if (hint->open()) owes.push_back(owner);
    }
    return {};
}

}  // namespace ashlar::request
