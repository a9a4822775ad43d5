#include "model.h"

#include <algorithm>
#include <cstdlib>

#include "kit/text.h"

namespace ashlar::sim {

Bytes Model::make_value(WriteNumber number, std::uint32_t size) {
    Bytes value = kit::text("w", number, ":");
    SeededRandom random(number);
    while (value.size() < size) {
        std::uint64_t drawn = random.next();
        for (int i = 0; i < 8 && value.size() < size; ++i, drawn >>= 8)
            value.push_back(static_cast<char>('a' + (drawn & 15)));
    }
    return value;
}

WriteNumber Model::number_of(View value) const {
    if (value.empty() || value.front() != 'w') return 0;
    WriteNumber number = 0;
    std::size_t at = 1;
    for (; at < value.size() && value[at] >= '0' && value[at] <= '9' && at < 19; ++at) {
        number = number * 10 + static_cast<std::uint64_t>(value[at] - '0');
    }
    return number < writes_.size() && writes_[number].value == value ? number : 0;
}

WriteNumber Model::begin(WriteRecord write) {
    WriteNumber number = writes_.size();
    for (WriteNumber seen : write.sees) writes_[seen].seen_by.push_back(number);
    if (write.sees_all || merges_) covering_[write.place].push_back(number);
    writes_.push_back(std::move(write));
    return number;
}

void Model::passed_on(WriteNumber number, std::size_t place) {
    if (number == 0) return;
    WriteRecord& write = writes_[number];
    if (!write.coordinator) write.coordinator = place;
    if (*write.coordinator != place) write.retried = true;
}

void Model::end(WriteNumber number, Outcome outcome, Instant now, WallTime wall_low, WallTime wall_high) {
    WriteRecord& write = writes_[number];
    write.outcome = outcome;
    write.ended = now;
    if (write.sync != Sync::always && now <= in_doubt_until_) write.may_be_lost = true;
    if (write.ttl.us != 0) {
        write.expires_from = wall_low + write.ttl;
        write.expires_until = wall_high + write.ttl;
    }
    if (outcome == Outcome::acked) {
        ++acked_;
        if (!write.remove) expected_[write.place].push_back(number);
    }
}

bool Model::surely_replaced(const WriteRecord& old, const Shown& shown) const {
    auto sure = [&](WriteNumber number) {
        const WriteRecord& newer = writes_[number];
        return newer.outcome == Outcome::acked && !newer.may_be_lost && newer.ended < shown.invoked &&
               Reach::overlap(newer.owners, shown.owners, newer.all);
    };
    // A late try may have written again what an earlier one wrote and a crash took: the context that saw the first
    // does not cover the second.
    for (WriteNumber newer : old.seen_by) {
        if (!old.retried && sure(newer)) return true;
    }
    if (old.outcome != Outcome::acked) return false;
    // Stamps of several clocks decide; which of two writes that is only they know. And equal names of two tries at
    // two nodes meet only while both live.
    if (several_ && (merges_ || old.retried)) return false;
    auto covering = covering_.find(old.place);
    if (covering == covering_.end()) return false;
    for (WriteNumber newer : covering->second) {
        const WriteRecord& other = writes_[newer];
        bool saw =
            other.sees_all && old.ended < other.invoked && Reach::overlap(old.owners, other.read_owners, old.all);
        // What one replica lost another may have kept, where nobody looked.
        bool kept = !several_ || !old.may_be_lost;
        if (saw && kept && sure(newer)) return true;
    }
    return false;
}

void Model::complain(const Shown& shown, WriteNumber number, const char* what) {
    const WriteRecord& write = writes_[number];
    complain_(kit::text(what, ": key ", shown.place, " read ", shown.invoked.us, "..", shown.ended.us, " us, write ",
                        number, " of ", write.invoked.us, "..", write.ended.us, " us, sync ",
                        static_cast<int>(write.sync), ", outcome ", static_cast<int>(write.outcome)));
}

void Model::check_value(const Shown& shown, WriteNumber number) {
    const WriteRecord& write = writes_[number];
    if (write.place != shown.place) return complain(shown, number, "phantom: a value of another key");
    if (write.outcome == Outcome::refused) return complain(shown, number, "phantom: the write had been refused");
    if (write.outcome != Outcome::open && surely_replaced(write, shown)) {
        return complain(shown, number, "returned: a replaced value came back");
    }
    // Who names the moment is whoever coordinates, and in a cluster that may be long after nobody waits for it.
    bool dated = several_ ? write.outcome == Outcome::acked && !write.retried : write.outcome != Outcome::open;
    if (write.ttl.us != 0 && dated && write.expires_until < shown.wall_low) {
        complain(shown, number, "expired: a value is shown after its time");
    }
}

/// Whether it cannot have written anything since.
bool Model::surely_over(const WriteRecord& write, Instant before) const {
    if (write.outcome == Outcome::open || write.ended >= before) return false;
    if (!several_) return true;
    if (merges_ || write.retried) return false;
    return write.outcome == Outcome::acked || write.outcome == Outcome::refused;
}

void Model::check_missing(const Shown& shown, WriteNumber number) {
    WriteRecord& write = writes_[number];
    if (write.may_be_lost) {
        write.explained = true;
        return;
    }
    if (write.ended >= shown.invoked || !Reach::overlap(write.owners, shown.owners, write.all)) return;
    if (write.ttl.us != 0 && write.expires_from.us <= shown.wall_high.us) {
        write.explained = true;
        return;
    }
    bool explained = false;
    auto may_explain = [&](WriteNumber newer_number) {
        const WriteRecord& newer = writes_[newer_number];
        if (newer.outcome == Outcome::refused || newer.invoked > shown.ended) return;
        explained = true;
        if (newer.outcome != Outcome::open) write.explained = true;
    };
    for (WriteNumber newer : write.seen_by) may_explain(newer);
    auto covering = covering_.find(write.place);
    if (covering != covering_.end()) {
        for (WriteNumber newer : covering->second) {
            const WriteRecord& other = writes_[newer];
            if (newer == number || surely_over(other, write.invoked)) continue;
            may_explain(newer);
        }
    }
    if (!explained) complain(shown, number, "lost: an acknowledged value is missing");
}

void Model::check(const Shown& shown) {
    ++checks_;
    std::vector<WriteNumber> found;
    for (const Bytes& value : shown.values) {
        WriteNumber number = number_of(value);
        if (number == 0) {
            complain_(kit::text("phantom: key ", shown.place, " shows ", value.size(), " bytes nobody wrote, at ",
                                shown.ended.us, " us"));
            continue;
        }
        if (std::find(found.begin(), found.end(), number) != found.end() && writes_[number].request.given()) {
            complain(shown, number, "twice: one named write shows as two siblings");
        }
        found.push_back(number);
        check_value(shown, number);
    }
    auto expected = expected_.find(shown.place);
    if (expected == expected_.end()) return;
    for (WriteNumber number : expected->second) {
        if (std::find(found.begin(), found.end(), number) == found.end()) check_missing(shown, number);
    }
    auto explained = [&](WriteNumber number) { return writes_[number].explained; };
    expected->second.erase(std::remove_if(expected->second.begin(), expected->second.end(), explained),
                           expected->second.end());
}

void Model::check_count(const std::string& place, const std::vector<Bytes>& elements, std::uint64_t count) {
    bool tried_again = false;
    for (const Bytes& element : elements) tried_again = tried_again || writes_[number_of(element)].retried;
    if (count < elements.size() || (count > elements.size() && !tried_again))
        complain_(kit::text("miscounted: key ", place, " counts ", count, " operations and shows ", elements.size()));
}

std::vector<std::string> Model::places(const std::string& prefix) const {
    std::vector<std::string> out;
    for (auto at = expected_.lower_bound(prefix); at != expected_.end() && at->first.starts_with(prefix); ++at)
        out.push_back(at->first);
    return out;
}

void Model::crashed(Instant now, Loss loss, Duration write_window, Duration sync_window) {
    for (WriteRecord& write : writes_) {
        if (write.sync == Sync::always) continue;
        // An answer may still be on its way to the client.
        if (write.outcome == Outcome::open) write.may_be_lost = true;
        Duration age = now - write.ended;
        // Writes that are handed to the system outlive the process; only those synced outlive the machine.
        bool safe = loss == Loss::nothing ? age > write_window : write.sync == Sync::interval && age > sync_window;
        if (!safe) write.may_be_lost = true;
    }
}

void Model::sync_failed(Instant now, Duration sync_window, Instant noticed) {
    in_doubt_until_ = std::max(in_doubt_until_, noticed);
    for (WriteRecord& write : writes_) {
        if (write.sync == Sync::always) continue;
        if (write.outcome == Outcome::open || now - write.ended <= sync_window) write.may_be_lost = true;
    }
}

void Model::disk_lost() {
    for (WriteRecord& write : writes_)
        if (write.owners.owners <= 1) write.may_be_lost = true;
}

void Model::forget(const std::string& prefix) {
    for (auto* by_place : {&expected_, &covering_}) {
        for (auto at = by_place->begin(); at != by_place->end();) {
            if (at->first.compare(0, prefix.size(), prefix) == 0)
                at = by_place->erase(at);
            else
                ++at;
        }
    }
}

}  // namespace ashlar::sim
