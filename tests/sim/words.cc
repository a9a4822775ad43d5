#include "words.h"

#include <cstdlib>

#include "kit/text.h"

namespace ashlar::sim {

std::size_t take_words(std::span<const std::string> words, Plan& plan) {
    if (words.empty()) return 0;
    const std::string& word = words[0];
    if (word == "--verbose") return plan.verbose = true, 1;
    if (words.size() < 2) return 0;
    const std::string& given = words[1];
    Recipe& recipe = plan.recipe;
    for (auto [name, text] : {std::pair{"--engine", &recipe.engine},
                              {"--resolver", &recipe.resolver},
                              {"--partitioner", &recipe.partitioner}}) {
        if (word == name) return *text = given, 2;
    }
    if (word == "--without") return plan.without.push_back(given), 2;
    std::uint64_t number = std::strtoull(given.c_str(), nullptr, 10);
    if (word == "--seed") return plan.seed = number, 2;
    if (word == "--seconds") return plan.length = seconds(static_cast<std::int64_t>(number)), 2;
    if (word == "--sabotage") return recipe.sabotage = static_cast<Sabotage>(number), 2;
    if (word != "--nodes") return 0;
    // "any" is no number.
    plan.cluster = true;
    plan.nodes = static_cast<std::uint32_t>(number);
    return 2;
}

std::string words_for(const Plan& plan) {
    const Recipe& recipe = plan.recipe;
    std::string words = kit::text("--seed ", plan.seed);
    if (plan.cluster) words += plan.nodes == 0 ? std::string(" --nodes any") : kit::text(" --nodes ", plan.nodes);
    words += kit::text(" --engine ", recipe.engine, " --resolver ", recipe.resolver, " --partitioner ",
                       recipe.partitioner, " --seconds ", plan.length.us / 1'000'000);
    if (recipe.sabotage != Sabotage::none) words += kit::text(" --sabotage ", static_cast<int>(recipe.sabotage));
    for (const std::string& kind : plan.without) words += kit::text(" --without ", kind);
    return words;
}

}  // namespace ashlar::sim
