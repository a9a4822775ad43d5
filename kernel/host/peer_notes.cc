#include "host/peer_notes.h"

#include "kit/text.h"
#include "member/gate.h"

namespace ashlar::host {

void PeerNotes::count(View reason) {
    meter_.counter(kit::text(road_, "_", reason)).add();
}

void PeerNotes::tell(LogLevel level, const std::string& address, View reason, View sentence, Instant now) {
    count(reason);
    if (reason == "refused_cluster" || reason == "refused_protocol" || reason == "refused_parts")
        newest_refusal_ = member::printable(kit::text(address, ": ", sentence));
    mention(level, address, kit::text(address, ": ", sentence), now);
}

void PeerNotes::mention(LogLevel level, const std::string& about, View sentence, Instant now) {
    if (auto line = said_.say(about, sentence, now)) log_.write(level, kit::text(road_, ": ", *line));
}

}  // namespace ashlar::host
