// Agreement among members, one fault at a time.
#include <gtest/gtest.h>

#include "accord/acceptor.h"
#include "parliament.h"

namespace ashlar::test {
namespace {

struct Three : Parliament {
    explicit Three(std::uint64_t seed = 1, std::size_t count = 3) : Parliament(seed) {
        std::vector<Seat*> members;
        for (std::size_t i = 0; i < count; ++i) members.push_back(&add());
        found(members);
        for (Seat* seat : members) seat->start();
        pass(seconds(3));
    }
};

std::optional<Result<void>> outcome_of(Parliament& all, Seat& seat, accord::Edit edit, Duration time = seconds(10)) {
    auto outcome = std::make_shared<std::optional<Result<void>>>();
    seat.propose(std::move(edit), time, [outcome](const Result<void>& said) { *outcome = said; });
    all.pass_until([&] { return outcome->has_value(); }, time + seconds(5));
    return *outcome;
}

TEST(Voting, AnEditIsDecidedAndAllMembersLearnIt) {
    Three all;
    auto outcome = outcome_of(all, *all.seats[1], add_table("t"));
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(all.seats[1]->agreed().tables.size(), 1u) << "durable at the proposer when it is told";
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(1)));
    EXPECT_EQ(all.newest().epoch().value, 2u);
    auto again = outcome_of(all, *all.seats[2], add_table("t"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->error().code, Code::conflict);
    EXPECT_EQ(all.newest().epoch().value, 2u) << "what an edit refuses is not put to the vote";
}

TEST(Voting, ARingOfOneDecidesInOneStoreWithoutAWord) {
    Parliament all(1);
    Seat& seat = all.add();
    all.found({&seat});
    seat.start();
    all.pass(seconds(1));
    std::uint64_t stores = seat.stores;
    auto outcome = outcome_of(all, seat, add_table("t"));
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(seat.stores, stores + 1);
    seat.disk->fail_nth_sync(1);
    outcome = outcome_of(all, seat, add_table("u"));
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_EQ(outcome->error().code, Code::io);
    seat.disk->heal();
    EXPECT_TRUE(*outcome_of(all, seat, add_table("u")));
}

TEST(Voting, TwoProposersAtOnceBothGetTheirs) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Three all(seed);
        std::size_t done = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            all.seats[i]->propose(add_table(i == 0 ? "a" : "b"), seconds(20), [&](const Result<void>& said) {
                EXPECT_TRUE(said) << (said ? "" : said.error().detail);
                ++done;
            });
        }
        ASSERT_TRUE(all.pass_until([&] { return done == 2 && all.united(); }, seconds(20))) << "seed " << seed;
        EXPECT_EQ(all.newest().tables.size(), 2u);
        EXPECT_EQ(all.newest().epoch().value, 3u);
    }
}

TEST(Voting, EqualEditsOfTwoAreTwoEdits) {
    // Who sees only bytes may take the other's table for its own.
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Three all(seed);
        std::size_t made = 0;
        std::size_t refused = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            all.seats[i]->propose(add_table("t"), seconds(20),
                                  [&](const Result<void>& said) { ++(said ? made : refused); });
        }
        ASSERT_TRUE(all.pass_until([&] { return made + refused == 3; }, seconds(20)));
        EXPECT_EQ(made, 1u) << "seed " << seed;
    }
}

TEST(Voting, AMinorityDecidesNothingAndSaysWhoIsSilent) {
    Three all(1, 5);
    for (std::size_t a = 0; a < 2; ++a)
        for (std::size_t b = 2; b < 5; ++b) all.cut(all.seats[a]->id, all.seats[b]->id);
    auto outcome = outcome_of(all, *all.seats[0], add_table("t"), seconds(3));
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_EQ(outcome->error().code, Code::unavailable);
    for (const char* silent : {"n12", "n13", "n14"})
        EXPECT_NE(outcome->error().detail.find(silent), std::string::npos) << outcome->error().detail;
    EXPECT_EQ(outcome->error().detail.find("n11"), std::string::npos);
    auto other = outcome_of(all, *all.seats[3], add_table("u"));
    EXPECT_TRUE(other && *other) << "the majority goes on";
    EXPECT_EQ(all.seats[0]->agreed().epoch().value, 1u);
    all.cuts.clear();
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(10))) << "who was away learns";
    EXPECT_EQ(all.newest().tables.size(), 1u) << "what was given up before the vote stays so";
}

