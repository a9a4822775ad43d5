#include "host/start_line.h"

#include "kit/text.h"

namespace ashlar::host {

LastStop last_stop(const ledger::Ledger& ledger) {
    if (!ledger.has_state()) return LastStop::none;
    return ledger.state().clean ? LastStop::clean : LastStop::unclean;
}

std::string start_line(LastStop before, std::uint32_t incarnation, const EngineStats& engine, Duration took) {
    const char* stop = before == LastStop::none    ? "first start"
                       : before == LastStop::clean ? "the last stop was clean"
                                                   : "the last stop was not clean";
    std::string out = kit::text("serving after ", took.us / 1000, " ms: ", stop, ", incarnation ", incarnation,
                                ", about ", engine.entries_estimate, " entries, ", engine.disk_bytes, " bytes on disk");
    for (const auto& [name, figure] : engine.facts) {
        if (name == "replayed_records") out += kit::text(", ", figure, " log records replayed");
        if (name == "replayed_bytes") out += kit::text(", ", figure, " bytes of log replayed");
    }
    return out;
}

}  // namespace ashlar::host
