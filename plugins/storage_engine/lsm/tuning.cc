#include "tuning.h"

namespace ashlar::lsm {

Tuning tuning_from(const Settings& settings) {
    Tuning tuning;
    for (const TuningRow& row : tuning_rows)
        if (row.place != nullptr) tuning.*row.place = static_cast<std::uint64_t>(settings.integer(row.spec.name));
    tuning.compress = settings.text("compression") != "none";
    return tuning;
}

}  // namespace ashlar::lsm
