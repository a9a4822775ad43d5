#include "handoff/hints.h"

#include <algorithm>

#include "kit/text.h"

namespace ashlar::handoff {
namespace {

constexpr std::size_t scan_most = 64;
constexpr std::uint32_t window_max = 32;
constexpr Duration answer_within = seconds(3);
constexpr Duration pause = seconds(1);
/// Above this share of its bound the owner is busy: one at a time, with a breath between.
constexpr std::uint32_t busy_milli = 500;
constexpr Duration busy_pause = milliseconds(100);
/// Of a record and the entry it speaks of, where only the record was counted.
constexpr std::uint64_t usual_bytes = 512;

}  // namespace

Hints::Hints(StorageEngine& engine, port::Works& works, member::Members& members, const port::Limits& limits, Log& log,
             Meter& meter)
    : engine_(engine),
      works_(works),
      members_(members),
      limits_(limits),
      log_(log),
      kept_(meter.counter("hints_kept")),
      paid_(meter.counter("hints_paid")),
      dropped_(meter.counter("hints_dropped")) {}

Result<void> Hints::admit(NodeId, std::size_t bytes) {
    if (bytes_ + bytes <= limits_.hint_bytes) return {};
    return fail(Code::overloaded, kit::text("hints of ", bytes_, " bytes are kept, ", bytes,
                                            " more are over the limit of ", limits_.hint_bytes,
                                            " (limits.hint_bytes)"));
}

void Hints::kept(NodeId owner, std::size_t bytes) {
    Debt& debt = debts_[owner];
    ++debt.account.entries;
    debt.account.bytes += bytes;
    bytes_ += bytes;
    kept_.add();
    members_.self().hints = members_.self().hints + 1;
}

void Hints::owe(NodeId owner, const EntryKey& key, std::size_t bytes) {
    Bytes where = port::encode_hint_key(port::HintKey{owner, key});
    Bytes record = port::encode_hint(port::HintRecord{engine_.stats().applied + 1, 0});
    Write write{EntryKey{port::hint_token, port::hint_table, where}, record};
    if (admit(owner, bytes) && engine_.apply(std::span<const Write>(&write, 1)))
        kept(owner, bytes);
    else
        dropped_.add();
}

std::map<NodeId, Hints::Account> Hints::accounts() const {
    std::map<NodeId, Account> out;
    for (const auto& [owner, debt] : debts_)
        if (debt.account.entries != 0) out[owner] = debt.account;
    return out;
}

Instant Hints::due() const {
    if (stopped_) return port::never;
    Instant due = port::never;
    for (const auto& [owner, debt] : debts_) {
        if (!debt.given.empty()) due = std::min(due, debt.answer_by);
        // An owner that is not well is looked at again when members change, or in a while.
        else if (debt.account.entries != 0 && !debt.scanning) due = std::min(due, debt.not_before);
    }
    return due;
}

void Hints::pump(const port::Turn& turn) {
    if (stopped_) return;
    if (!counted_) count_all(turn);
    for (auto& [owner, debt] : debts_) {
        if (!debt.given.empty() && debt.answer_by <= turn.now.steady) {
            // Lost on the way there or back: the records are still open, a later scan finds them.
            debt.given.clear();
            debt.window = 1;
            debt.not_before = turn.now.steady + pause;
        }
        if (debt.account.entries == 0 || turn.now.steady < debt.not_before) continue;
        if (members_.state(owner) == PeerState::down || members_.peer(owner, port::Road::background).address.empty()) {
            debt.not_before = turn.now.steady + pause;
            continue;
        }
        if (!debt.ready.empty())
            give(turn, owner, debt);
        else if (!debt.scanning && debt.given.empty())
            scan(turn, owner, debt);
    }
}

void Hints::count_all(const port::Turn& turn) {
    counted_ = true;
    auto work = std::make_unique<HintScan>(engine_.snapshot(), NodeId{}, Bytes(), 0);
    HintScan* scan = work.get();
    works_.start(turn, port::Lane::read, std::move(work), [this, scan](const port::Turn&, const Result<void>& outcome) {
        if (!outcome) return log_.write(LogLevel::error, "hints cannot be counted: " + outcome.error().detail);
        for (const auto& [owner, count] : scan->counts) {
            Account& account = debts_[owner].account;
            // What was kept since the start may be among them: the next whole scan of the owner tells exactly.
            account.entries = std::max(account.entries, count);
            account.bytes = std::max(account.bytes, count * usual_bytes);
        }
        bytes_ = 0;
        for (const auto& [owner, debt] : debts_) bytes_ += debt.account.bytes;
    });
}

void Hints::scan(const port::Turn& turn, NodeId owner, Debt& debt) {
    debt.scanning = true;
    auto work = std::make_unique<HintScan>(engine_.snapshot(), owner, debt.cursor, scan_most);
    HintScan* scan = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, owner, scan](const port::Turn& later, const Result<void>& outcome) {
                     Debt& found = debts_[owner];
                     found.scanning = false;
                     found.not_before = later.now.steady;
                     if (outcome) return scanned(later, owner, *scan);
                     found.not_before = later.now.steady + pause;
                     log_.write(LogLevel::error, "hints cannot be read: " + outcome.error().detail);
                 });
}