TEST(Voting, AMemberThatWasAwayCatchesUpByGossipAndByItsOwnQuestions) {
    Three all;
    all.seats[2]->crash();
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(*outcome_of(all, *all.seats[0], add_table(name)));
    all.seats[2]->start();
    // Its question about epoch 2 is answered with the newest state.
    auto outcome = outcome_of(all, *all.seats[2], add_table("d"));
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_EQ(all.seats[2]->agreed().tables.size(), 4u);
    all.seats[1]->crash();
    ASSERT_TRUE(*outcome_of(all, *all.seats[0], add_table("e")));
    all.seats[1]->start();
    EXPECT_TRUE(all.pass_until([&] { return all.united(); }, seconds(10)));
}

TEST(Voting, AProposerThatDiesWithVotesOutIsSeenThrough) {
    std::uint64_t landed = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Three all(seed);
        bool told = false;
        all.seats[0]->propose(add_table("t"), seconds(10), [&](const Result<void>&) { told = true; });
        auto voted = [&] {
            const ledger::Vote& vote = all.seats[1 + seed % 2]->state().vote;
            return vote.epoch.value == 2 && vote.accepted.round != 0;
        };
        ASSERT_TRUE(all.pass_until(voted, seconds(5)));
        if (told) continue;
        all.seats[0]->crash();
        ASSERT_TRUE(all.pass_until(
            [&] { return all.seats[1]->agreed().epoch().value == 2 && all.seats[2]->agreed().epoch().value == 2; },
            seconds(20)))
            << "seed " << seed;
        EXPECT_EQ(all.newest().tables.size(), 1u);
        ++landed;
    }
    EXPECT_GT(landed, 10u);
}

TEST(Voting, ABrokenTruthIsRefusedAndCounted) {
    Three all;
    ledger::Agreed other = all.newest();
    other.stamp ^= 1;
    Seat& seat = *all.seats[0];
    auto give = [&](const ledger::Agreed& state, Epoch epoch) {
        Bytes bytes = ledger::encode_agreed(state);
        seat.step([&](const port::Turn& turn) {
            seat.accord->hear(turn, wire::Sender{all.seats[1]->id, 1}, wire::StateGive{epoch, bytes});
        });
        all.pass(seconds(1));
    };
    give(other, Epoch{1});
    EXPECT_EQ(seat.host->meter().value("accord_broken_truths"), 1);
    EXPECT_NE(seat.agreed().stamp, other.stamp);
    other.ring.epoch.value = 9;
    other.origin = 5;
    give(other, Epoch{9});
    EXPECT_EQ(seat.agreed().epoch().value, 1u) << "another cluster of the same name";
    EXPECT_NE(seat.accord->problem().find("another ring"), std::string::npos);
    other.origin = seat.agreed().origin;
    give(other, Epoch{8});
    EXPECT_EQ(seat.agreed().epoch().value, 1u) << "not what was announced";
    give(other, Epoch{9});
    EXPECT_EQ(seat.agreed().epoch().value, 9u);
}

void whisper(Seat& to, NodeId from, const wire::Message& message) {
    to.step([&](const port::Turn& turn) { to.accord->hear(turn, wire::Sender{from, 1}, message); });
}

