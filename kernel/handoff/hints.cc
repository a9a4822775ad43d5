#include "handoff/hints.h"

#include <algorithm>
#include <array>

#include "kit/text.h"
#include "wire/frame.h"

namespace ashlar::handoff {
namespace {

constexpr ScanMost scan_most{256, 1024 * 1024};
/// What may be under way to one owner, whatever the entries' number.
constexpr std::size_t given_bytes_most = 4 * 1024 * 1024;
constexpr Duration answer_within = seconds(3);
constexpr Duration pause = seconds(1);
/// After it had no room, or the road had none.
constexpr Duration busy_pause = milliseconds(100);
/// Of a record and the entry it speaks of, where only the record was counted.
constexpr std::uint64_t usual_bytes = 512;
/// Larger entries go by the link, whose frames may be larger.
constexpr std::size_t background_most = 1024 * 1024;
constexpr Duration recount_pause = seconds(10);
constexpr Duration held_up_pause = seconds(10);

void add(Hints::Account& account, std::uint64_t bytes) {
    ++account.entries;
    account.bytes += bytes;
}
void take(Hints::Account& account, std::uint64_t bytes) {
    if (account.entries != 0) --account.entries;
    account.bytes -= std::min(account.bytes, bytes);
}

}  // namespace

Hints::Hints(StorageEngine& engine, port::Works& works, member::Members& members, const port::Limits& limits, Log& log,
             Meter& meter, std::uint64_t first_ref)
    : engine_(engine),
      works_(works),
      members_(members),
      limits_(limits),
      log_(log),
      kept_(meter.counter("hints_kept")),
      paid_(meter.counter("hints_paid")),
      dropped_(meter.counter("hints_dropped")),
      rerouted_(meter.counter("hints_rerouted")),
      refs_(first_ref) {}

Result<void> Hints::admit(NodeId, std::size_t bytes) {
    if (bytes_ + bytes <= limits_.hint_bytes) return {};
    // A key written again has one record still: counting anew may find room.
    count_at_ = std::min(count_at_, counted_at_ + recount_pause);
    return fail(Code::overloaded,
                kit::text("hints of ", bytes_, " bytes are kept, ", bytes, " more are over the limit of ",
                          limits_.hint_bytes, " (limits.hint_bytes)"));
}

void Hints::kept(NodeId owner, std::size_t bytes) {
    Debt& debt = debts_[owner];
    debt.open = true;
    add(debt.account, bytes);
    add(debt.added, bytes);
    add(debt.added_since_count, bytes);
    bytes_ += bytes;
    kept_.add();
}

void Hints::owe(NodeId owner, const EntryKey& key, View entry, bool held) {
    const auto record = port::HintWrite::owed(port::HintKey{owner, key}, engine_.applied() + 1);
    const std::array<Write, 2> writes{record.write(), Write{key, entry}};
    const std::size_t bytes = key.key.size() + entry.size();
    if (admit(owner, bytes) && engine_.apply(std::span<const Write>(writes.data(), held ? 1 : 2)))
        kept(owner, bytes);
    else
        mark_missed(owner, key);
}

std::map<NodeId, Hints::Account> Hints::accounts() const {
    std::map<NodeId, Account> out;
    for (const auto& [owner, debt] : debts_)
        if (debt.account.entries != 0 || !debt.missed.empty())
            out[owner] = Account{debt.account.entries, debt.account.bytes, debt.missed.size()};
    return out;
}

std::uint64_t Hints::entries() const {
    std::uint64_t sum = 0;
    for (const auto& [owner, debt] : debts_) sum += debt.account.entries;
    return sum;
}

bool Hints::Debt::has_room() const {
    return given.size() < pace.window() && given_bytes < given_bytes_most;
}

bool Hints::Debt::wants() const {
    if (!open || scanning || !has_room()) return false;
    // A new pass reads from the beginning, where what is under way still stands.
    return !ready.empty() || !cursor.empty() || given.empty();
}

Instant Hints::due() const {
    if (stopped_) return port::never;
    Instant due = count_at_;
    for (const auto& [owner, debt] : debts_) {
        if (!debt.given.empty()) due = std::min(due, debt.answer_by);
        // An owner that is not well is looked at again when members change, or in a while.
        if (debt.wants()) due = std::min(due, debt.not_before);
    }
    return due;
}

void Hints::pump(const port::Turn& turn) {
    if (stopped_) return;
    pumped_at_ = turn.now.steady;
    if (count_at_ <= turn.now.steady) count_all(turn);
    const bool changed = members_changes_ != members_.changes();
    members_changes_ = members_.changes();
    for (auto& [owner, debt] : debts_) {
        if (!debt.given.empty() && debt.answer_by <= turn.now.steady) {
            // Lost on the way there or back: the records are still open, a later scan finds them.
            forget_given(turn, debt);
            debt.pace.lost();
        }
        if (debt.away && changed) debt.not_before = turn.now.steady;
        if (!debt.wants() || turn.now.steady < debt.not_before) continue;
        if (replaced(owner)) {
            route_anew(turn, debt);
            if (turn.now.steady >= debt.not_before && debt.wants()) scan(turn, owner, debt);
            continue;
        }
        debt.away =
            members_.state(owner) == PeerState::down || members_.peer(owner, port::Road::background).address.empty();
        if (debt.away) {
            debt.not_before = turn.now.steady + pause;
            continue;
        }
        if (!debt.ready.empty()) give(turn, owner, debt);
        if (debt.ready.empty() && debt.wants()) scan(turn, owner, debt);
    }
}

void Hints::forget_given(const port::Turn& turn, Debt& debt) {
    debt.given.clear();
    debt.given_bytes = 0;
    debt.not_before = turn.now.steady + pause;
}

void Hints::count_all(const port::Turn& turn) {
    count_at_ = port::never;
    counted_at_ = turn.now.steady;
    for (auto& [owner, debt] : debts_) debt.added_since_count = {};
    auto work = std::make_unique<HintScan>(engine_.snapshot(), NodeId{}, Bytes(), ScanMost{});
    HintScan* scan = work.get();
    auto counted = [this, scan](const port::Turn& later, const Result<void>& outcome) {
        // What an earlier life owed is known by this alone, and was counted towards its acknowledgements.
        if (!outcome) return cannot_read(later, outcome.error());
        unread_.clear();
        for (const auto& [owner, count] : scan->counts) debts_[owner].open = true;
        for (const HintScan::Mark& mark : scan->marks)
            debts_[mark.owner].missed.try_emplace({mark.table, mark.token}, pumped_at_);
        bytes_ = 0;
        counted_ = true;
        for (auto& [owner, debt] : debts_) {
            auto found = scan->counts.find(owner);
            const std::uint64_t entries = found == scan->counts.end() ? 0 : found->second;
            // Records are counted, entries are not read for it: their size is what was usual until now.
            const std::uint64_t each =
                debt.account.entries == 0 ? usual_bytes : debt.account.bytes / debt.account.entries;
            const Account& since = debt.added_since_count;
            debt.account = Account{entries + since.entries, entries * each + since.bytes, 0};
            bytes_ += debt.account.bytes;
        }
    };
    works_.start(turn, port::Lane::read, std::move(work), counted);
}

void Hints::scan(const port::Turn& turn, NodeId owner, Debt& debt) {
    // What could not be given is met again by the next pass: in a while, not in every turn.
    if (debt.cursor.empty() && debt.held_up != 0 && turn.now.steady < debt.pass_ended + held_up_pause) {
        debt.not_before = debt.pass_ended + held_up_pause;
        return;
    }
    debt.scanning = true;
    if (debt.cursor.empty()) {
        debt.seen = debt.added = {};
        debt.held_up = 0;
    }
    auto work = std::make_unique<HintScan>(engine_.snapshot(), owner, debt.cursor, scan_most);
    HintScan* scan = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, owner, scan](const port::Turn& later, const Result<void>& outcome) {
                     Debt& found = debts_[owner];
                     found.scanning = false;
                     found.not_before = later.now.steady;
                     if (outcome) return scanned(later, owner, *scan);
                     found.not_before = later.now.steady + pause;
                     cannot_read(later, outcome.error());
                 });
}

