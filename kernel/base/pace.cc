#include "base/pace.h"

#include <algorithm>

namespace ashlar::base {

void Pace::answered(std::uint32_t load_milli) {
    if (settling_ != 0) {
        --settling_;
        return;
    }
    if (load_milli > busy_milli) return shrink();
    if (++answered_ < window_) return;
    answered_ = 0;
    window_ = std::min(most, window_ < known_good_ ? window_ * 2 : window_ + step);
}

void Pace::refused() {
    if (settling_ != 0)
        --settling_;
    else
        shrink();
}

void Pace::lost() {
    known_good_ = std::max(least, window_ / 2);
    window_ = least;
    answered_ = settling_ = 0;
}

void Pace::shrink() {
    // The rest of this round was sent before: it tells nothing new.
    settling_ = window_ - 1;
    window_ = std::max(least, window_ / 2);
    known_good_ = window_;
    answered_ = 0;
}

}  // namespace ashlar::base