void Hints::scanned(const port::Turn& turn, NodeId owner, HintScan& scan) {
    Debt& debt = debts_[owner];
    debt.seen.entries += scan.open.size();
    for (OpenHint& hint : scan.open) debt.seen.bytes += hint.key.size() + hint.entry.size();
    std::reverse(scan.open.begin(), scan.open.end());
    debt.ready = std::move(scan.open);
    debt.cursor = scan.ended ? Bytes() : scan.last;
    if (scan.ended) {
        bool none = debt.seen.entries == 0;
        debt.seen = {};
        if (none) {
            bytes_ -= std::min(bytes_, debt.account.bytes);
            debt.account = {};
            log_.write(LogLevel::info, kit::text("all hints for node ", kit::hex16(owner.value), " are paid"));
        }
    }
    if (!debt.ready.empty()) give(turn, owner, debt);
}

void Hints::give(const port::Turn& turn, NodeId owner, Debt& debt) {
    port::Peer peer = members_.peer(owner, port::Road::background);
    while (!debt.ready.empty() && debt.given.size() < debt.window) {
        OpenHint hint = std::move(debt.ready.back());
        debt.ready.pop_back();
        if (hint.entry.empty()) {
            settle(hint);
            continue;
        }
        std::uint64_t ref = ++refs_;
        if (!turn.effects.send(peer, port::Road::background,
                               wire::HintGive{wire::Ref{ref}, hint.entry_key(), hint.entry})) {
            debt.ready.push_back(std::move(hint));
            debt.not_before = turn.now.steady + busy_pause;
            return;
        }
        if (debt.given.empty()) debt.answer_by = turn.now.steady + answer_within;
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
    bool gone = taken->fault.code == static_cast<std::uint8_t>(Code::not_found);
    if (taken->fault.none() || gone) {
        settle(given->second);
        debt.window = taken->load_milli > busy_milli ? 1 : std::min(debt.window * 2, window_max);
        debt.answer_by = turn.now.steady + answer_within;
        if (taken->load_milli > busy_milli) debt.not_before = turn.now.steady + busy_pause;
    } else {
        debt.window = 1;
        debt.not_before = turn.now.steady + pause;
    }
    debt.given.erase(given);
    return true;
}

void Hints::settle(const OpenHint& hint) {
    Bytes record = port::encode_hint(port::HintRecord{hint.owed, hint.owed});
    Write write{EntryKey{port::hint_token, port::hint_table, hint.where}, record};
    // Should this be lost or refused, the record is open still, and is paid once more.
    if (!engine_.apply(std::span<const Write>(&write, 1))) return;
    paid_.add();
    Debt& debt = debts_[hint.owner];
    std::uint64_t bytes = hint.key.size() + hint.entry.size();
    if (debt.account.entries > 1) --debt.account.entries;
    debt.account.bytes -= std::min(debt.account.bytes, bytes);
    bytes_ -= std::min(bytes_, bytes);
    std::uint64_t& told = members_.self().hints;
    if (told != 0) --told;
}

}  // namespace ashlar::handoff
