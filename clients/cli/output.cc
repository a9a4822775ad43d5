#include "output.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

namespace ashlar::cli {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

/// 0 or errno.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t wrote = ::write(descriptor, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return 0;
}

bool may_colour() {
    const char* none = std::getenv("NO_COLOR");
    if (none != nullptr && *none != '\0') return false;
    const char* terminal = std::getenv("TERM");
    return terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Output::Output() : out_terminal_(isatty(STDOUT_FILENO) == 1), error_terminal_(isatty(STDERR_FILENO) == 1) {
    colour_ = out_terminal_ && may_colour();
}

void Output::raw(std::string_view bytes) {
    if (gone_ || !trouble_.empty()) return;
    buffer_ += bytes;
    if (buffer_.size() >= buffer_bytes) flush();
}

void Output::line(std::string_view text) {
    raw(text);
    raw("\n");
}

void Output::flush() {
    if (buffer_.empty()) return;
    int error = write_all(STDOUT_FILENO, buffer_);
    buffer_.clear();
    if (error == EPIPE) {
        gone_ = true;
    } else if (error != 0) {
        trouble_ = std::string("cannot write to standard output: ") + std::strerror(error);
    }
}

void Output::complain(std::string_view text) {
    remark("ashlar: " + std::string(text));
}

void Output::remark(std::string_view text) {
    flush();
    progress("");
    // Nothing can be said about a standard error that cannot be written.
    static_cast<void>(write_all(STDERR_FILENO, std::string(text) + "\n"));
}

void Output::progress(std::string_view text) {
    if (!error_terminal_ || (text.empty() && !progress_shown_)) return;
    static_cast<void>(write_all(STDERR_FILENO, "\r\x1b[K" + std::string(text)));
    progress_shown_ = !text.empty();
}

std::size_t Output::width() const {
    winsize window{};
    if (out_terminal_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) return window.ws_col;
    return 100;
}

std::string Output::paint(Colour colour, std::string_view text) const {
    static constexpr const char* codes[] = {"0", "1", "2", "32", "33", "31"};
    if (!colour_ || colour == Colour::plain) return std::string(text);
    return std::string("\x1b[") + codes[static_cast<int>(colour)] + "m" + std::string(text) + "\x1b[0m";
}

std::size_t shown_width(std::string_view text) {
    std::size_t width = 0;
    for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return width;
}

void Grid::print(Output& out) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        if (row.size() > widths.size()) widths.resize(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], shown_width(row[i]));
    }
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        std::string text;
        for (std::size_t i = 0; i < rows_[r].size(); ++i) {
            text += rows_[r][i];
            if (i + 1 < rows_[r].size()) text.append(widths[i] - shown_width(rows_[r][i]) + 2, ' ');
        }
        while (text.ends_with(' ')) text.pop_back();
        out.line(r == 0 ? out.paint(Colour::bold, text) : text);
    }
}

}  // namespace ashlar::cli
