#include "csv.h"

#include <algorithm>

#include <boost/json.hpp>

#include "forms.h"

namespace ashlar::cli::import {
namespace {

std::string_view without_line_end(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

/// Whether the text ends inside quotes. Doubled quotes cancel out, so counting is enough; quotes inside a field that
/// does not begin with one are an error that cut_row reports, at worst after joining lines up to the bound.
bool is_open(std::string_view text, bool open) {
    return open != (std::count(text.begin(), text.end(), '"') % 2 == 1);
}

std::optional<std::size_t> find_name(const std::vector<std::string>& names, std::string_view name) {
    auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<std::size_t>(at - names.begin());
}

}  // namespace

std::optional<std::vector<std::string>> cut_row(std::string_view row, char delimiter) {
    std::vector<std::string> out(1);
    std::size_t at = 0;
    while (true) {
        std::string& field = out.back();
        if (at < row.size() && row[at] == '"') {
            for (++at;; ++at) {
                auto quote = row.find('"', at);
                if (quote == std::string_view::npos) return std::nullopt;
                field += row.substr(at, quote - at);
                at = quote + 1;
                if (at >= row.size() || row[at] != '"') break;
                field += '"';
            }
            if (at < row.size() && row[at] != delimiter) return std::nullopt;
        } else {
            std::string_view plain = row.substr(at, row.find(delimiter, at) - at);
            if (plain.find('"') != std::string_view::npos) return std::nullopt;
            field = plain;
            at += plain.size();
        }
        if (at >= row.size()) return out;
        ++at;
        out.emplace_back();
    }
}

CsvRows::Cut CsvRows::row(std::string& text, std::uint64_t& first_line) {
    text.clear();
    bool begun = false, open = false, too_long = false;
    Line line;
    while (lines_.next(line)) {
        if (!begun && !line.too_long && line.content().empty()) continue;
        if (!begun) first_line = line.number;
        begun = true;
        open = is_open(line.text, open);
        too_long = too_long || line.too_long || text.size() + line.text.size() > lines_.line_bytes_max();
        // A row over the bound ends with this line: its quotes cannot be trusted to ever close.
        if (too_long) return Cut::too_long;
        text += line.text;
        if (!open) return Cut::row;
    }
    if (!lines_.trouble().empty()) return Cut::end;
    return begun ? Cut::row : Cut::end;
}

std::optional<std::string> CsvRows::open() {
    std::uint64_t first_line = 0;
    std::string text;
    Cut cut = row(text, first_line);
    if (cut == Cut::end) return "the CSV file is empty: it needs a header line";
    if (cut == Cut::too_long) return "the CSV header is over " + std::to_string(lines_.line_bytes_max()) + " bytes";
    return open(text);
}

std::optional<std::string> CsvRows::open(std::string_view header) {
    header_ = header;
    if (header.starts_with("\xEF\xBB\xBF")) header.remove_prefix(3);
    auto names = cut_row(without_line_end(header), columns_.delimiter);
    if (!names) return "the CSV header has broken quotes";
    names_ = *names;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (find_name(names_, names_[i]) != i) return "the CSV header names column " + escape(names_[i]) + " twice";
    }
    std::string known = "; its columns are: ";
    for (const auto& name : names_) known += (&name == names_.data() ? "" : ", ") + escape(name);
    auto key = find_name(names_, columns_.key.empty() ? "key" : columns_.key);
    if (!key && !columns_.key.empty()) return "the CSV file has no column " + escape(columns_.key) + known;
    key_at_ = key.value_or(0);
    if (!columns_.value.empty()) {
        value_at_ = find_name(names_, columns_.value);
        if (!value_at_) return "the CSV file has no column " + escape(columns_.value) + known;
    } else if (names_[key_at_] == "key") {
        value_at_ = find_name(names_, "value");
    }
    return std::nullopt;
}

Found CsvRows::record_of(std::string_view text) const {
    auto fields = cut_row(without_line_end(text), columns_.delimiter);
    if (!fields) return refuse("row with broken quotes");
    if (fields->size() != names_.size()) {
        return refuse("row with another number of fields than the header",
                      std::to_string(fields->size()) + " instead of " + std::to_string(names_.size()));
    }
    Found out;
    out.kind = Found::Kind::record;
    out.record.key = (*fields)[key_at_];
    if (value_at_) {
        out.record.values.push_back({(*fields)[*value_at_], {}});
        return out;
    }
    boost::json::object object;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (!is_utf8(names_[i]) || !is_utf8((*fields)[i])) {
            return refuse("row that is not UTF-8 (store one column with --value-column)");
        }
        object[names_[i]] = (*fields)[i];
    }
    out.record.values.push_back({boost::json::serialize(object), {}});
    return out;
}

Found CsvRows::next() {
    std::string text;
    std::uint64_t first_line = lines_.number();
    Cut cut = row(text, first_line);
    Found out;
    if (cut == Cut::row) out = record_of(text);
    if (cut == Cut::too_long) out = refuse("row over " + std::to_string(lines_.line_bytes_max()) + " bytes");
    out.line = cut == Cut::end ? lines_.number() : first_line;
    out.end_offset = lines_.offset();
    return out;
}

}  // namespace ashlar::cli::import
