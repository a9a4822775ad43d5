// Bytes cut into lines, with a bound on each and a count of where we are.
//
// The source is a function, so that files, pipes and test texts are alike. A line over the bound is skipped to its
// end and reported as such; a read error ends the lines and stays in trouble().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace ashlar::cli::import {

/// Fills at most `size` bytes; 0 at the end, -1 with errno set on failure.
using ByteSource = std::function<std::ptrdiff_t(char* into, std::size_t size)>;

struct Line {
    std::string text;          ///< with its line end, byte for byte
    std::uint64_t number = 0;  ///< from 1
    std::uint64_t end_offset = 0;
    bool too_long = false;  ///< text holds the first bytes only

    /// Without the line end, LF or CR LF.
    std::string_view content() const;
};

class Lines {
public:
    /// Starts at byte `offset` before line `number` of the input; the source stands there already.
    Lines(ByteSource source, std::size_t line_bytes_max, std::uint64_t offset = 0, std::uint64_t number = 1);

    /// False at the end and after trouble.
    bool next(Line& line);
    std::uint64_t offset() const { return offset_; }
    std::uint64_t number() const { return number_; }
    std::size_t line_bytes_max() const { return line_bytes_max_; }
    const std::string& trouble() const { return trouble_; }

private:
    bool fill();

    ByteSource source_;
    std::size_t line_bytes_max_;
    std::uint64_t offset_;
    std::uint64_t number_;
    std::string block_;
    std::size_t at_ = 0, end_ = 0;  ///< what of block_ is not yet given
    std::string trouble_;
};

}  // namespace ashlar::cli::import
