// Stories that once went wrong, replayed: each file of tests/scenarios says in `#` lines what it shows, then the words
// of one plan. None may complain.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "words.h"

namespace ashlar::sim {
namespace {

std::vector<std::filesystem::path> scenarios() {
    std::vector<std::filesystem::path> out;
    for (const auto& file : std::filesystem::directory_iterator(ASHLAR_SCENARIOS)) {
        if (file.path().extension() == ".txt") out.push_back(file.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

class Scenario : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, GoesWell) {
    std::ifstream file(GetParam());
    std::vector<std::string> words;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) continue;
        std::istringstream pieces(line);
        for (std::string word; pieces >> word;) words.push_back(word);
    }
    ASSERT_FALSE(words.empty());
    Plan plan;
    for (std::size_t at = 0; at < words.size();) {
        std::size_t taken = take_words(std::span(words).subspan(at), plan);
        ASSERT_NE(taken, 0u) << "no word of a plan: " << words[at];
        at += taken;
    }
    Verdict verdict = run(plan);
    EXPECT_FALSE(verdict.complaint) << *verdict.complaint << "\nashlar-sim " << words_for(plan);
    EXPECT_GT(verdict.orders, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::ValuesIn(scenarios()), [](const auto& param) {
    std::string name = param.param.stem();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace ashlar::sim
