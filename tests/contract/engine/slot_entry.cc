#include "slot_entry.h"

#include <map>
#include <utility>

#include "kit/bytes.h"

namespace ashlar::contract {

Bytes encode(const std::vector<Slot>& slots) {
    Bytes out;
    kit::Writer writer(out);
    writer.varint(slots.size());
    for (const Slot& s : slots) {
        writer.u8(s.slot);
        writer.u64(s.stamp);
        writer.u8(s.removed ? 1 : 0);
        writer.i64(s.wall.us);
        writer.i64(s.expires.us);
        writer.blob(s.value);
    }
    return out;
}

Bytes encode(const Slot& slot) {
    return encode(std::vector<Slot>{slot});
}

Result<std::vector<Slot>> decode(View entry) {
    kit::Reader reader(entry);
    std::vector<Slot> slots;
    std::uint64_t count = reader.count(27);
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        Slot s;
        s.slot = reader.u8();
        s.stamp = reader.u64();
        std::uint8_t removed = reader.u8();
        s.removed = removed == 1;
        s.wall.us = reader.i64();
        s.expires.us = reader.i64();
        s.value = Bytes(reader.blob());
        if (removed > 1 || (!slots.empty() && slots.back().slot >= s.slot)) reader.spoil();
        slots.push_back(std::move(s));
    }
    if (!reader.done() || slots.empty()) return fail(Code::corrupt, "not an entry of the engine suite");
    return slots;
}

Result<Bytes> SlotJoiner::join(TableId, View a, View b) const noexcept {
    auto left = decode(a);
    if (!left) return left.error();
    auto right = decode(b);
    if (!right) return right.error();
    std::map<std::uint8_t, Slot> all;
    for (Slot& s : *left) all[s.slot] = std::move(s);
    for (Slot& s : *right) {
        auto [held, fresh] = all.try_emplace(s.slot, s);
        auto rank = [](const Slot& x) { return std::pair(x.stamp, x.removed); };
        if (!fresh && rank(held->second) < rank(s)) held->second = std::move(s);
    }
    std::vector<Slot> joined;
    for (auto& [slot, s] : all) joined.push_back(std::move(s));
    return encode(joined);
}

Result<Bytes> SlotJoiner::settle(TableId, View entry, const Keep& keep) const noexcept {
    auto slots = decode(entry);
    if (!slots) return slots.error();
    std::vector<Slot> kept;
    for (Slot& s : *slots) {
        if (!s.removed && s.expires.us != 0 && s.expires < keep.now)
            s = Slot{s.slot, s.stamp, true, s.expires, WallTime{0}, {}};
        if (s.removed && s.wall < keep.forget_before) continue;
        kept.push_back(std::move(s));
    }
    return kept.empty() ? Bytes{} : encode(kept);
}

}  // namespace ashlar::contract