TEST(Voting, NoLiesAboutBallotsEndTheVoting) {
    Three all;
    const std::uint64_t voters = accord::voters_mark(99, {{all.seats[0]->id, all.seats[1]->id, all.seats[2]->id}});
    for (std::uint64_t round : {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 2}) {
        for (auto& seat : all.seats) {
            for (NodeId liar : {all.seats[2]->id, NodeId{77}}) {
                wire::Ballot ballot{round, liar};
                whisper(*seat, liar, wire::Prepare{Epoch{2}, ballot, voters});
                whisper(*seat, liar, wire::Accept{Epoch{2}, ballot, voters, "x"});
            }
        }
    }
    all.pass(seconds(1));
    for (auto& seat : all.seats) {
        EXPECT_EQ(seat->state().vote, ledger::Vote{});
        EXPECT_GT(seat->host->meter().value("accord_refused"), 0);
        std::size_t lines = 0;
        for (const auto& [level, line] : seat->host->log().lines())
            lines += line.find("about the agreement is refused") != std::string::npos ? 1 : 0;
        EXPECT_GE(lines, 2u);
        EXPECT_LE(lines, 8u) << "each liar is told of, not each lie";
    }
    // Refusals: a voter names a ballot that nobody can have promised, a stranger any.
    Seat& first = *all.seats[0];
    for (std::size_t i = 1; i < 3; ++i) all.cut(first.id, all.seats[i]->id);
    std::optional<Result<void>> outcome;
    first.propose(add_table("t"), seconds(10), [&](const Result<void>& said) { outcome = said; });
    ASSERT_TRUE(all.pass_until([&] { return first.state().vote.promised.round == 1; }, seconds(1)));
    all.pass(milliseconds(20));
    for (NodeId liar : {all.seats[1]->id, NodeId{77}}) {
        for (std::uint64_t round : {UINT64_MAX, accord::round_leap_max + 2}) {
            whisper(first, liar, wire::Promise{Epoch{2}, {1, first.id}, false, {round, liar}, {}, {}});
        }
        whisper(first, liar, wire::Promise{Epoch{2}, {1, first.id}, true, {}, {UINT64_MAX, liar}, "nonsense"});
    }
    whisper(first, NodeId{77}, wire::Promise{Epoch{2}, {1, first.id}, false, {2, NodeId{77}}, {}, {}});
    all.pass(milliseconds(100));
    EXPECT_EQ(first.state().vote.promised.round, 1u) << "it still goes by its first ballot";
    all.cuts.clear();
    ASSERT_TRUE(all.pass_until([&] { return outcome.has_value(); }, seconds(10)));
    EXPECT_TRUE(*outcome);
    ASSERT_TRUE(all.pass_until([&] { return all.united(); }, seconds(10)));
    EXPECT_EQ(all.newest().tables.size(), 1u);
}

TEST(Voting, AStateIsBelievedOfThoseInTheRingAndWithinReason) {
    Three all;
    Seat& seat = *all.seats[0];
    ledger::Agreed next = seat.agreed();
    auto give = [&](NodeId from, std::uint64_t epoch) {
        next.ring.epoch.value = epoch;
        Bytes bytes = ledger::encode_agreed(next);
        whisper(seat, from, wire::StateGive{Epoch{epoch}, bytes});
        all.pass(seconds(1));
        return seat.agreed().epoch().value;
    };
    EXPECT_EQ(give(NodeId{77}, 2), 1u) << "a stranger";
    EXPECT_EQ(give(all.seats[1]->id, UINT64_MAX), 1u) << "nothing could be decided behind it";
    EXPECT_EQ(give(all.seats[1]->id, 2), 2u);
}

