#include "control.h"

namespace ashlar::cli::import {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The value of "Name: value"; field names know no case.
bool take_field(std::string_view line, std::string_view name, std::string& into) {
    if (line.size() <= name.size() || line[name.size()] != ':') return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (lower(line[i]) != name[i]) return false;
    }
    line.remove_prefix(name.size() + 1);
    auto first = line.find_first_not_of(" \t");
    into = first == std::string_view::npos ? "" : line.substr(first, line.find_last_not_of(" \t") - first + 1);
    return true;
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t") == std::string_view::npos;
}

/// Continuations begin with a blank, comments with #; all other lines are fields.
bool is_field(std::string_view line) {
    auto colon = line.find(':');
    return colon != std::string_view::npos && colon > 0 &&
           line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

}  // namespace

Found ControlParagraphs::next() {
    Found out;
    std::string text, package, architecture, flaw;
    bool begun = false, too_long = false;
    Line line;
    while (lines_.next(line)) {
        std::string_view content = line.content();
        if (is_blank(content) && !line.too_long) {
            if (begun) break;
            continue;
        }
        if (!begun) out.line = line.number;
        begun = true;
        too_long = too_long || line.too_long || text.size() + line.text.size() > lines_.line_bytes_max();
        if (too_long) continue;
        text += line.text;
        if (content.front() == ' ' || content.front() == '\t' || content.front() == '#') continue;
        if (!is_field(content) && flaw.empty()) flaw = "line " + std::to_string(line.number) + " is not a field";
        if (!take_field(content, "package", package)) take_field(content, "architecture", architecture);
    }
    std::uint64_t line_of_it = out.line;
    if (!begun || !lines_.trouble().empty()) {
        line_of_it = lines_.number();
    } else if (too_long) {
        out = refuse("paragraph over " + std::to_string(lines_.line_bytes_max()) + " bytes");
    } else if (!flaw.empty()) {
        out = refuse("not a control paragraph", flaw);
    } else if (package.empty()) {
        out = refuse("no Package field");
    } else {
        out.kind = Found::Kind::record;
        out.record.key = architecture.empty() ? package : package + ":" + architecture;
        out.record.values.push_back({std::move(text), {}});
    }
    out.line = line_of_it;
    out.end_offset = lines_.offset();
    return out;
}

}  // namespace ashlar::cli::import
