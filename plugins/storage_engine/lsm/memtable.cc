#include "memtable.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace ashlar::lsm {

// In memory: the node, its links from the lowest floor up, then the key's bytes.
struct Memtable::Node {
    Token token;
    TableId table;
    std::uint32_t key_bytes;
    std::atomic<const Held*> newest;
    Held* pending;
    std::uint32_t height;

    Link* links() { return reinterpret_cast<Link*>(this + 1); }
    const Link* links() const { return reinterpret_cast<const Link*>(this + 1); }
    View key() const { return View(reinterpret_cast<const char*>(links() + height), key_bytes); }
    bool before(const EntryKey& other) const {
        if (token != other.token) return token < other.token;
        if (table != other.table) return table < other.table;
        return key() < other.key;
    }
};

namespace {

int slice_bits_for(std::uint64_t target_bytes) {
    // About one slice for 64 KiB: at 1 KB an entry that is 64 keys, a list of three floors.
    std::uint64_t slices = std::clamp<std::uint64_t>(target_bytes / 65536, 1, 4096);
    return std::bit_width(slices) - 1;
}

std::size_t piece_bytes_for(std::uint64_t target_bytes) {
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(target_bytes / 16, 4096, 1u << 20));
}

}  // namespace

Memtable::Memtable(std::uint64_t target_bytes, std::uint64_t first_segment, Sequence first)
    : arena_(piece_bytes_for(target_bytes)),
      slice_bits_(slice_bits_for(target_bytes)),
      heads_(new Link[(std::size_t{1} << slice_bits_) * max_height]()),
      first_segment_(first_segment),
      first_(first) {}

int Memtable::draw_height() {
    dice_ ^= dice_ << 13;
    dice_ ^= dice_ >> 7;
    dice_ ^= dice_ << 17;
    int height = 1;
    for (std::uint64_t rest = dice_ >> 8; height < max_height && (rest & 3) == 0; rest >>= 2) ++height;
    return height;
}

Memtable::Node* Memtable::claim(const EntryKey& key) {
    Link* before[max_height];
    Link* head = heads(slice_of(key.token));
    Link* at = head;
    int top = height_.load(std::memory_order_relaxed);
    for (int level = top - 1; level >= 0; --level) {
        Node* next = at[level].load(std::memory_order_relaxed);
        while (next != nullptr && next->before(key)) {
            at = next->links();
            next = at[level].load(std::memory_order_relaxed);
        }
        before[level] = &at[level];
    }
    Node* next = before[0]->load(std::memory_order_relaxed);
    if (next != nullptr && next->token == key.token && next->table == key.table && next->key() == key.key) return next;

    int height = draw_height();
    for (int level = top; level < height; ++level) before[level] = &head[level];
    char* room = arena_.take(sizeof(Node) + static_cast<std::size_t>(height) * sizeof(Link) + key.key.size());
    Node* node = new (room) Node{key.token, key.table, static_cast<std::uint32_t>(key.key.size()),
                                 {nullptr}, nullptr,   static_cast<std::uint32_t>(height)};
    for (int level = 0; level < height; ++level)
        new (&node->links()[level]) Link(before[level]->load(std::memory_order_relaxed));
    std::memcpy(const_cast<char*>(node->key().data()), key.key.data(), key.key.size());
    if (height > top) height_.store(height, std::memory_order_relaxed);
    for (int level = 0; level < height; ++level) before[level]->store(node, std::memory_order_release);
    return node;
}

Memtable::Held* Memtable::make(Sequence sequence, View entry) {
    char* room = arena_.take(sizeof(Held) + entry.size());
    Held* held = new (room) Held{sequence, nullptr, static_cast<std::uint32_t>(entry.size())};
    std::memcpy(room + sizeof(Held), entry.data(), entry.size());
    return held;
}

void Memtable::publish(Node* node, Held* held) {
    const Held* older = node->newest.load(std::memory_order_relaxed);
    held->older = older;
    if (older == nullptr) entries_.store(entries() + 1, std::memory_order_relaxed);
    node->newest.store(held, std::memory_order_release);
}

Memtable::Held*& Memtable::pending(Node* node) {
    return node->pending;
}

const Memtable::Held* Memtable::visible(const Node* node, Sequence as_of, const Hidden& hidden) {
    const Held* held = node->newest.load(std::memory_order_acquire);
    while (held != nullptr && held->sequence > as_of) held = held->older;
    if (held != nullptr && !hidden.empty() && hidden.holds(node->token, node->table, held->sequence)) return nullptr;
    return held;
}

EntryKey Memtable::key_of(const Node* node) {
    return EntryKey{node->token, node->table, node->key()};
}

const Memtable::Held* Memtable::find(const EntryKey& key, Sequence as_of, const Hidden& hidden) const {
    const Link* at = heads(slice_of(key.token));
    const Node* met = nullptr;
    for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
        const Node* next = at[level].load(std::memory_order_acquire);
        // A node met on the floor above lies behind the key: no need to compare it again.
        while (next != nullptr && next != met && next->before(key)) {
            at = next->links();
            next = at[level].load(std::memory_order_acquire);
        }
        met = next;
    }
    if (met == nullptr || met->token != key.token || met->table != key.table || met->key() != key.key) return nullptr;
    return visible(met, as_of, hidden);
}

const Memtable::Node* Memtable::first_from(std::size_t slice) const {
    for (std::size_t slices = std::size_t{1} << slice_bits_; slice < slices; ++slice)
        if (const Node* node = heads(slice)[0].load(std::memory_order_acquire)) return node;
    return nullptr;
}

const Memtable::Node* Memtable::at_or_after(const EntryKey& key) const {
    std::size_t slice = slice_of(key.token);
    const Link* at = heads(slice);
    const Node* next = nullptr;
    for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
        next = at[level].load(std::memory_order_acquire);
        while (next != nullptr && next->before(key)) {
            at = next->links();
            next = at[level].load(std::memory_order_acquire);
        }
    }
    return next != nullptr ? next : first_from(slice + 1);
}

const Memtable::Node* Memtable::after(const Node* node) const {
    const Node* next = node->links()[0].load(std::memory_order_acquire);
    return next != nullptr ? next : first_from(slice_of(node->token) + 1);
}

const Memtable::Node* Memtable::last_before(const EntryKey& key, bool end) const {
    std::size_t slice = end ? (std::size_t{1} << slice_bits_) - 1 : slice_of(key.token);
    for (;; --slice) {
        const Link* at = heads(slice);
        const Node* last = nullptr;
        for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
            const Node* next = at[level].load(std::memory_order_acquire);
            while (next != nullptr && (end || next->before(key))) {
                last = next;
                at = next->links();
                next = at[level].load(std::memory_order_acquire);
            }
        }
        if (last != nullptr || slice == 0) return last;
        end = true;  // every node of an earlier slice lies before the key
    }
}

}  // namespace ashlar::lsm
