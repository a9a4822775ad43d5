#include "base/repeats.h"

namespace ashlar::base {

Repeats::Topic& Repeats::topic(std::string_view name, Instant now) {
    auto found = topics_.find(name);
    if (found != topics_.end()) return found->second;
    if (topics_.size() >= topics_max)
        std::erase_if(topics_, [now](const auto& one) { return now - one.second.since >= pause; });
    if (topics_.size() >= topics_max) name = {};
    return topics_[std::string(name)];
}

std::optional<std::string> Repeats::say(std::string_view name, std::string_view words, Instant now) {
    Topic& at = topic(name, now);
    const bool fresh = at.said == 0 || now - at.since >= pause;
    const bool same = at.words == words;
    if (!fresh && (same || at.said >= changes_max)) {
        ++at.unsaid;
        return std::nullopt;
    }
    std::string line(words);
    if (at.unsaid != 0)
        line += " (" + std::to_string(at.unsaid) + (same ? " more times" : " other times") + " meanwhile)";
    if (fresh) {
        at.since = now;
        at.said = 0;
    }
    at.words = words;
    ++at.said;
    at.unsaid = 0;
    return line;
}

void Repeats::forget(std::string_view name) {
    if (auto found = topics_.find(name); found != topics_.end()) topics_.erase(found);
}

}  // namespace ashlar::base
