#include "script.h"

#include <optional>
#include <utility>

namespace ashlar::contract {

namespace {

class Player {
public:
    Player(const Script& script, Rig& rig, Witness& witness)
        : script_(script), rig_(rig), witness_(witness), random_(script.seed) {}

    Outcome play() {
        for (batch_ = 0; batch_ < script_.batches; ++batch_) {
            if (!write()) return outcome_;
            if (script_.retires && batch_ % 23 == 22 && !retire()) return outcome_;
            if (script_.forgets && batch_ % 11 == 10 && !forget()) return outcome_;
            if (random_.below(3) != 0 && !sync()) return outcome_;
            if (random_.below(3) == 0 && !maintain()) return outcome_;
        }
        outcome_.to_the_end = sync();
        return outcome_;
    }

private:
    Batch draw() {
        Batch batch;
        for (std::uint64_t i = 0; i < 1 + random_.below(5); ++i) {
            ++stamp_;
            std::size_t length = static_cast<std::size_t>(random_.below(script_.value_bytes));
            Key key = key_of(random_.below(script_.keys), static_cast<std::uint32_t>(1 + random_.below(2)));
            auto slot = static_cast<std::uint8_t>(random_.below(3));
            bool removes = script_.forgets && random_.one_in(4);
            batch.emplace_back(key, removes ? tombstone_of(stamp_, wall(), slot) : slot_of(stamp_, length, slot));
        }
        return batch;
    }

    bool write() {
        Batch batch = draw();
        std::vector<Bytes> entries;
        for (const auto& [key, slot] : batch) entries.push_back(encode(slot));
        std::vector<Write> writes;
        for (std::size_t i = 0; i < batch.size(); ++i) writes.push_back({batch[i].first.at(), entries[i]});
        auto done = rig_->apply(writes);
        for (int i = 0; i < 1000 && !inside_ && !done && done.error().code == Code::overloaded; ++i) {
            if (!sync() || !maintain()) return false;
            done = rig_->apply(writes);
        }
        if (!done && inside_ && done.error().code == Code::overloaded) return true;
        if (!done) {
            outcome_.apply = done.error();
            return false;
        }
        witness_.applied(batch);
        return true;
    }

    bool retire() {
        Token from = random_.next() << 1;
        Retirement retirement{{from / 2, from / 2 + (Token{1} << 62)}, TableId{1}, true, WallTime{0}};
        if (auto done = rig_->retire(retirement); !done) {
            outcome_.apply = done.error();
            return false;
        }
        witness_.retired(retirement);
        return true;
    }

    /// Tombstones of some batches ago may leave, wherever nothing older holds the key.
    bool forget() {
        WallTime before{wall().us - 5};
        // Said first: an engine may use a permission of which it could not answer.
        witness_.may_forget(before);
        for (std::uint32_t table : {1u, 2u}) {
            auto done = rig_->retire({TokenRange{}, TableId{table}, false, before});
            if (!done) outcome_.apply = done.error();
            if (!done) return false;
        }
        return true;
    }
    WallTime wall() const { return WallTime{static_cast<std::int64_t>(batch_) + 10}; }

    /// A sync, sometimes with writes between its steps; only what came before it is promised.
    bool sync() {
        std::size_t before = witness_.events();
        auto work = rig_->sync(SyncDepth::synced);
        if (!work) {
            witness_.promised(before);
            return !rig_.disk().powerless();
        }
        bool fine = write_inside(4);
        work->run();
        fine = write_inside(4) && fine;
        auto done = work->finish();
        if (done)
            witness_.promised(before);
        else if (outcome_.sync)
            outcome_.sync = done;
        return fine && done && !rig_.disk().powerless();
    }

    bool maintain() {
        auto work = rig_->maintain(64 << 10, wall());
        if (!work) return true;
        bool fine = write_inside(3);
        work->run();
        if (fine && random_.one_in(3)) fine = sync();
        auto done = work->finish();
        if (!done && outcome_.maintain) outcome_.maintain = done;
        return fine && !rig_.disk().powerless();
    }

    /// Once in so many times, a write while a work is under way: if there is no room, none.
    bool write_inside(std::uint64_t odds) {
        if (inside_ || !random_.one_in(odds)) return true;
        inside_ = true;
        bool fine = write();
        inside_ = false;
        return fine;
    }

    const Script& script_;
    Rig& rig_;
    Witness& witness_;
    sim::SeededRandom random_;
    std::uint64_t batch_ = 0;
    std::uint64_t stamp_ = 0;
    bool inside_ = false;  ///< a work is under way, so no second one of its kind is begun
    Outcome outcome_;
};

}  // namespace

Outcome play(const Script& script, Rig& rig, Witness& witness) {
    return Player(script, rig, witness).play();
}

}  // namespace ashlar::contract
