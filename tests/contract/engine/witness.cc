#include "witness.h"

#include <algorithm>

namespace ashlar::contract {

/// The slots of what was found, by place.
struct Witness::Seen {
    std::map<Place, Slot> slots;
    const Slot* at(const Place& place) const {
        auto found = slots.find(place);
        return found == slots.end() ? nullptr : &found->second;
    }
    /// Whether a write is there, or one that took its place.
    bool has(const Key& key, const Slot& slot) const {
        const Slot* s = at({key, slot.slot});
        return s && s->stamp >= slot.stamp;
    }
    bool is(const Key& key, const Slot& slot) const {
        const Slot* s = at({key, slot.slot});
        return s && s->stamp == slot.stamp;
    }
};

namespace {

bool covers(const Retirement& r, const Key& key) {
    return r.tokens.holds(key.token) && (r.table.value == 0 || r.table.value == key.table);
}

}  // namespace

void Witness::applied(const Batch& batch) {
    for (const auto& [key, slot] : batch) {
        written_[{key, slot.slot}].push_back({events_.size(), slot});
        join_into(all_, key, slot);
    }
    events_.push_back({batch, {}});
}

void Witness::retired(const Retirement& retirement) {
    events_.push_back({{}, retirement});
    std::erase_if(all_, [&](const auto& held) { return covers(retirement, held.first); });
}

testing::AssertionResult Witness::holds_all(const Content& found) const {
    return same_content(settled(all_), settled(found));
}

Bytes Witness::wanted(const Key& key) const {
    auto held = all_.find(key);
    return held == all_.end() ? Bytes() : held->second;
}

Content Witness::settled(const Content& content) const {
    Content out;
    for (const auto& [key, entry] : content) {
        Bytes kept = taken(SlotJoiner().settle(TableId{key.table}, entry, Keep{WallTime{0}, forget_before_}));
        if (!kept.empty()) out.emplace(key, std::move(kept));
    }
    return out;
}

/// Whether a write is not there because a tombstone that covered it may have left.
bool Witness::forgotten(const Key& key, const Slot& slot, const Seen& seen) const {
    if (seen.at({key, slot.slot})) return false;
    const auto& writes = written_.at({key, slot.slot});
    return std::any_of(writes.begin(), writes.end(), [&](const Written& w) {
        return w.slot.removed && w.slot.wall < forget_before_ && w.slot.stamp >= slot.stamp;
    });
}

/// Whether a retirement behind the event covers the key.
bool Witness::covered_later(const Key& key, std::size_t event, bool promised_only) const {
    std::size_t end = promised_only ? durable_ : events_.size();
    for (std::size_t i = event + 1; i < end; ++i)
        if (events_[i].batch.empty() && covers(events_[i].retirement, key)) return true;
    return false;
}

std::string Witness::judge_place(const Place& place, const std::vector<Written>& writes, const Seen& seen) const {
    const Slot* found = seen.at(place);
    bool known = !found;
    for (const Written& w : writes) {
        if (w.event < durable_ && !covered_later(place.first, w.event, false) && !seen.has(place.first, w.slot) &&
            !forgotten(place.first, w.slot, seen))
            return kit::text("lost: stamp ", w.slot.stamp, " of event ", w.event, ", promised up to event ", durable_,
                             found ? kit::text(", found stamp ", found->stamp) : ", found nothing");
        if (!found || found->stamp != w.slot.stamp) continue;
        if (*found != w.slot) return kit::text("damaged: stamp ", found->stamp, " has other bytes than were written");
        if (covered_later(place.first, w.event, true)) return kit::text("came back: stamp ", found->stamp);
        known = true;
    }
    return known ? "" : kit::text("invented: stamp ", found->stamp, " was never written there");
}

std::string Witness::judge_batches(const Seen& seen) const {
    for (std::size_t i = 0; i < events_.size(); ++i) {
        const Batch& batch = events_[i].batch;
        bool some = std::any_of(batch.begin(), batch.end(), [&](const auto& w) { return seen.is(w.first, w.second); });
        if (!some) continue;
        for (const auto& [key, slot] : batch)
            if (!covered_later(key, i, false) && !seen.has(key, slot) && !forgotten(key, slot, seen))
                return kit::text("torn: event ", i, " is there but for stamp ", slot.stamp, " of ", show(key));
    }
    return "";
}

std::string Witness::judge_retirements(const Seen& seen) const {
    for (std::size_t r = durable_; r < events_.size(); ++r) {
        if (!events_[r].batch.empty()) continue;
        bool gone = false, there = false;
        for (std::size_t i = 0; i < r; ++i)
            for (const auto& [key, slot] : events_[i].batch) {
                if (!covers(events_[r].retirement, key) || covered_later(key, r, false)) continue;
                there = there || seen.is(key, slot);
                bool due =
                    i < durable_ && !covered_later(key, i, true) && !seen.has(key, slot) && !forgotten(key, slot, seen);
                gone = gone || due;
            }
        if (gone && there) return kit::text("half retired: event ", r);
    }
    return "";
}

testing::AssertionResult Witness::judge(const Content& found) const {
    Seen seen;
    for (const auto& [key, entry] : found) {
        auto slots = decode(entry);
        if (!slots) return testing::AssertionFailure() << "damaged: " << show(key) << " is no entry";
        for (Slot& slot : *slots) {
            Place place{key, slot.slot};
            if (written_.find(place) == written_.end())
                return testing::AssertionFailure() << "invented: nothing was written to " << show(key);
            seen.slots[place] = std::move(slot);
        }
    }
    for (const auto& [place, writes] : written_) {
        std::string wrong = judge_place(place, writes, seen);
        if (!wrong.empty()) return testing::AssertionFailure() << wrong << ", at " << show(place.first);
    }
    std::string wrong = judge_batches(seen);
    if (wrong.empty()) wrong = judge_retirements(seen);
    if (!wrong.empty()) return testing::AssertionFailure() << wrong;
    return testing::AssertionSuccess();
}

}  // namespace ashlar::contract
