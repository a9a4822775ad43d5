#include "lines.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ashlar::cli::import {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;

}  // namespace

std::string_view Line::content() const {
    std::string_view out = text;
    if (out.ends_with('\n')) out.remove_suffix(1);
    if (out.ends_with('\r')) out.remove_suffix(1);
    return out;
}

Lines::Lines(ByteSource source, std::size_t line_bytes_max, std::uint64_t offset, std::uint64_t number)
    : source_(std::move(source)),
      line_bytes_max_(line_bytes_max),
      offset_(offset),
      number_(number),
      block_(block_bytes, '\0') {}

bool Lines::fill() {
    std::ptrdiff_t got;
    do {
        got = source_(block_.data(), block_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) trouble_ = std::strerror(errno);
    at_ = 0;
    end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got > 0;
}

bool Lines::next(Line& line) {
    line.text.clear();
    line.too_long = false;
    line.number = number_;
    bool any = false;
    while (at_ < end_ || fill()) {
        any = true;
        const char* from = block_.data() + at_;
        const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - at_));
        std::size_t piece = newline != nullptr ? static_cast<std::size_t>(newline - from) + 1 : end_ - at_;
        std::size_t room = line_bytes_max_ - std::min(line_bytes_max_, line.text.size());
        line.too_long = line.too_long || piece > room;
        line.text.append(from, std::min(piece, room));
        at_ += piece;
        offset_ += piece;
        if (newline != nullptr) break;
    }
    // A line cut by a failing disk is not a line of the input.
    if (!any || !trouble_.empty()) return false;
    line.end_offset = offset_;
    ++number_;
    return true;
}

}  // namespace ashlar::cli::import
