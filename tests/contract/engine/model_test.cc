// Random operations held against a model: works that overlap, snapshots that live for a while, restarts, crashes.
#include <deque>

#include "engine_test.h"

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineModel);

/// One engine and the map it must equal at every step.
class Walk {
public:
    Walk(EngineCase engine, std::uint64_t seed)
        : engine_(engine), random_(seed), rig_(std::make_unique<Rig>(engine, std::make_shared<sim::FaultyDisk>())) {}

    void go(std::uint64_t steps) {
        ASSERT_TRUE(rig_->open()) << rig_->log();
        for (step_ = 0; step_ < steps && !testing::Test::HasFailure(); ++step_) one();
        finish_works();
        if (!testing::Test::HasFailure()) compare_all();
    }

private:
    void one() {
        switch (random_.below(24)) {
            case 0:
            case 1:
            case 2:
                return move_on(sync_, [&] { return rig_->operator->()->sync(SyncDepth::synced); });
            case 3:
            case 4:
            case 5:
            case 6:
            case 7:
                return move_on(maintain_, [&] { return rig_->operator->()->maintain(32 << 10, WallTime{0}); });
            case 8:
                return random_.one_in(4) ? retire() : look();
            case 9:
                return random_.one_in(6) ? restart() : look();
            case 10:
                return snapshot();
            case 11:
            case 12:
                return look_at_snapshot();
            case 13:
                return random_.one_in(8) ? compare_all() : scan();
            case 14:
            case 15:
            case 16:
                return look();
            default:
                return write();
        }
    }

    void write() {
        std::vector<std::pair<Key, Slot>> batch;
        for (std::uint64_t i = 0; i < 1 + random_.below(4); ++i) {
            std::uint64_t stamp = random_.one_in(5) ? random_.below(stamp_ + 1) : ++stamp_;  // some are old news
            Slot slot = slot_of(stamp, static_cast<std::size_t>(random_.below(1500)),
                                static_cast<std::uint8_t>(random_.below(3)));
            if (random_.one_in(6)) slot = tombstone_of(stamp, WallTime{1}, slot.slot);
            // One stamp has one value in a slot of a key, whoever brings it.
            if (!slot.removed) slot.value = value_of(stamp, 50 + static_cast<std::size_t>(stamp * 131 % 1400));
            batch.emplace_back(draw_key(), slot);
        }
        std::vector<Bytes> entries;
        for (const auto& [key, slot] : batch) entries.push_back(encode(slot));
        std::vector<Write> writes;
        for (std::size_t i = 0; i < batch.size(); ++i) writes.push_back({batch[i].first.at(), entries[i]});
        auto done = (*rig_)->apply(writes);
        if (!done) {
            ASSERT_EQ(code_of(done), static_cast<int>(Code::overloaded)) << done.error().detail;
            finish_works();
            ASSERT_OK(rig_->sync());
            ASSERT_OK(rig_->maintain());
            return;
        }
        for (const auto& [key, slot] : batch) join_into(model_, key, slot);
    }

    Key draw_key() { return key_of(random_.below(150), static_cast<std::uint32_t>(1 + random_.below(2))); }

    void look() {
        Key key = draw_key();
        auto held = model_.find(key);
        ASSERT_EQ(taken(rig_->get(key)), held == model_.end() ? "" : held->second) << show(key) << " at step " << step_;
    }

    void snapshot() {
        if (snapshots_.size() == 3) snapshots_.pop_front();
        snapshots_.emplace_back((*rig_)->snapshot(), model_);
    }
    void look_at_snapshot() {
        if (snapshots_.empty()) return;
        const auto& [snapshot, model] = snapshots_[random_.below(snapshots_.size())];
        if (random_.one_in(10)) {
            ASSERT_TRUE(same_content(model, taken(content_of(*snapshot)))) << "snapshot, step " << step_;
        }
        Key key = draw_key();
        auto held = model.find(key);
        ASSERT_EQ(taken(get_from(*snapshot, key)), held == model.end() ? "" : held->second)
            << show(key) << " in a snapshot, step " << step_;
        if (random_.one_in(4)) snapshots_.pop_front();
    }

    void scan() {
        ScanRange range;
        range.tokens.first = random_.one_in(2) ? 0 : draw_key().token;
        range.tokens.last = std::max(range.tokens.first, draw_key().token);
        range.table = TableId{static_cast<std::uint32_t>(random_.below(3))};
        range.reverse = random_.one_in(2);
        Content wanted;
        for (const auto& [key, entry] : model_)
            if (range.tokens.holds(key.token) && (range.table.value == 0 || range.table.value == key.table))
                wanted.emplace(key, entry);
        ASSERT_TRUE(same_content(wanted, taken(rig_->content(range)))) << "step " << step_;
    }

    void compare_all() {
        ASSERT_TRUE(same_content(model_, taken(rig_->content()))) << "step " << step_ << "\n" << rig_->log();
    }

    void retire() {
        Retirement retirement{
            {draw_key().token, 0}, TableId{static_cast<std::uint32_t>(1 + random_.below(2))}, true, WallTime{0}};
        retirement.tokens.last = std::max(retirement.tokens.first, draw_key().token);
        ASSERT_OK((*rig_)->retire(retirement));
        std::erase_if(model_, [&](const auto& held) {
            return held.first.table == retirement.table.value && retirement.tokens.holds(held.first.token);
        });
    }

    /// A work goes through its three steps at three different times.
    struct InHand {
        std::unique_ptr<Work> work;
        bool ran = false;
    };
    template <class Make>
    void move_on(InHand& hand, Make make) {
        if (!hand.work) {
            hand.work = make();
            hand.ran = false;
        } else if (!hand.ran) {
            if (random_.one_in(20)) return hand.work.reset();
            hand.work->run();
            hand.ran = true;
        } else {
            ASSERT_OK(hand.work->finish());
            hand.work.reset();
        }
    }
    void finish_works() {
        for (InHand* hand : {&sync_, &maintain_}) {
            if (!hand->work) continue;
            if (!hand->ran) hand->work->run();
            ASSERT_OK(hand->work->finish());
            hand->work.reset();
        }
    }

    void restart() {
        if (!engine_.persistent()) return;
        finish_works();
        ASSERT_OK(rig_->sync());
        snapshots_.clear();
        if (random_.one_in(2)) {
            ASSERT_TRUE(rig_->reopen()) << rig_->log();
        } else {
            auto disk = rig_->crash(random_.next());
            rig_ = std::make_unique<Rig>(engine_, disk);
            ASSERT_TRUE(rig_->open()) << rig_->log();
        }
        compare_all();
    }

    EngineCase engine_;
    sim::SeededRandom random_;
    Content model_;
    std::unique_ptr<Rig> rig_;
    std::uint64_t stamp_ = 0;
    std::uint64_t step_ = 0;
    std::deque<std::pair<std::shared_ptr<const Snapshot>, Content>> snapshots_;
    InHand sync_;
    InHand maintain_;
};

TEST_P(EngineModel, EqualsAMapAtEveryStep) {
    for (std::uint64_t seed = 1; seed <= scaled(6, 300) && !HasFailure(); ++seed) {
        SCOPED_TRACE(kit::text("seed ", seed));
        Walk(GetParam(), seed).go(4000);
    }
}

}  // namespace
}  // namespace ashlar::contract
