// CSV as RFC 4180 has it: a header line, quoted fields that may hold separators, line ends and doubled quotes.
//
// Key: the column named by --key-column, else the one called key, else the first. Value: the column named by
// --value-column, else the one called value when there is a key column of that name, else the row as a JSON object.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lines.h"
#include "record.h"

namespace ashlar::cli::import {

struct CsvColumns {
    std::string key, value;
    char delimiter = ',';
};

/// Cuts one row, its last line end removed. Nothing when the quoting is broken.
std::optional<std::vector<std::string>> cut_row(std::string_view row, char delimiter);

class CsvRows : public Reader {
public:
    CsvRows(Lines& lines, CsvColumns columns) : lines_(lines), columns_(std::move(columns)) {}

    /// Reads the header; a sentence when it does not fit the columns asked for. Call once, before next().
    std::optional<std::string> open();
    /// The same with a header that was read from the start of the file, when next() goes on in its middle.
    std::optional<std::string> open(std::string_view header);
    const std::string& header() const { return header_; }
    Found next() override;

private:
    enum class Cut { row, too_long, end };
    /// One row with its line ends, over as many lines as its quotes span.
    Cut row(std::string& text, std::uint64_t& first_line);
    Found record_of(std::string_view text) const;

    Lines& lines_;
    CsvColumns columns_;
    std::string header_;
    std::vector<std::string> names_;
    std::size_t key_at_ = 0;
    std::optional<std::size_t> value_at_;
};

}  // namespace ashlar::cli::import
