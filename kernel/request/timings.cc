#include "request/timings.h"

#include <algorithm>

namespace ashlar::request {
namespace {

/// Below the trip itself nothing is gained.
constexpr Duration speculate_least = milliseconds(2);
/// A page may bring a thousand entries from the disk, most of them side by side.
constexpr std::int64_t keys_of_page = 10;
/// So that one in a hundred means something.
constexpr std::uint32_t enough = 128;
constexpr std::uint32_t renew_each = 64;
constexpr Duration look_each = milliseconds(100);
constexpr Duration fade_each = seconds(1);
/// After which nothing is left.
constexpr int halvings_max = 13;

}  // namespace

void Timings::replica(TableId id, Read what, Duration took) {
    Table& table = tables_[{id, what}];
    table.lately.add(took);
    if (++table.since < renew_each) return;
    table.since = 0;
    if (table.lately.samples() >= enough) table.p99 = table.lately.quantile(990);
}

Duration Timings::speculate_after(TableId id, Read what) const {
    const Duration most{limits_.speculate_after.us * (what == Read::page ? keys_of_page : 1)};
    auto at = tables_.find({id, what});
    if (at == tables_.end() || at->second.p99.us == 0) return most;
    return std::min(most, std::max(speculate_least, at->second.p99));
}

void Timings::pump(Instant now) {
    if (now < look_at_) return;
    look_at_ = now + look_each;
    // Much later than due: nobody was served meanwhile, and each halving missed is made up for.
    for (int i = 0; i < halvings_max && fade_at_ <= now; ++i) {
        if (fade_at_.us != 0) clients_.fade();
        fade_at_ = (fade_at_.us == 0 ? now : fade_at_) + fade_each;
    }
    if (fade_at_ <= now) fade_at_ = now + fade_each;
    const auto wait = static_cast<std::uint64_t>(clients_.quantile(990).us);
    const auto fair = static_cast<std::uint64_t>(std::max<std::int64_t>(limits_.foreground_p99.us, 1));
    load_milli_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(1000, wait * 500 / fair));
    p99_us_.set(static_cast<std::int64_t>(wait));
}

}  // namespace ashlar::request
