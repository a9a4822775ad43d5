#include "host/peer_notes.h"

#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr Duration rest = seconds(60);
/// Beyond so many addresses in one minute they share one line.
constexpr std::size_t addresses_max = 256;

}  // namespace

void PeerNotes::count(View reason) {
    meter_.counter(kit::text(road_, "_", reason)).add();
}

void PeerNotes::tell(LogLevel level, const std::string& address, View reason, View sentence, Instant now) {
    count(reason);
    if (may_speak(address, now)) log_.write(level, kit::text(road_, ": ", address, ": ", sentence));
}

bool PeerNotes::may_speak(const std::string& address, Instant now) {
    auto found = silent_until_.find(address);
    if (found == silent_until_.end() && silent_until_.size() >= addresses_max) {
        std::erase_if(silent_until_, [&](const auto& one) { return one.second <= now; });
        if (silent_until_.size() >= addresses_max) found = silent_until_.emplace("", Instant{}).first;
    }
    if (found == silent_until_.end()) found = silent_until_.emplace(address, Instant{}).first;
    if (now < found->second) return false;
    found->second = now + rest;
    return true;
}

}  // namespace ashlar::host
