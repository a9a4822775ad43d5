#include "value_source.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace ashlar::cli {
namespace {

Outcome<std::string> read_all(int descriptor, const std::string& name) {
    std::string out;
    std::string block(64 * 1024, '\0');
    while (true) {
        ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("cannot read " + name + ": " + std::strerror(errno));
        if (got == 0) return out;
        out.append(block, 0, static_cast<std::size_t>(got));
        if (out.size() > value_bytes_max) {
            return failed(name + " holds more than " + std::to_string(value_bytes_max) +
                          " bytes: too much for one value");
        }
    }
}

}  // namespace

Outcome<std::string> read_value(const Source& source) {
    if (source.kind == Source::Kind::argument) return source.text;
    if (source.kind == Source::Kind::standard_input) return read_all(STDIN_FILENO, "standard input");
    int descriptor = ::open(source.text.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed("cannot open " + source.text + ": " + std::strerror(errno));
    auto out = read_all(descriptor, source.text);
    ::close(descriptor);
    return out;
}

}  // namespace ashlar::cli
