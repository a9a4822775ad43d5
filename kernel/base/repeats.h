// Lines that could come without end: what may be said of each topic, and when.
//
// A topic's words are said at once, again when they change, and again after a minute with how often they came
// meanwhile. Words that keep changing (others may choose them) are held to a few lines a minute. Bounded: topics_max
// topics; beyond them the rest share one. Deterministic; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ashlar/types.h"

namespace ashlar::base {

class Repeats {
public:
    static constexpr std::size_t topics_max = 256;
    static constexpr std::uint32_t changes_max = 4;  ///< lines of one topic within a minute
    static constexpr Duration pause = seconds(60);

    /// The line to write now, or nothing.
    std::optional<std::string> say(std::string_view topic, std::string_view words, Instant now);
    /// It is over: the next time it is said at once.
    void forget(std::string_view topic);
    std::size_t size() const { return topics_.size(); }

private:
    struct Topic {
        std::string words;
        Instant since;             ///< the minute began
        std::uint32_t said = 0;    ///< lines since then
        std::uint64_t unsaid = 0;  ///< times it came without a line
    };
    Topic& topic(std::string_view name, Instant now);

    std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace ashlar::base
