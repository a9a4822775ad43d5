#include "host/manual.h"

#include "host/setting_value.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr std::size_t width = 110;

/// Adds words, line by line, each line behind `margin`.
void add_wrapped(std::string& out, std::string_view words, std::string_view margin) {
    std::size_t column = 0;
    while (!words.empty()) {
        std::size_t end = std::min(words.find(' '), words.size());
        std::string_view word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (column != 0 && column + 1 + word.size() > width) {
            out += "\n";
            column = 0;
        }
        out += column == 0 ? margin : " ";
        column += (column == 0 ? margin.size() : 1) + word.size();
        out += word;
    }
    out += "\n";
}

bool plain_in_yaml(std::string_view text) {
    if (text.empty() || text == "yes" || text == "no") return false;
    constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./- ";
    return text.find_first_not_of(safe) == std::string_view::npos && text.front() != '-' && text.front() != ' ';
}

std::string yaml_scalar(std::string_view text) {
    return plain_in_yaml(text) ? std::string(text) : kit::text("\"", text, "\"");
}

std::string facts(const SettingSpec& spec) {
    std::string out(type_name(spec.type));
    if (spec.type != SettingType::text || spec.choices != nullptr) out += "; " + allowed_values(spec);
    return out;
}

/// Spaces in front of the settings of a section, and the section's head; a plugin's section lies inside its kind's.
std::string head(const ConfigSection& section, std::string& margin) {
    std::size_t dot = section.name.find('.');
    if (dot == std::string::npos) {
        margin = "  ";
        return section.name + ":\n";
    }
    margin = "    ";
    return "  " + section.name.substr(dot + 1) + ":\n";
}

}  // namespace

std::string manual(const ConfigSchema& schema) {
    std::string out =
        "Settings of ashlard. Precedence: default, the file, conf.d/*.yaml beside it in name order,\n"
        "environment (ASHLAR_SECTION_KEY), --set section.key=value.\n";
    for (const ConfigSection& section : schema) {
        out += "\n" + section.name + "\n";
        add_wrapped(out, section.sentence, "  ");
        for (const SettingSpec& spec : section.settings) {
            out += kit::text("\n  ", section.name, ".", spec.name, "\n");
            std::string value = *spec.default_value == '\0' ? "empty" : spec.default_value;
            out += kit::text("      ", facts(spec), "; default ", value, "; ",
                             environment_name(kit::text(section.name, ".", spec.name)), "\n");
            add_wrapped(out, spec.sentence, "      ");
        }
    }
    return out;
}

std::string default_config(const ConfigSchema& schema) {
    std::string out =
        "# Ashlar: every setting with its default. Made by `ashlard --print-default-config`; a test compares.\n"
        "# Set only what should differ: a short file, or drop-ins in conf.d/*.yaml beside this one.\n"
        "# `ashlard --check-config FILE` says what is wrong, with file and line.\n";
    for (const ConfigSection& section : schema) {
        std::string margin;
        std::string line = head(section, margin);
        std::string note_margin = margin.substr(2) + "# ";
        out += "\n";
        add_wrapped(out, section.sentence, note_margin);
        if (section.settings.empty()) {
            line.pop_back();
            out += line + " {}\n";
            continue;
        }
        out += line;
        for (const SettingSpec& spec : section.settings) {
            add_wrapped(out, kit::text(spec.sentence, " (", facts(spec), ")"), margin + "# ");
            out += kit::text(margin, spec.name, ": ", yaml_scalar(spec.default_value), "\n");
        }
    }
    return out;
}

}  // namespace ashlar::host
