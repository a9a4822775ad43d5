#include "absorb.h"

namespace ashlar::lsm {

Result<void> Absorber::prepare(Memtable& memtable, std::span<const Write> batch, Sequence first, const Hidden& hidden) {
    nodes_.clear();
    for (const Write& write : batch) {
        Memtable::Node* node = memtable.claim(write.key);
        Memtable::Held*& pending = Memtable::pending(node);
        const Memtable::Held* held = pending != nullptr ? pending : Memtable::visible(node, first, hidden);
        Sequence sequence = first + nodes_.size();
        if (held == nullptr) {
            pending = memtable.make(sequence, write.entry);
        } else {
            auto joined = joiner_.join(write.key.table, held->entry(), write.entry);
            if (!joined) {
                for (Memtable::Node* begun : nodes_) Memtable::pending(begun) = nullptr;
                return joined.error();
            }
            pending = memtable.make(sequence, *joined);
        }
        nodes_.push_back(node);
    }
    return {};
}

void Absorber::publish(Memtable& memtable) {
    for (Memtable::Node* node : nodes_) {
        Memtable::Held*& pending = Memtable::pending(node);
        if (pending == nullptr) continue;  // the same key stood earlier in the batch
        memtable.publish(node, pending);
        pending = nullptr;
    }
    nodes_.clear();
}

}  // namespace ashlar::lsm
