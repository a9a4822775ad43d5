#include "state.h"

#include <algorithm>
#include <limits>

#include "kit/text.h"

namespace ashlar::lsm {

void SnapshotList::add(const std::shared_ptr<const Moment>& moment) {
    if (held_.size() >= sweep_at_) sweep();
    held_.emplace_back(moment->as_of, moment);
}

void SnapshotList::sweep() {
    std::erase_if(held_, [](const auto& s) { return s.second.expired(); });
    sweep_at_ = std::max<std::size_t>(64, held_.size() * 2);
}

Sequence SnapshotList::oldest() {
    sweep();
    Sequence oldest = std::numeric_limits<Sequence>::max();
    for (const auto& [as_of, moment] : held_) oldest = std::min(oldest, as_of);
    return oldest;
}

std::size_t SnapshotList::size() const {
    auto held = [](const auto& s) { return !s.second.expired(); };
    return static_cast<std::size_t>(std::count_if(held_.begin(), held_.end(), held));
}

void State::freeze() {
    Version next = *version;
    next.frozen.push_back(active);
    publish(std::move(next));
    buffer.cut();
    active = std::make_shared<Memtable>(shop.tuning.memtable_bytes, buffer.segment(), applied + 1);
}

void State::close(const Error& cause) {
    if (closed) return;
    closed = fail(Code::closed, kit::text("writes stopped for good after a failure; restart once its cause is mended: ",
                                          cause.detail));
    shop.log.write(LogLevel::error, closed->detail);
}

void State::add_retirement(const Retirement& retirement, Sequence sequence) {
    if (!retirement.whole) {
        retired.permits.add(retirement.table, {retirement.tokens, retirement.forget_before, sequence});
        return;
    }
    // What was permitted for data that goes says nothing of data that comes later.
    std::vector<TableId> tables{retirement.table};
    if (retirement.table == TableId{})
        for (const auto& [table, permits] : retired.permits.tables()) tables.push_back(table);
    for (TableId table : tables) retired.permits.clear(table, retirement.tokens);

    std::erase_if(retired.hides, [&](const Hide& h) {
        return retirement.tokens.first <= h.tokens.first && h.tokens.last <= retirement.tokens.last &&
               (retirement.table == TableId{} || retirement.table == h.table);
    });
    retired.hides.push_back(Hide{sequence, retirement.tokens, retirement.table});
}

void State::publish_hides() {
    Version next = *version;
    next.hidden = std::make_shared<const Hidden>(Hidden{retired.hides});
    publish(std::move(next));
}

}  // namespace ashlar::lsm
