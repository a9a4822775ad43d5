#include "request/stamps.h"

#include <algorithm>
#include <limits>

#include "kit/text.h"

namespace ashlar::request {
namespace {

constexpr std::int64_t stamp_max = std::numeric_limits<std::int64_t>::max();

/// There is none behind the last; `wall` may be anything a clock shows.
WallTime behind(WallTime stamp) {
    return WallTime{stamp.us == stamp_max ? stamp_max : stamp.us + 1};
}

bool beyond(WallTime stamp, WallTime wall, Duration most) {
    return stamp.us > 0 && wall.us < stamp.us && (wall.us < 0 || stamp.us - wall.us > most.us);
}

}  // namespace

WallTime latest_of(const Reading& reading) {
    WallTime latest{0};
    for (const Version& version : reading.versions) latest = std::max(latest, version.wall);
    return latest;
}

WallTime Stamps::next(WallTime wall, WallTime after) {
    last_ = std::max(behind(last_), wall);
    // What it builds on may lie beyond the bound: this write comes behind it, others need not.
    return std::max(last_, behind(after));
}

void Stamps::meet(const Reading& reading, WallTime wall) {
    for (const Version& version : reading.versions) {
        if (!beyond(version.wall, wall, skew_most_)) {
            last_ = std::max(last_, version.wall);
        } else if (farthest_ < version.wall) {
            farthest_ = version.wall;
            maker_ = version.dot.actor.node;
        }
    }
}

void Stamps::follow(WallTime stamp, WallTime wall) {
    if (!beyond(stamp, wall, skew_most_)) last_ = std::max(last_, stamp);
}

Result<void> Stamps::admit(WallTime stamp, WallTime wall) {
    if (beyond(stamp, wall, skew_most_)) {
        return fail(Code::invalid_request,
                    kit::text("the write builds on a stamp ", (stamp.us - wall.us) / 1'000'000,
                              " s ahead of this node's clock, over the limit of ", skew_most_.us / 1'000'000,
                              " s (limits.clock_skew); write without a context, or with overwrite"));
    }
    last_ = std::max(last_, stamp);
    return {};
}

void Stamps::pump(const port::Turn& turn) {
    if (!beyond(farthest_, turn.now.wall, skew_most_)) return problem_.clear();
    const bool known = !problem_.empty();
    problem_ = kit::text("a stamp of node ", kit::hex16(maker_.value), " is ",
                         (farthest_.us - turn.now.wall.us) / 1'000'000, " s ahead of this node's clock, over ",
                         skew_most_.us / 1'000'000, " s (limits.clock_skew): its clock or this node's is wrong");
    if (!known) log_.write(LogLevel::error, problem_);
}

}  // namespace ashlar::request