TEST(Voting, WhileTheLedgerHangsLittleWaitsBehindIt) {
    Three all;
    Seat& seat = *all.seats[0];
    seat.ledger_takes = seconds(60);
    const std::uint64_t voters = accord::voters_mark(99, {{all.seats[0]->id, all.seats[1]->id, all.seats[2]->id}});
    ledger::Agreed next = seat.agreed();
    next.ring.epoch.value = 2;
    Bytes value = ledger::encode_agreed(next);
    for (std::uint64_t round = 1; round <= 5000; ++round) {
        for (NodeId asker : {all.seats[1]->id, all.seats[2]->id, NodeId{1000 + round}}) {
            whisper(seat, asker, wire::Prepare{Epoch{2}, {round, asker}, voters});
            whisper(seat, asker, wire::Accept{Epoch{2}, {round, asker}, voters, value});
            whisper(seat, asker, wire::StateGive{Epoch{2}, value});
        }
    }
    EXPECT_LE(seat.changes().waiting(), 8u);
    // Whoever asks the ledger itself is told.
    std::size_t refused = 0;
    const std::size_t asked = 2 * ledger::Changes::waiting_max;
    seat.step([&](const port::Turn& turn) {
        for (std::size_t i = 0; i < asked; ++i) {
            seat.changes().ask(
                turn, [](ledger::State&) { return Result<void>{}; },
                [&](const port::Turn&, const Result<void>& outcome) {
                    if (outcome) return;
                    EXPECT_EQ(outcome.error().code, Code::overloaded);
                    ++refused;
                });
        }
    });
    EXPECT_GE(refused, ledger::Changes::waiting_max);
    EXPECT_LE(seat.changes().waiting(), ledger::Changes::waiting_max);
    auto outcome = outcome_of(all, seat, add_table("t"), seconds(3));
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_EQ(outcome->error().code, Code::overloaded);
    seat.ledger_takes = Duration{0};
    all.pass(seconds(70));
    EXPECT_TRUE(all.pass_until([&] { return seat.changes().idle() && all.united(); }, seconds(30)));
    EXPECT_TRUE(*outcome_of(all, seat, add_table("u"))) << "it goes on when the disk does";
}

TEST(Voting, WhoStopsAnswersAllThatWaitsForAVote) {
    Three all(1);
    Seat& seat = *all.seats[0];
    for (std::size_t i = 1; i < 3; ++i) all.cut(seat.id, all.seats[i]->id);
    std::vector<Code> answers;
    for (const char* name : {"a", "b", "c"})
        seat.propose(add_table(name), seconds(60),
                     [&](const Result<void>& said) { answers.push_back(said ? Code::not_found : said.error().code); });
    all.pass(seconds(1));
    EXPECT_TRUE(answers.empty());
    seat.step([&](const port::Turn& turn) { seat.accord->close(turn, false); });
    EXPECT_EQ(answers, (std::vector<Code>{Code::closed, Code::closed, Code::closed})) << "nothing was put to the vote";
    EXPECT_TRUE(seat.accord->idle());

    // With a value out there nobody knows.
    all.cuts.clear();
    Seat& other = *all.seats[1];
    answers.clear();
    other.propose(add_table("d"), seconds(60),
                  [&](const Result<void>& said) { answers.push_back(said ? Code::not_found : said.error().code); });
    ASSERT_TRUE(all.pass_until([&] { return all.seats[2]->state().vote.accepted.round != 0; }, seconds(10)));
    if (answers.empty()) other.step([&](const port::Turn& turn) { other.accord->close(turn, false); });
    EXPECT_EQ(answers, std::vector<Code>{Code::timed_out});
}

TEST(Voting, AStateIsGivenToOneNodeOnceInAWhile) {
    Three all;
    Seat& seat = *all.seats[0];
    const std::uint64_t before = all.said;
    for (int i = 0; i < 100; ++i) whisper(seat, all.seats[1]->id, wire::StateAsk{Epoch{0}});
    EXPECT_EQ(all.said - before, 1u);
    all.pass(seconds(1));
    const std::uint64_t later = all.said;
    whisper(seat, all.seats[1]->id, wire::StateAsk{Epoch{0}});
    EXPECT_EQ(all.said - later, 1u);
}