/// Records themselves: counting all of them tells when they can be read again.
void Hints::cannot_read(const port::Turn& turn, const Error& why) {
    count_at_ = std::min(count_at_, turn.now.steady + pause);
    std::string text = "hints cannot be read: " + why.detail;
    if (text == unread_) return;
    log_.write(LogLevel::error, text);
    unread_ = std::move(text);
}

void Hints::scanned(const port::Turn& turn, NodeId owner, HintScan& scan) {
    Debt& debt = debts_[owner];
    for (const OpenHint& hint : scan.open) add(debt.seen, hint.key.size() + hint.entry.size());
    if (scan.unreadable != 0) hold_up(owner, debt, scan.unreadable, scan.why);
    std::reverse(scan.open.begin(), scan.open.end());
    debt.ready = std::move(scan.open);
    debt.cursor = scan.ended ? Bytes() : scan.last;
    if (scan.ended) {
        // A whole pass tells what there is, apart from what came meanwhile.
        bytes_ -= std::min(bytes_, debt.account.bytes);
        debt.account =
            Account{debt.seen.entries + debt.added.entries + debt.held_up, debt.seen.bytes + debt.added.bytes, 0};
        bytes_ += debt.account.bytes;
        debt.pass_ended = turn.now.steady;
        if (debt.account.entries == 0) {
            debt.open = false;
            log_.write(LogLevel::info, kit::text("all hints for node ", kit::hex16(owner.value), " are paid"));
        }
    }
    if (!debt.ready.empty() && !replaced(owner)) give(turn, owner, debt);
}

