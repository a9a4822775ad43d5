// Everything at once: lost, late, doubled and reordered messages, cuts, power lost in the middle of stores, members
// that come and go, several proposers; then calm.
#include <gtest/gtest.h>

#include <cstdlib>

#include "kit/text.h"
#include "parliament.h"

namespace ashlar::test {
namespace {

struct Story {
    std::size_t asked = 0;
    std::size_t told = 0;
    std::size_t lost = 0;  ///< the proposer crashed
    std::set<std::string> made, never;
};

class Storm {
public:
    explicit Storm(std::uint64_t seed) : all_(seed) {
        sim::SeededRandom& random = all_.random;
        std::size_t nodes = 2 + random.below(4);
        std::vector<Seat*> members;
        for (std::size_t i = 0; i < nodes; ++i) {
            Seat& seat = all_.add();
            if (members.empty() || !random.one_in(4)) members.push_back(&seat);
        }
        all_.found(members);
        all_.weather.loss = random.below(4) * 80'000;
        all_.weather.repeat = random.below(3) * 100'000;
        all_.weather.delay = milliseconds(static_cast<std::int64_t>(1 + random.below(400)));
        all_.weather.refusal = random.below(3) * 50'000;
        all_.weather.crash = random.below(3) * 60'000;
        for (auto& seat : all_.seats) seat->start();
    }

    void run() {
        for (std::size_t i = 0; i < 40; ++i) {
            all_.pass(milliseconds(static_cast<std::int64_t>(all_.random.below(800))));
            strike();
            if (all_.random.one_in(2)) ask();
        }
        all_.calm();
        ASSERT_TRUE(all_.pass_until([&] { return story.told + lost() >= story.asked; }, seconds(60)))
            << story.told << " of " << story.asked << " told";
        // Votes whose proposer gave up or died are seen through by others, and may change the ring once more.
        all_.pass(seconds(20));
        ASSERT_TRUE(all_.pass_until([&] { return all_.united(); }, seconds(60))) << "not united";
        all_can_decide();
        std::set<std::string> there;
        for (const port::Table& table : all_.newest().tables) there.insert(table.name);
        for (const std::string& name : story.made) EXPECT_TRUE(there.count(name)) << name << " was told to be made";
        for (const std::string& name : story.never) EXPECT_FALSE(there.count(name)) << name << " was told not to be";
    }

    Story story;
    Parliament all_;

private:
    struct Open {
        NodeId by;
        bool told = false;
        std::uint64_t life = 0;
    };
    /// Asked by a node that has crashed since: nobody is left to be told.
    std::size_t lost() const {
        std::size_t count = 0;
        for (const auto& open : open_) {
            if (!open->told && lives(open->by) != open->life) ++count;
        }
        return count;
    }
    std::uint64_t lives(NodeId id) const {
        for (const auto& seat : all_.seats)
            if (seat->id == id) return seat->life();
        return 0;
    }

    void strike() {
        sim::SeededRandom& random = all_.random;
        Seat& seat = *all_.seats[random.below(all_.seats.size())];
        if (random.one_in(8)) {
            if (seat.up)
                seat.crash();
            else
                seat.start();
        }
        if (random.one_in(10)) all_.cut(seat.id, all_.seats[random.below(all_.seats.size())]->id);
        if (random.one_in(6)) all_.cuts.clear();
        for (auto& other : all_.seats)
            if (!other->up && random.one_in(6)) other->start();
    }

    void ask() {
        Seat& seat = *all_.seats[all_.random.below(all_.seats.size())];
        if (!seat.up) return;
        ++story.asked;
        auto open = std::make_shared<Open>(Open{seat.id, false, seat.life()});
        open_.push_back(open);
        Duration time = milliseconds(static_cast<std::int64_t>(500 + all_.random.below(6'000)));
        if (all_.random.one_in(4)) {
            NodeId who = all_.seats[all_.random.below(all_.seats.size())]->id;
            seat.propose(toggle(who), time, [this, open](const Result<void>&) {
                open->told = true;
                ++story.told;
            });
            return;
        }
        std::string name = kit::text("t", story.asked);
        seat.propose(add_table(name), time, [this, open, name](const Result<void>& said) {
            EXPECT_FALSE(open->told) << "told twice";
            open->told = true;
            ++story.told;
            if (said)
                story.made.insert(name);
            else if (said.error().code == Code::unavailable || said.error().code == Code::io)
                story.never.insert(name);
            else
                EXPECT_EQ(said.error().code, Code::timed_out) << said.error().detail;
        });
    }

    /// Each member of the ring that came out of it can still have something decided.
    void all_can_decide() {
        for (auto& seat : all_.seats) {
            if (all_.newest().ring.member(seat->id) == nullptr) continue;
            std::optional<Result<void>> outcome;
            seat->propose(add_table(kit::text("calm", seat->id.value)), seconds(30),
                          [&](const Result<void>& said) { outcome = said; });
            ASSERT_TRUE(all_.pass_until([&] { return outcome.has_value(); }, seconds(40)));
            EXPECT_TRUE(*outcome) << outcome->error().detail;
        }
        ASSERT_TRUE(all_.pass_until([&] { return all_.united(); }, seconds(30)));
    }

    std::vector<std::shared_ptr<Open>> open_;
};

TEST(Seeds, NeverTwoStatesUnderOneEpochAndEveryProposalEnds) {
    std::uint64_t first = 1;
    std::uint64_t count = 400;
    if (const char* only = std::getenv("ACCORD_SEED")) first = std::strtoull(only, nullptr, 10), count = 1;
    if (const char* many = std::getenv("ACCORD_SEEDS")) count = std::strtoull(many, nullptr, 10);
    std::uint64_t epochs = 0, crashes = 0, made = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        Storm storm(seed);
        storm.run();
        epochs += storm.all_.truths.size();
        crashes += storm.all_.crashes;
        made += storm.story.made.size();
        ASSERT_FALSE(HasFailure()) << "ACCORD_SEED=" << seed;
    }
    EXPECT_GT(epochs, count * 3);
    RecordProperty("epochs", static_cast<int>(epochs));
    RecordProperty("crashes", static_cast<int>(crashes));
    RecordProperty("made", static_cast<int>(made));
}

}  // namespace
}  // namespace ashlar::test
