#include "repair/gaps.h"

#include <utility>

#include "ashlar/result.h"

namespace ashlar::repair {
namespace {

/// Takes out of `set` what is not in `other`.
void keep_common(base::TokenRanges& set, const base::TokenRanges& other) {
    base::TokenRanges outside = set;
    for (const TokenRange& range : other) base::take_away(outside, range);
    for (const TokenRange& range : outside) base::take_away(set, range);
}

}  // namespace

bool Gaps::complete(TableId table, const TokenRange& tokens) const {
    if (!base::holds_any(open(), tokens)) return true;
    auto filled = filled_.find(table);
    if (filled == filled_.end()) return false;
    if (tokens.first == tokens.last) return base::holds_any(filled->second, tokens);
    base::TokenRanges left{tokens};
    keep_common(left, open());
    for (const TokenRange& range : filled->second) base::take_away(left, range);
    return left.empty();
}

void Gaps::forget(const port::Turn& turn, const base::TokenRanges& tokens, ledger::Changes::Then then) {
    for (auto& [table, ranges] : filled_)
        for (const TokenRange& range : tokens) base::take_away(ranges, range);
    ++opening_;
    changes_.ask(
        turn, [tokens](ledger::State& state) { return ledger::forget_held(state, tokens); },
        [this, then = std::move(then)](const port::Turn& later, const Result<void>& outcome) {
            --opening_;
            then(later, outcome);
        });
}

void Gaps::filled(const port::Turn& turn, TableId table, const TokenRange& tokens, std::uint32_t known,
                  const std::vector<TableId>& owned_in) {
    if (known != openings() || opening_ != 0 || !base::holds_any(open(), tokens)) return;
    base::add(filled_[table], tokens);
    base::TokenRanges closed{tokens};
    for (TableId other : owned_in) keep_common(closed, filled_[other]);
    keep_common(closed, open());
    if (!closed.empty()) close(turn, std::move(closed), known);
}

void Gaps::keep_to(const port::Turn& turn, const base::TokenRanges& owned) {
    base::TokenRanges foreign = open();
    for (const TokenRange& range : owned) base::take_away(foreign, range);
    if (!foreign.empty()) close(turn, std::move(foreign), openings());
}

/// A gap that was opened meanwhile may be of the same tokens: then it is left to a later round.
void Gaps::close(const port::Turn& turn, base::TokenRanges closed, std::uint32_t known) {
    changes_.ask(
        turn,
        [closed, known](ledger::State& state) -> Result<void> {
            if (state.openings != known) return fail(Code::conflict, "another gap was opened meanwhile");
            for (const TokenRange& range : closed) base::take_away(state.gaps, range);
            return {};
        },
        [this, closed](const port::Turn&, const Result<void>& outcome) {
            if (!outcome) return;
            for (auto& [table, ranges] : filled_)
                for (const TokenRange& range : closed) base::take_away(ranges, range);
        });
}

}  // namespace ashlar::repair