void Hints::hold_up(NodeId owner, Debt& debt, std::uint64_t entries, View why) {
    debt.held_up += entries;
    log_.write(LogLevel::error, kit::text(entries, " hints for node ", kit::hex16(owner.value),
                                          " cannot be given and stay owed: ", why));
}

void Hints::give(const port::Turn& turn, NodeId owner, Debt& debt) {
    while (!debt.ready.empty() && debt.has_room()) {
        OpenHint hint = std::move(debt.ready.back());
        debt.ready.pop_back();
        if (hint.entry.empty()) {
            if (!settle(hint)) return put_off(turn, debt);
            continue;
        }
        if (hint.key.size() + hint.entry.size() > wire::entry_bytes_max) {
            take(debt.seen, hint.key.size() + hint.entry.size());
            hold_up(owner, debt, 1,
                    kit::text("an entry of ", hint.entry.size(), " bytes is too large to travel; settle its siblings"));
            continue;
        }
        std::uint64_t ref = ++refs_;
        port::Road road = hint.entry.size() > background_most ? port::Road::link : port::Road::background;
        if (!turn.effects.send(members_.peer(owner, road), road,
                               wire::HintGive{wire::Ref{ref}, hint.entry_key(), hint.entry})) {
            debt.ready.push_back(std::move(hint));
            debt.not_before = turn.now.steady + busy_pause;
            return;
        }
        if (debt.given.empty()) debt.answer_by = turn.now.steady + answer_within;
        debt.given_bytes += hint.entry.size();
        debt.given.emplace(ref, std::move(hint));
    }
}

bool Hints::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    const auto* taken = std::get_if<wire::HintTaken>(&message);
    if (taken == nullptr) return false;
    auto at = debts_.find(from.node);
    if (at == debts_.end()) return true;
    Debt& debt = at->second;
    auto given = debt.given.find(taken->ref.value);
    if (given == debt.given.end()) return true;
    if (taken->fault.none()) {
        if (!settle(given->second)) debt.not_before = turn.now.steady + pause;
        debt.answer_by = turn.now.steady + answer_within;
        // Whoever gives has clients too.
        debt.pace.answered(std::max(taken->load_milli, members_.self().load_milli));
    } else {
        debt.pace.refused();
        const bool overloaded = taken->fault.code == static_cast<std::uint8_t>(Code::overloaded);
        debt.not_before = turn.now.steady + (overloaded ? busy_pause : pause);
    }
    debt.given_bytes -= std::min(debt.given_bytes, given->second.entry.size());
    debt.given.erase(given);
    return true;
}

/// The node it was owed to was replaced: the owners of now are owed it.
void Hints::route_anew(const port::Turn& turn, Debt& debt) {
    while (!debt.ready.empty()) {
        const OpenHint hint = std::move(debt.ready.back());
        debt.ready.pop_back();
        const bool owed_instead = hint.entry.empty() || owe_instead(hint);
        if (!owed_instead || !settle(hint)) return put_off(turn, debt);
    }
}

/// The engine takes nothing at the moment: the records are open still, a later scan finds them.
void Hints::put_off(const port::Turn& turn, Debt& debt) {
    debt.ready.clear();
    debt.not_before = turn.now.steady + pause;
}

bool Hints::owe_instead(const OpenHint& hint) {
    std::vector<NodeId> owners = routes_.owners(hint.table, hint.token);
    std::erase(owners, members_.self().node);
    if (owners.empty()) return true;
    std::vector<port::HintWrite> records;
    for (NodeId owner : owners)
        records.push_back(port::HintWrite::owed(port::HintKey{owner, hint.entry_key()}, engine_.applied() + 1));
    std::vector<Write> writes;
    for (const port::HintWrite& record : records) writes.push_back(record.write());
    if (!engine_.apply(writes)) return false;
    // It is kept, as it was, whatever the budget says.
    for (NodeId owner : owners) kept(owner, hint.key.size() + hint.entry.size());
    rerouted_.add();
    return true;
}

bool Hints::settle(const OpenHint& hint) {
    const auto record = port::HintWrite::paid(hint.where, hint.owed);
    const Write write = record.write();
    // Should this be lost or refused, the record is open still, and is paid once more.
    if (!engine_.apply(std::span<const Write>(&write, 1))) return false;
    paid_.add();
    Debt& debt = debts_[hint.owner];
    std::uint64_t bytes = hint.key.size() + hint.entry.size();
    take(debt.account, bytes);
    take(debt.seen, bytes);
    bytes_ -= std::min(bytes_, bytes);
    return true;
}

}  // namespace ashlar::handoff
