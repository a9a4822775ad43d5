#include "host/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kit/text.h"

namespace ashlar::host {

Error disk_error(const char* act, const std::string& path, int error_number) {
    Code code = Code::io;
    if (error_number == ENOSPC || error_number == EDQUOT) code = Code::no_space;
    if (error_number == ENOENT) code = Code::not_found;
    std::array<char, 128> words{};
    const char* said = strerror_r(error_number, words.data(), words.size());
    return fail(code, kit::text("cannot ", act, " ", path, ": ", said));
}

Result<void> PosixAppendFile::stopped() const {
    return fail(Code::io, kit::text("an earlier sync of ", path_, " failed: the file takes no more writes"));
}

Result<void> PosixAppendFile::write_at(std::uint64_t offset, View bytes, std::uint64_t& written) {
    written = 0;
    while (written < bytes.size()) {
        View rest = bytes.substr(written);
        ssize_t n = ::pwrite(file_.get(), rest.data(), rest.size(), static_cast<off_t>(offset + written));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_error("write", path_, errno);
        written += static_cast<std::uint64_t>(n);
    }
    return {};
}

Result<void> PosixAppendFile::append(View bytes) noexcept {
    if (failed_) return stopped();
    std::uint64_t written = 0;
    auto done = write_at(position_, bytes, written);
    position_ += written;
    return done;
}

Result<void> PosixAppendFile::reserve(std::uint64_t bytes) noexcept {
    if (failed_) return stopped();
    std::uint64_t end = position_ + bytes;
    std::uint64_t at = std::max(filled_, position_);
    if (end <= at) return {};
    // Asking for the blocks first finds a full disk before anything is written, and keeps the file in one piece.
    int error_number = ::posix_fallocate(file_.get(), static_cast<off_t>(at), static_cast<off_t>(end - at));
    if (error_number != 0) return disk_error("set room aside in", path_, error_number);
    // Blocks only allocated still change metadata when first written; written zeros do not.
    static const std::string zeros(256 * 1024, '\0');
    while (at < end) {
        std::uint64_t written = 0;
        View piece = View(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), end - at));
        auto done = write_at(at, piece, written);
        at += written;
        filled_ = at;
        if (!done) return done;
    }
    return sync();
}

Result<void> PosixAppendFile::sync() noexcept {
    if (failed_) return stopped();
    if (::fdatasync(file_.get()) == 0) return {};
    failed_ = true;
    return disk_error("sync", path_, errno);
}

Result<void> PosixReadFile::read(std::uint64_t offset, std::size_t length, Bytes& out) const noexcept {
    out.clear();
    std::uint64_t end = size();
    if (offset >= end || length == 0) return {};
    // Memory follows what the file holds, not what the caller hopes for.
    out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, end - offset)));
    std::size_t got = 0;
    while (got < out.size()) {
        ssize_t n = ::pread(file_.get(), out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            int error_number = errno;
            out.clear();
            return disk_error("read", path_, error_number);
        }
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    out.resize(got);
    return {};
}

std::uint64_t PosixReadFile::size() const noexcept {
    struct stat facts {};
    return ::fstat(file_.get(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

}  // namespace ashlar::host
