#include "side_by_side.h"

#include <algorithm>

#include "output.h"

namespace ashlar::cli {
namespace {

/// A time with microseconds and an actor fit without a break.
constexpr std::size_t column_most = 34;
constexpr std::size_t gap = 2;

void pad(std::string& line, std::string_view text, std::size_t width) {
    line += text;
    line.append(width + gap - std::min(width, shown_width(text)), ' ');
}

void finish(std::string line, std::vector<std::string>& out) {
    while (line.ends_with(' ')) line.pop_back();
    out.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> broken_into(std::string_view text, std::size_t width) {
    std::vector<std::string> out(1);
    std::size_t signs = 0;
    for (char c : text) {
        const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        if (begins && signs == width) {
            out.emplace_back();
            signs = 0;
        }
        out.back().push_back(c);
        signs += begins ? 1 : 0;
    }
    return out;
}

void SideBySide::add(std::string head, std::vector<std::string> cells) {
    cells.resize(labels_.size());
    std::size_t width = shown_width(head);
    for (const std::string& cell : cells) width = std::max(width, std::min(column_most, shown_width(cell)));
    columns_.push_back(Column{std::move(head), std::move(cells), width});
}

std::vector<std::string> SideBySide::lines(std::size_t width) const {
    std::vector<std::string> out;
    std::size_t label_width = 0;
    for (const std::string& label : labels_) label_width = std::max(label_width, shown_width(label));
    for (std::size_t first = 0; first < columns_.size();) {
        std::size_t end = first;
        for (std::size_t used = label_width; end < columns_.size(); ++end) {
            used += gap + columns_[end].width;
            if (used > width && end > first) break;
        }
        if (first > 0) out.emplace_back();
        band(first, end, label_width, out);
        first = end;
    }
    return out;
}

void SideBySide::band(std::size_t first, std::size_t end, std::size_t label_width,
                      std::vector<std::string>& out) const {
    std::string head;
    pad(head, "", label_width);
    for (std::size_t i = first; i < end; ++i) pad(head, columns_[i].head, columns_[i].width);
    finish(std::move(head), out);
    for (std::size_t row = 0; row < labels_.size(); ++row) {
        std::vector<std::vector<std::string>> pieces;
        std::size_t high = 0;
        for (std::size_t i = first; i < end; ++i) {
            pieces.push_back(broken_into(columns_[i].cells[row], columns_[i].width));
            high = std::max(high, pieces.back().size());
        }
        for (std::size_t at = 0; at < high; ++at) {
            std::string line;
            pad(line, at == 0 ? std::string_view(labels_[row]) : std::string_view(), label_width);
            for (std::size_t i = first; i < end; ++i) {
                const auto& mine = pieces[i - first];
                pad(line, at < mine.size() ? std::string_view(mine[at]) : std::string_view(), columns_[i].width);
            }
            finish(std::move(line), out);
        }
    }
}

}  // namespace ashlar::cli
