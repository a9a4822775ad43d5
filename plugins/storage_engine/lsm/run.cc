#include "run.h"

#include <algorithm>

namespace ashlar::lsm {

Span Span::of(const ScanRange& range) {
    Span span;
    span.reverse = range.reverse;
    span.table = range.table;
    if (!range.reverse) {
        span.stop = range.tokens.last;
        span.start.token = range.tokens.first;
        if (!range.resume) return span;
        // The smallest key behind K is K with a zero byte added.
        OwnedKey after(EntryKey{range.after_token, range.after_table, range.after_key});
        after.key.push_back('\0');
        if (before(span.start.view(), after.view())) span.start = std::move(after);
        return span;
    }
    span.stop = range.tokens.first;
    span.from_end = range.tokens.last == ~Token{0};
    if (!span.from_end) span.start.token = range.tokens.last + 1;
    if (!range.resume) return span;
    OwnedKey upto(EntryKey{range.after_token, range.after_table, range.after_key});
    if (span.from_end || before(upto.view(), span.start.view())) span.start = std::move(upto);
    span.from_end = false;
    return span;
}

namespace {

class MemtableRun final : public Run {
public:
    MemtableRun(MemtablePtr memtable, Sequence as_of, HiddenPtr hidden, const Span& span)
        : memtable_(std::move(memtable)), as_of_(as_of), hidden_(std::move(hidden)), span_(span) {}

    Result<bool> next() override {
        for (;;) {
            const Memtable::Node* node = step();
            at_ = node;
            ended_ = node == nullptr || span_.past(Memtable::key_of(node).token);
            if (ended_) return false;
            key_ = Memtable::key_of(node);
            if (span_.table != TableId{} && key_.table != span_.table) continue;
            const Memtable::Held* held = Memtable::visible(node, as_of_, *hidden_);
            if (held == nullptr) continue;
            entry_ = held->entry();
            bytes_ += key_.key.size() + entry_.size();
            return true;
        }
    }

private:
    const Memtable::Node* step() {
        if (ended_) return nullptr;
        if (at_ == nullptr)
            return span_.reverse ? memtable_->last_before(span_.start.view(), span_.from_end)
                                 : memtable_->at_or_after(span_.start.view());
        return span_.reverse ? memtable_->last_before(Memtable::key_of(at_), false) : memtable_->after(at_);
    }

    MemtablePtr memtable_;
    Sequence as_of_;
    HiddenPtr hidden_;
    Span span_;
    const Memtable::Node* at_ = nullptr;
    bool ended_ = false;
};

class TablesRun final : public Run {
public:
    TablesRun(std::vector<TablePtr> tables, HiddenPtr hidden, const Span& span, Readahead readahead, BlockCache* cache)
        : tables_(std::move(tables)), hidden_(std::move(hidden)), span_(span), readahead_(readahead), cache_(cache) {
        if (span_.reverse) std::reverse(tables_.begin(), tables_.end());
        // Whole tables before the start need not be looked at.
        while (!tables_.empty() && leads(*tables_[table_])) {
            if (++table_ == tables_.size()) break;
        }
    }

    Result<bool> next() override {
        for (;;) {
            while (item_ < items_.size()) {
                std::size_t i = span_.reverse ? items_.size() - 1 - item_ : item_;
                ++item_;
                key_ = items_.key(i);
                if (span_.past(key_.token)) {
                    table_ = tables_.size();
                    items_ = BlockItems{};
                    return false;
                }
                if (span_.table != TableId{} && key_.table != span_.table) continue;
                if (!hidden_->empty() && hidden_->holds(key_.token, key_.table, through_)) continue;
                entry_ = items_.value(i);
                return true;
            }
            auto more = next_block();
            if (!more || !*more) return more;
        }
    }

private:
    bool leads(const Table& table) const {
        return span_.reverse ? !span_.from_end && !before(table.facts().first.view(), span_.start.view())
                             : before(table.facts().last.view(), span_.start.view());
    }
    bool follows(const Table& table) const {
        return span_.past(span_.reverse ? table.facts().last.token : table.facts().first.token);
    }

    /// Loads the block that comes next, from this table or a later one; false if none does.
    Result<bool> next_block() {
        for (;;) {
            if (table_ >= tables_.size() || follows(*tables_[table_])) return false;
            const Table& table = *tables_[table_];
            through_ = table.facts().through;
            if (!entered_ && !enter(table)) {
                leave();
                continue;
            }
            if (table.broken()) return *table.broken();
            if (left_ == 0) {
                leave();
                continue;
            }
            std::size_t i = block_;
            --left_;
            if (left_ != 0) block_ += span_.reverse ? static_cast<std::size_t>(-1) : 1;
            if (block_hidden(table, i)) continue;
            if (auto done = load(table, i); !done) return done.error();
            return true;
        }
    }

