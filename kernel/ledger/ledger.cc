#include "ledger/ledger.h"

#include <algorithm>
#include <string>
#include <utility>

namespace ashlar::ledger {
namespace {

const std::string file_name = "ledger";
const std::string aside_name = "ledger.new";
/// Far above any true ledger (a member is about 50 bytes, a claim 16): a bound on what a start may read.
constexpr std::uint64_t bytes_max = 64u << 20;

/// `renamed` tells whether the new file may be found from now on, whatever the answer.
Result<void> write_file(Disk& disk, View bytes, bool& renamed) {
    // What an interrupted write left behind; it never became the ledger.
    auto cleared = disk.remove(aside_name);
    if (!cleared && cleared.error().code != Code::not_found) return cleared;
    auto file = disk.create(aside_name);
    if (!file) return file.error();
    if (auto done = (*file)->append(bytes); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
    if (auto done = disk.rename(aside_name, file_name); !done) return done;
    renamed = true;
    return disk.sync_directory("");
}

Error about_ledger(const Error& error) {
    return fail(error.code, "ledger: " + error.detail);
}

}  // namespace

class Ledger::Store final : public Work {
public:
    Store(Ledger& ledger, State state) : ledger_(ledger), state_(std::move(state)), bytes_(encode(state_)) {}
    void run() noexcept override { outcome_ = write_file(ledger_.disk_, bytes_, renamed_); }
    Result<void> finish() noexcept override {
        // A failure before the rename leaves what is on the disk as it was, in doubt or not.
        if (renamed_) ledger_.doubtful_ = !outcome_.has_value();
        if (!outcome_) return about_ledger(outcome_.error());
        ledger_.state_ = std::move(state_);
        ledger_.has_state_ = true;
        return {};
    }

private:
    Ledger& ledger_;
    State state_;
    Bytes bytes_;
    bool renamed_ = false;
    Result<void> outcome_;
};

void learn(State& state, Agreed decided) {
    for (port::Table& table : gone(state.agreed, decided)) state.dropped.push_back(std::move(table));
    state.agreed = std::move(decided);
    state.vote = Vote{};
}

void open_gap(State& state, const TokenRange& tokens) {
    base::add(state.gaps, tokens);
    ++state.openings;
    if (state.gaps.size() <= gaps_max) return;
    base::TokenRanges fewer;
    for (std::size_t i = 0; i < state.gaps.size(); i += 2) {
        const std::size_t last = std::min(i + 1, state.gaps.size() - 1);
        base::add(fewer, TokenRange{state.gaps[i].first, state.gaps[last].last});
    }
    state.gaps = std::move(fewer);
}

Result<void> forget_held(State& state, const base::TokenRanges& tokens) {
    if (state.incarnation >= incarnation_max)
        return fail(Code::unsupported, "this node has begun all lives that one identity has: it cannot name versions "
                                       "anew, start it on an empty data directory, where it is another node");
    ++state.incarnation;
    for (const TokenRange& range : tokens) open_gap(state, range);
    return {};
}

Result<std::unique_ptr<Ledger>> Ledger::open(Disk& disk) {
    std::unique_ptr<Ledger> ledger(new Ledger(disk));
    auto file = disk.open(file_name);
    if (!file && file.error().code == Code::not_found) return ledger;
    if (!file) return about_ledger(file.error());
    if ((*file)->size() > bytes_max) return fail(Code::corrupt, "the ledger is larger than any ledger can be");
    Bytes bytes;
    auto read = (*file)->read(0, static_cast<std::size_t>((*file)->size()), bytes);
    if (!read) return about_ledger(read.error());
    auto state = decode(bytes);
    if (!state) return state.error();
    ledger->state_ = std::move(*state);
    ledger->has_state_ = true;
    return ledger;
}

Result<void> Ledger::store_now(const State& state) {
    Store store(*this, state);
    store.run();
    return store.finish();
}

std::unique_ptr<Work> Ledger::store(State state) {
    return std::make_unique<Store>(*this, std::move(state));
}

}  // namespace ashlar::ledger
