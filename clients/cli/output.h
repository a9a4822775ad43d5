// Standard output and error of the command: buffered bytes, colour only where it helps, a quiet end when the
// reader went away.
//
// SIGPIPE is ignored by main; a closed pipe sets gone(), everything later is dropped, and the verb may stop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ashlar::cli {

enum class Colour { plain, bold, dim, green, yellow, red };

class Output {
public:
    /// Looks at the descriptors and NO_COLOR once.
    Output();
    ~Output() { flush(); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void raw(std::string_view bytes);
    void line(std::string_view text);
    void flush();
    /// To standard error, at once, after what is buffered: "ashlar: TEXT".
    void complain(std::string_view text);
    /// To standard error, without the prefix.
    void remark(std::string_view text);
    /// For a terminal only: overwrites the line before; nothing elsewhere. An empty text clears it.
    void progress(std::string_view text);

    std::string paint(Colour colour, std::string_view text) const;
    bool to_terminal() const { return out_terminal_; }
    /// Signs a line may have: those of the terminal; elsewhere 100.
    std::size_t width() const;
    bool error_to_terminal() const { return error_terminal_; }
    /// The reader closed the pipe: nobody wants more.
    bool gone() const { return gone_; }
    /// Standard output could not be written, for another reason than gone(): why.
    const std::string& trouble() const { return trouble_; }

private:
    std::string buffer_;
    std::string trouble_;
    bool out_terminal_ = false;
    bool error_terminal_ = false;
    bool colour_ = false;
    bool gone_ = false;
    bool progress_shown_ = false;
};

/// Columns as wide as their widest cell; the last one is not padded. Cells are escaped by the caller.
class Grid {
public:
    explicit Grid(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    void print(Output& out) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// Signs a terminal shows for UTF-8 text: code points, which is right for what the command prints.
std::size_t shown_width(std::string_view text);

}  // namespace ashlar::cli
