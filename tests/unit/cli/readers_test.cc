// What every reader of import promises, on generated inputs: it ends, stays within its bound, and going on behind any
// record gives exactly the rest.
#include <functional>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "control.h"
#include "csv.h"
#include "json_lines.h"
#include "text_input.h"

namespace ashlar::cli::import {
namespace {

constexpr std::size_t bound = 200;

struct Form {
    const char* name;
    std::vector<std::string> pieces;  ///< texts are made of these, so that they are often nearly right
    std::function<std::unique_ptr<Reader>(Lines&)> open;
};

std::vector<Form> forms() {
    return {
        {"json",
         {"{\"key\":\"a\",\"value\":\"b\"}", "{\"key\":\"", "\"}", "\n", "\r\n", "\\u0000", "[[[[", "\xff",
          "{\"key_base64\":\"/w==\",", "\"value\":1}", " "},
         [](Lines& lines) { return std::make_unique<JsonLines>(lines, ""); }},
        {"control",
         {"Package: a\n", "Architecture: all\n", " more\n", "\n", "\n\n", "no field\n", "# comment\n", "Package:\n",
          "\xff\n", std::string(150, 'x')},
         [](Lines& lines) { return std::make_unique<ControlParagraphs>(lines); }},
        {"csv",
         {"a,b\n", "a,\"b\n", "\"\"", "\"", ",", "\n", "\r\n", "key", "\"x,y\",z\n", "\xff", std::string(150, 'x')},
         [](Lines& lines) {
             auto reader = std::make_unique<CsvRows>(lines, CsvColumns{});
             EXPECT_FALSE(reader->open("key,value\n"));
             return reader;
         }},
    };
}

std::string text_of(const Found& found) {
    if (found.kind == Found::Kind::end) return "end";
    if (found.kind == Found::Kind::refused) return "!" + found.refusal.reason + " line " + std::to_string(found.line);
    return found.record.key + "=" + found.record.values.front().bytes + " line " + std::to_string(found.line);
}

struct Seen {
    std::string text;
    std::uint64_t end_offset;
    std::uint64_t next_line;
};

std::vector<Seen> read_from(const Form& form, const std::string& text, std::uint64_t offset, std::uint64_t line,
                            std::size_t piece) {
    Lines lines(text_source(text.substr(static_cast<std::size_t>(offset)), piece), bound, offset, line);
    auto reader = form.open(lines);
    std::vector<Seen> out;
    while (true) {
        Found found = reader->next();
        if (found.kind == Found::Kind::end) return out;
        if (found.kind == Found::Kind::record) {
            EXPECT_LE(found.record.values.front().bytes.size(), bound);
        }
        out.push_back({text_of(found), lines.offset(), lines.number()});
        EXPECT_EQ(found.end_offset, lines.offset());
        EXPECT_LE(out.size(), text.size() + 1) << "a reader that does not end";
        if (out.size() > text.size()) return out;
    }
}

TEST(Readers, GoOnBehindAnyRecordAsIfNeverStopped) {
    std::mt19937 chance(11);
    for (const Form& form : forms()) {
        for (int round = 0; round < 300; ++round) {
            std::string text;
            for (int i = 0; i < 30; ++i) text += form.pieces[chance() % form.pieces.size()];
            std::vector<Seen> all = read_from(form, text, 0, 1, 7);
            for (std::size_t i = 0; i < all.size(); ++i) {
                std::vector<Seen> rest = read_from(form, text, all[i].end_offset, all[i].next_line, 1 + chance() % 40);
                ASSERT_EQ(rest.size(), all.size() - i - 1) << form.name << ": " << text;
                for (std::size_t k = 0; k < rest.size(); ++k)
                    ASSERT_EQ(rest[k].text, all[i + 1 + k].text) << form.name << ": " << text;
            }
        }
    }
}

TEST(Readers, EndOnAnyBytes) {
    std::mt19937 chance(12);
    for (const Form& form : forms()) {
        for (int round = 0; round < 200; ++round) {
            std::string text(chance() % 2000, '\0');
            for (char& c : text) c = static_cast<char>(chance() % 8 == 0 ? '\n' : chance());
            read_from(form, text, 0, 1, 64);
        }
    }
}

}  // namespace
}  // namespace ashlar::cli::import
