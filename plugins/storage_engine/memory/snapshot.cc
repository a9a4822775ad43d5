#include "snapshot.h"

#include <utility>

namespace ashlar::memory {

Found TreeSnapshot::look_up(const Tree& tree, const EntryKey& key) {
    Found found;
    if (ItemRef item = tree.find(key); item) {
        found.state = Found::State::present;
        found.borrowed = item->entry;
        found.pin = std::move(item);
    }
    return found;
}

/// The next item in the direction of the scan, of any table.
ItemRef TreeCursor::step() const {
    if (item_) return range_.reverse ? tree_.backward(item_->at(), true) : tree_.forward(item_->at(), true);
    EntryKey after{range_.after_token, range_.after_table, range_.after_key};
    if (range_.reverse) {
        if (range_.resume && range_.after_token <= range_.tokens.last) return tree_.backward(after, true);
        return range_.tokens.last == ~Token{0} ? tree_.last() : tree_.backward({range_.tokens.last + 1, {}, {}}, true);
    }
    if (range_.resume && range_.after_token >= range_.tokens.first) return tree_.forward(after, true);
    return tree_.forward({range_.tokens.first, {}, {}}, false);
}

Result<bool> TreeCursor::next() noexcept {
    while (!ended_) {
        ItemRef item = step();
        ended_ = !item || !range_.tokens.holds(item->token);
        if (ended_) break;
        item_ = std::move(item);
        if (range_.table.value == 0 || range_.table == item_->table) return true;
    }
    return false;
}

}  // namespace ashlar::memory