    /// Stands before the first block of a table; false if all of it is hidden.
    bool enter(const Table& table) {
        entered_ = true;
        const TableFacts& facts = table.facts();
        if (hidden_->holds_all(facts.first.view(), facts.last.view(), facts.through)) return false;
        if (table.broken()) return true;
        const BlockIndex& index = table.index();
        if (!span_.reverse) {
            block_ = index.find(span_.start.view());
            left_ = index.size() - block_;
        } else {
            block_ = span_.from_end ? index.size() : index.find(span_.start.view());
            if (block_ == index.size() && block_ != 0) --block_;
            left_ = index.size() == 0 ? 0 : block_ + 1;
        }
        return true;
    }
    void leave() {
        ++table_;
        entered_ = false;
        left_ = 0;
        extent_.clear();
    }

    bool block_hidden(const Table& table, std::size_t i) const {
        if (hidden_->empty()) return false;
        EntryKey low{i == 0 ? table.facts().first.token : table.index().last_token(i - 1), {}, {}};
        EntryKey high{table.index().last_token(i), TableId{~0u}, {}};
        return hidden_->holds_all(low, high, table.facts().through);
    }

    Result<void> load(const Table& table, std::size_t i) {
        BlockPlace place = table.index().place(i);
        pinned_ = cache_ != nullptr ? cache_->find(table.facts().number, place.offset) : nullptr;
        if (pinned_ == nullptr) {
            if (auto done = bring(table, i); !done) return done.error();
            auto raw = table.unseal(i, View(extent_).substr(place.offset - extent_start_, place.bytes));
            if (!raw) return raw.error();
            pinned_ = std::make_shared<const Bytes>(std::move(*raw));
        }
        bytes_ += place.bytes;
        if (!items_.load(*pinned_)) return table.malformed(i);
        item_ = 0;
        // The first block may begin before the start.
        while (item_ < items_.size() && before_start(items_.key(span_.reverse ? items_.size() - 1 - item_ : item_)))
            ++item_;
        return {};
    }
    bool before_start(const EntryKey& key) const {
        return span_.reverse ? !span_.from_end && !before(key, span_.start.view()) : before(key, span_.start.view());
    }

    /// Sees to it that block i lies in extent_, reading neighbours in the direction of the walk along.
    Result<void> bring(const Table& table, std::size_t i) {
        BlockPlace place = table.index().place(i);
        if (!extent_.empty() && place.offset >= extent_start_ &&
            place.offset + place.bytes <= extent_start_ + extent_.size())
            return {};
        std::size_t from = i, to = i;
        std::uint64_t bytes = place.bytes;
        for (std::size_t more = left_; more != 0; --more) {
            std::size_t n = span_.reverse ? from - 1 : to + 1;
            bytes += table.index().place(n).bytes;
            if (bytes > ahead_) break;
            (span_.reverse ? from : to) = n;
        }
        ahead_ = std::min(readahead_.most, std::max<std::size_t>({ahead_ * 2, readahead_.first, 8192}));
        extent_start_ = table.index().place(from).offset;
        return table.read_sealed(from, to, extent_);
    }

    std::vector<TablePtr> tables_;
    HiddenPtr hidden_;
    Span span_;
    Readahead readahead_;
    BlockCache* cache_;
    std::size_t table_ = 0;
    bool entered_ = false;
    Sequence through_ = 0;
    std::size_t block_ = 0;
    std::size_t left_ = 0;  ///< blocks of this table still to come, block_ the next of them
    BlockItems items_;
    std::size_t item_ = 0;
    BlockPtr pinned_;
    Bytes extent_;
    std::uint64_t extent_start_ = 0;
    std::size_t ahead_ = readahead_.first;
};

}  // namespace

std::unique_ptr<Run> run_of(MemtablePtr memtable, Sequence as_of, HiddenPtr hidden, const Span& span) {
    return std::make_unique<MemtableRun>(std::move(memtable), as_of, std::move(hidden), span);
}

std::unique_ptr<Run> run_of(std::vector<TablePtr> tables, HiddenPtr hidden, const Span& span, Readahead readahead,
                            BlockCache* cache) {
    return std::make_unique<TablesRun>(std::move(tables), std::move(hidden), span, readahead, cache);
}

}  // namespace ashlar::lsm
