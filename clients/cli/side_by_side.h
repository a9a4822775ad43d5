// Things that are compared, each in a column of its own beside the others, a block of lines for each of their facts.
// Pure.
//
// As many columns as the width takes stand beside each other; the others follow below. A long cell is broken into
// several lines, so that a value can be read whole. Cells are escaped by the caller.
#pragma once

#include <string>
#include <vector>

namespace ashlar::cli {

class SideBySide {
public:
    /// What the lines of a column say, in order.
    explicit SideBySide(std::vector<std::string> labels) : labels_(std::move(labels)) {}

    /// One cell per label; missing ones are empty.
    void add(std::string head, std::vector<std::string> cells);
    /// Lines of at most `width` signs, but for one column that is wider; a head begins each band of columns.
    std::vector<std::string> lines(std::size_t width) const;

private:
    struct Column {
        std::string head;
        std::vector<std::string> cells;
        std::size_t width = 0;
    };
    void band(std::size_t first, std::size_t end, std::size_t label_width, std::vector<std::string>& out) const;

    std::vector<std::string> labels_;
    std::vector<Column> columns_;
};

/// Pieces of at most `width` signs, never within a sign; one empty piece of an empty text.
std::vector<std::string> broken_into(std::string_view text, std::size_t width);

}  // namespace ashlar::cli
