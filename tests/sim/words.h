// A plan as the words of a command line, in both directions: for ashlar-sim, for what it prints, and for scenarios.
#pragma once

#include <span>
#include <string>

#include "verdict.h"

namespace ashlar::sim {

/// Takes one setting of the plan from the front of `words`: how many words it was; 0: none of a plan's, or half of one.
std::size_t take_words(std::span<const std::string> words, Plan& plan);
/// The words that give this plan; `--verbose` is left out.
std::string words_for(const Plan& plan);

}  // namespace ashlar::sim
