#include "sweep.h"

#include <algorithm>
#include <utility>

namespace ashlar::memory {

void Content::set(ItemRef item) {
    if (ItemRef old = tree.find(item->at()); old)
        bytes -= old->cost();
    else
        ++entries;
    bytes += item->cost();
    tree = tree.with(std::move(item));
}

void Content::drop(const EntryKey& key) {
    ItemRef old = tree.find(key);
    if (!old) return;
    --entries;
    bytes -= old->cost();
    tree = tree.without(key);
}

/// One stretch of the walk. It sees its own copies only, so run() needs nothing of the loop's.
class Sweep::Slice final : public Work {
public:
    struct Answer {
        ItemRef asked;
        Bytes kept;  ///< empty: nothing is left of it
    };

    Slice(Sweep& sweep, std::uint64_t budget_bytes, WallTime now)
        : sweep_(sweep), joiner_(sweep.joiner_), tree_(sweep.content_.tree), budget_bytes_(budget_bytes), now_(now) {
        behind = sweep.behind_;
        if (!sweep.snapshots_live())
            allowed_.assign(sweep.allowed_.begin(),
                            sweep.allowed_.begin() + static_cast<std::ptrdiff_t>(sweep.begun_with_));
    }

    void run() noexcept override {
        std::uint64_t walked = 0;
        while (walked < budget_bytes_ || walked == 0) {
            ItemRef item = behind ? tree_.forward(behind->at(), true) : tree_.forward({}, false);
            if (!item) {
                at_end = true;
                return;
            }
            walked += item->cost();
            ask(item);
            behind = std::move(item);
        }
    }

    Result<void> finish() noexcept override {
        sweep_.take_over(*this);
        return {};
    }

    bool forgets() const { return !allowed_.empty(); }

    std::vector<Answer> answers;
    ItemRef behind;
    bool at_end = false;

private:
    void ask(const ItemRef& item) {
        Keep keep{now_, WallTime{0}};
        for (const Retirement& r : allowed_) {
            if (r.tokens.holds(item->token) && (r.table.value == 0 || r.table == item->table))
                keep.forget_before = std::max(keep.forget_before, r.forget_before);
        }
        auto kept = joiner_.settle(item->table, item->entry, keep);
        // A malformed entry stays as it is: whoever reads it is told.
        if (kept && *kept != item->entry) answers.push_back({item, std::move(*kept)});
    }

    Sweep& sweep_;
    const Joiner& joiner_;
    Tree tree_;
    std::uint64_t budget_bytes_;
    WallTime now_;
    std::vector<Retirement> allowed_;
};

void Sweep::allow(const Retirement& retirement) {
    allowed_.push_back(retirement);
}

bool Sweep::due(WallTime now) const {
    return allowed_.size() > begun_with_ || now < last_ || now.us - last_.us >= interval_.us;
}

std::unique_ptr<Work> Sweep::slice(std::uint64_t budget_bytes, WallTime now) {
    if (!under_way_) {
        if (content_.entries == 0 || !due(now)) return nullptr;
        under_way_ = true;
        disturbed_ = false;
        begun_with_ = allowed_.size();
        last_ = now;
        behind_ = nullptr;
    }
    return std::make_unique<Slice>(*this, budget_bytes, now);
}

void Sweep::take_over(const Slice& slice) {
    behind_ = slice.behind;
    bool carried = snapshots_live() || (begun_with_ != 0 && !slice.forgets());
    disturbed_ = disturbed_ || carried;
    for (const Slice::Answer& answer : slice.answers) {
        const Item& asked = *answer.asked;
        if (content_.tree.find(asked.at()) != answer.asked || (carried && slice.forgets())) continue;
        if (answer.kept.empty())
            content_.drop(asked.at());
        else
            content_.set(std::make_shared<Item>(Item{asked.token, asked.table, asked.key, answer.kept}));
    }
    if (!slice.at_end) return;
    under_way_ = false;
    if (disturbed_) return;
    allowed_.erase(allowed_.begin(), allowed_.begin() + static_cast<std::ptrdiff_t>(begun_with_));
    begun_with_ = 0;
}

}  // namespace ashlar::memory
