// Names that are looked up, by resolvers that hang, change their mind or know nothing, and the road that uses them.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>

#include "station.h"
#include "stranger.h"

namespace ashlar::host::test {
namespace {

using Addresses = std::vector<std::string>;

/// A resolver of this test's, on whatever thread asks it.
class Register {
public:
    void set(const std::string& name, Addresses addresses) {
        std::lock_guard lock(mutex_);
        names_[name] = std::move(addresses);
    }
    void hang_on(const std::string& name) {
        std::lock_guard lock(mutex_);
        hangs_ = name;
    }
    void release() {
        hang_on("");
        changed_.notify_all();
    }
    int asked(const std::string& name) const {
        std::lock_guard lock(mutex_);
        auto found = asked_.find(name);
        return found == asked_.end() ? 0 : found->second;
    }
    static Names::LookUp of(std::shared_ptr<Register> all) {
        return [all = std::move(all)](const std::string& name) { return all->look_up(name); };
    }

private:
    Result<Addresses> look_up(const std::string& name) {
        std::unique_lock lock(mutex_);
        ++asked_[name];
        changed_.wait(lock, [&] { return hangs_ != name; });
        auto found = names_.find(name);
        if (found == names_.end()) return fail(Code::unavailable, "no such host here");
        return found->second;
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string hangs_;
    std::map<std::string, Addresses> names_;
    std::map<std::string, int> asked_;
};

std::string with_port_of(const std::string& name, const Station& station) {
    const std::string& at = station.background_at();
    return name + at.substr(at.rfind(':'));
}

bool hears(Station& to, Station& from, const std::string& at, std::uint64_t ref) {
    return wait_for([&] {
        from.whisper(at, ref);
        std::vector<std::uint64_t> refs = to.refs(from.id(), port::Road::background);
        return std::find(refs.begin(), refs.end(), ref) != refs.end();
    });
}

TEST(Names, ANameLeadsToItsAddress) {
    auto names = std::make_shared<Register>();
    names->set("second.example", {"127.0.0.1"});
    Station first({.node = 1, .look_up = Register::of(names)});
    Station second({.node = 2});
    EXPECT_TRUE(first.whisper(with_port_of("second.example", second), 1));
    EXPECT_TRUE(wait_for([&] { return second.heard_count() == 1; })) << "the first words wait for the answer";
    EXPECT_EQ(names->asked("second.example"), 1);
}

TEST(Names, TheSystemKnowsLocalhost) {
    auto found = look_up("localhost");
    ASSERT_TRUE(found);
    EXPECT_TRUE(std::find(found->begin(), found->end(), "127.0.0.1") != found->end() ||
                std::find(found->begin(), found->end(), "::1") != found->end());
    EXPECT_FALSE(look_up("no-such-name.invalid"));
}

TEST(Names, WhileOneNameHangsOthersAreSpokenTo) {
    auto names = std::make_shared<Register>();
    names->hang_on("slow.example");
    names->set("slow.example", {"127.0.0.1"});
    Station first({.node = 1, .look_up = Register::of(names)});
    Station second({.node = 2});
    ASSERT_TRUE(first.whisper("slow.example:7314", 1));
    ASSERT_TRUE(wait_for([&] { return names->asked("slow.example") == 1; }));
    EXPECT_TRUE(hears(second, first, second.background_at(), 2));
    // What waits for the name is given up like all that cannot leave.
    EXPECT_TRUE(wait_for([&] { return first.figure("background_dropped") == 1; }));
    EXPECT_TRUE(first.log().says("its name is being looked up"));
    const std::string late = with_port_of("slow.example", second);
    names->release();
    EXPECT_TRUE(hears(second, first, late, 3));
}

TEST(Names, ANodeEndsWhileItsResolverHangs) {
    auto names = std::make_shared<Register>();
    names->hang_on("slow.example");
    {
        Station first({.node = 1, .look_up = Register::of(names)});
        ASSERT_TRUE(first.whisper("slow.example:7314", 1));
        ASSERT_TRUE(wait_for([&] { return names->asked("slow.example") == 1; }));
    }
    names->release();
}

TEST(Names, ANameWithoutAnAddressIsToldOfAndAskedForAgain) {
    auto names = std::make_shared<Register>();
    Station first({.node = 1, .look_up = Register::of(names)});
    Station second({.node = 2});
    const std::string at = with_port_of("late.example", second);
    ASSERT_TRUE(first.whisper(at, 1));
    ASSERT_TRUE(wait_for([&] { return first.log().says("cannot be looked up: no such host here"); }));
    names->set("late.example", {"127.0.0.1"});
    EXPECT_TRUE(hears(second, first, at, 2));
}

TEST(Names, ANodeThatHasMovedIsFoundAtTheNamesNewAddress) {
    auto names = std::make_shared<Register>();
    names->set("second.example", {"127.0.0.1"});
    Station first({.node = 1, .look_up = Register::of(names)});
    auto second = std::make_unique<Station>(StationWish{.node = 2});
    const std::string at = with_port_of("second.example", *second);
    ASSERT_TRUE(hears(*second, first, at, 1));
    const std::string port = at.substr(at.rfind(':'));
    second.reset();
    names->set("second.example", {"127.0.0.2"});
    second = std::make_unique<Station>(StationWish{.node = 2, .incarnation = 2, .background = "127.0.0.2" + port});
    EXPECT_TRUE(hears(*second, first, at, 2));
}

TEST(Names, OfSeveralAddressesTheOneThatAnswersIsFound) {
    auto names = std::make_shared<Register>();
    names->set("second.example", {"127.0.0.3", "127.0.0.4", "127.0.0.1"});
    Station first({.node = 1, .look_up = Register::of(names)});
    Station second({.node = 2});
    EXPECT_TRUE(hears(second, first, with_port_of("second.example", second), 1));
}

TEST(Names, MoreNamesThanMayWaitAreNotAskedFor) {
    auto names = std::make_shared<Register>();
    names->hang_on("n0.example");
    Station first({.node = 1, .look_up = Register::of(names)});
    for (int n = 0; n < 200; ++n) first.whisper("n" + std::to_string(n) + ".example:7314", 1);
    ASSERT_TRUE(wait_for([&] { return names->asked("n0.example") == 1; }));
    Station second({.node = 2});
    EXPECT_TRUE(hears(second, first, second.background_at(), 2));
    names->release();
    EXPECT_TRUE(wait_for([&] { return names->asked("n63.example") == 1; }));
}

}  // namespace
}  // namespace ashlar::host::test
