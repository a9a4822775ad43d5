// The suite, tested: an engine without a flaw passes the ordeals, and each flaw is found.
#include <gtest/gtest-spi.h>

#include "ordeal.h"
#include "plain_log.h"

namespace ashlar::contract {
namespace {

EngineCase with(Flaw flaw) {
    return {&plain_log, {{"flaw", kit::text(static_cast<int>(flaw))}}};
}

/// What an ordeal complained about.
template <class Ordeal>
int complaints(Ordeal ordeal) {
    testing::TestPartResultArray results;
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    ordeal();
    return results.size();
}

TEST(EngineSuite, PassesAnEngineWithoutFlaw) {
    crash_at_every_call(with(Flaw::none), Script{}, 3);
    fail_every_sync(with(Flaw::none));
}

class EngineSuiteFinds : public testing::TestWithParam<Flaw> {};
INSTANTIATE_TEST_SUITE_P(Flaws, EngineSuiteFinds,
                         testing::Values(Flaw::sync_is_a_lie, Flaw::name_is_not_synced, Flaw::tail_is_trusted,
                                         Flaw::batch_in_pieces, Flaw::retires_in_memory_only));

TEST_P(EngineSuiteFinds, TheFlaw) {
    EXPECT_GT(complaints([] { crash_at_every_call(with(GetParam()), Script{}, 3); }), 0);
}

TEST(EngineSuite, FindsASyncThatIsTriedAgain) {
    EXPECT_GT(complaints([] { fail_every_sync(with(Flaw::retries_a_failed_sync)); }), 0);
}

}  // namespace
}  // namespace ashlar::contract