TEST(Voting, AWipedMemberTakesItsOldPlaceUnderItsNewId) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Three all(seed);
        for (auto& seat : all.seats) seat->rules.take_home_after = seconds(10);
        for (std::size_t i = 0; i < 2; ++i) {
            all.seats[i]->crash();
            all.seats[i]->start();
        }
        NodeId was = all.seats[2]->id;
        ASSERT_TRUE(all.pass_until([&] { return all.seats[0]->gazette.entries.count(was) != 0; }, seconds(10)));
        ASSERT_TRUE(all.pass_until([&] { return all.seats[1]->gazette.entries.count(was) != 0; }, seconds(10)));
        all.seats[2]->crash();
        Seat& back = all.add(3);
        back.name = all.seats[2]->name;
        back.start();
        all.pass(seconds(8));
        EXPECT_EQ(all.newest().epoch().value, 1u) << "not at once: it may only be away";
        ASSERT_TRUE(all.pass_until([&] { return back.agreed().epoch().value == 2 && all.united(); }, seconds(60)));
        EXPECT_EQ(back.agreed().ring.member(was), nullptr);
        EXPECT_EQ(back.agreed().ring.members.size(), 3u);
        EXPECT_TRUE(*outcome_of(all, back, add_table("t"))) << "it has a vote now";
        all.seats[2]->start();
        ASSERT_TRUE(all.pass_until([&] { return all.seats[2]->agreed().epoch().value == 3; }, seconds(20)))
            << "the old disk learns that it is out";
        all.pass(seconds(40));
        EXPECT_EQ(all.newest().epoch().value, 3u) << "and nothing goes back and forth";
    }
}

TEST(Voting, AWipedMemberIsKnownByTheNameThatIsNotedWhenNobodyHasHeardOfItsOldId) {
    ledger::Agreed held;
    held.ring.members = {Member{NodeId{1}, "dc1", "r1", 1}, Member{NodeId{2}, "dc1", "r1", 4}};
    wire::RosterEntry own, empty;
    own.node = NodeId{1};
    own.name = "a";
    own.epoch.value = 5;
    empty.node = NodeId{9};
    empty.name = "b";
    empty.datacentre = "dc1";
    empty.rack = "r1";
    const std::vector<accord::Sighting> seen{{&own, PeerState::alive}, {&empty, PeerState::alive}};
    EXPECT_FALSE(accord::homecoming(held, seen, {}));
    auto found = accord::homecoming(held, seen, {{NodeId{2}, "b:1", "b"}});
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (accord::Homecoming{NodeId{2}, Member{NodeId{9}, "dc1", "r1", 4}}));
    EXPECT_FALSE(accord::homecoming(held, seen, {{NodeId{2}, "b:1", "c"}})) << "another name";
    EXPECT_FALSE(accord::homecoming(held, seen, {{NodeId{3}, "b:1", "b"}})) << "no member";
    EXPECT_FALSE(accord::homecoming(held, seen, {{NodeId{1}, "b:1", "b"}})) << "that one is here";
    empty.rack = "r2";
    EXPECT_FALSE(accord::homecoming(held, seen, {{NodeId{2}, "b:1", "b"}})) << "it stands elsewhere now";
}

TEST(Voting, WhoLeavesTheRingHasNoVoteAndWhoJoinsGetsOne) {
    Three all;
    Seat& fourth = all.add();
    fourth.start();
    auto alone = outcome_of(all, fourth, add_table("x"), seconds(2));
    ASSERT_TRUE(alone && !*alone);
    EXPECT_EQ(alone->error().code, Code::unavailable);
    ASSERT_TRUE(*outcome_of(all, *all.seats[0], toggle(fourth.id)));
    ASSERT_TRUE(all.pass_until([&] { return all.united(); }, seconds(5)));
    EXPECT_EQ(fourth.agreed().epoch().value, 2u);
    EXPECT_TRUE(*outcome_of(all, fourth, toggle(all.seats[1]->id)));
    ASSERT_TRUE(all.pass_until([&] { return all.seats[1]->agreed().epoch().value == 3; }, seconds(5)))
        << "who left is told";
    auto gone = outcome_of(all, *all.seats[1], add_table("y"), seconds(2));
    ASSERT_TRUE(gone && !*gone);
    EXPECT_NE(gone->error().detail.find("not a member"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::test
