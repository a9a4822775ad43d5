// The engines with a real resolver: entries of three writers arrive late, twice and in any order, and every engine ends
// with the bytes that joining them by hand gives.
#include <algorithm>

#include "ashlar/conflict_resolver.h"
#include "engine_test.h"

extern "C" {
extern const ashlar::Descriptor ashlar_plugin_conflict_resolver_dotted_version_vector;
}

namespace ashlar::contract {
namespace {

ON_EVERY_ENGINE(EngineWithResolver);

/// The default resolver behind the joiner of a host.
class ResolverJoiner final : public Joiner {
public:
    ResolverJoiner() {
        Settings none;
        Error error;
        sim::PlainHost host(disk_, nothing_);
        resolver_ = static_cast<ConflictResolver*>(card.create(&host, &none, &error));
    }
    ~ResolverJoiner() override { card.destroy(resolver_); }
    Result<Bytes> join(TableId, View a, View b) const noexcept override { return resolver_->join(a, b); }
    Result<Bytes> settle(TableId, View entry, const Keep& keep) const noexcept override {
        return resolver_->settle(entry, keep);
    }
    const ConflictResolver& resolver() const { return *resolver_; }

private:
    static constexpr const Descriptor& card = ashlar_plugin_conflict_resolver_dotted_version_vector;
    sim::FaultyDisk disk_;
    SlotJoiner nothing_;
    ConflictResolver* resolver_ = nullptr;
};

/// Three coordinators that write to their own copy and hear of the others now and then.
struct Writers {
    explicit Writers(const ResolverJoiner& from, std::uint64_t seed) : joiner(from), random(seed) {}

    const ResolverJoiner& joiner;
    sim::SeededRandom random;
    Content held[3];
    std::uint64_t counters[3] = {0, 0, 0};

    std::pair<Key, Bytes> write(WallTime now) {
        std::size_t who = random.below(3);
        Key key = key_of(random.below(80));
        Bytes& mine = held[who][key];
        Reading reading;
        Change change;
        change.remove = random.one_in(5);
        change.dot = {Actor{NodeId{who + 1}, 1, 0}, ++counters[who]};
        change.wall = now;
        if (random.one_in(3) && !change.remove)
            change.expires = now + seconds(static_cast<std::int64_t>(random.below(100)) + 1);
        Bytes value = value_of(counters[who] * 3 + who, 200 + random.below(800));
        if (!change.remove) change.value = value;
        bool causal = !mine.empty() && !random.one_in(3);
        if (causal && joiner.resolver().read(mine, now, reading)) change.context = reading.context;
        auto entry = joiner.resolver().update(joiner.resolver().needs_held(change) ? View(mine) : View(), change);
        EXPECT_OK(entry);
        hear(who, key, *entry);
        if (random.one_in(3)) hear(random.below(3), key, *entry);
        return {key, *entry};
    }

private:
    void hear(std::size_t who, const Key& key, const Bytes& entry) {
        Bytes& mine = held[who][key];
        mine = mine.empty() ? entry : taken(joiner.join(TableId{1}, mine, entry));
    }
};

TEST_P(EngineWithResolver, EndsWithTheJoinOfAllItHeard) {
    auto joiner = std::make_shared<ResolverJoiner>();
    for (std::uint64_t seed = 1; seed <= scaled(3, 60) && !HasFailure(); ++seed) {
        SCOPED_TRACE(kit::text("seed ", seed));
        Rig rig(GetParam(), std::make_shared<sim::FaultyDisk>(), small(), joiner);
        ASSERT_TRUE(rig.open()) << rig.log();
        Writers writers(*joiner, seed);
        Content model;
        std::vector<std::pair<Key, Bytes>> heard;
        for (std::uint64_t i = 0; i < 900; ++i) {
            heard.push_back(writers.write(WallTime{1'000'000}));
            std::swap(heard.back(), heard[writers.random.below(heard.size())]);  // some arrive late
            const auto& [key, entry] =
                heard[heard.size() - 1 - writers.random.below(std::min<std::size_t>(heard.size(), 5))];
            Write write{key.at(), entry};
            auto done = rig->apply({&write, 1});
            if (!done) {
                ASSERT_EQ(code_of(done), static_cast<int>(Code::overloaded)) << done.error().detail;
            } else {
                Bytes& held = model[key];
                held = held.empty() ? entry : taken(joiner->join(TableId{1}, held, entry));
            }
            if (i % 100 == 99) {
                ASSERT_OK(rig.sync());
                ASSERT_OK(rig.maintain());
            }
        }
        ASSERT_OK(rig.sync());
        if (GetParam().persistent()) {
            ASSERT_TRUE(rig.reopen()) << rig.log();
        }
        EXPECT_TRUE(same_content(model, taken(rig.content())));

        // As of a later hour some have expired: engines may have noticed or not, readers see the same.
        WallTime later{1'000'000'000'000};
        ASSERT_OK(rig.maintain(later));
        Content kept = taken(rig.content());
        ASSERT_EQ(kept.size(), model.size()) << "nothing may be forgotten without permission";
        for (const auto& [key, entry] : model) {
            ASSERT_OK(joiner->resolver().check(kept[key]));
            EXPECT_EQ(taken(joiner->settle(TableId{1}, kept[key], Keep{later, WallTime{0}})),
                      taken(joiner->settle(TableId{1}, entry, Keep{later, WallTime{0}})))
                << show(key);
        }
    }
}

}  // namespace
}  // namespace ashlar::contract
