#include "host/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "host/posix_file.h"
#include "kit/text.h"

namespace ashlar::host {

Result<std::unique_ptr<PosixDisk>> PosixDisk::on(const std::string& directory) {
    FileDescriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return disk_error("open directory", directory, errno);
    return std::unique_ptr<PosixDisk>(new PosixDisk(std::move(opened), directory));
}

Error PosixDisk::refused(const char* act, const std::string& path, int error_number) const {
    return disk_error(act, path.empty() ? name_ : name_ + "/" + path, error_number);
}

Result<void> PosixDisk::check(const std::string& path, bool may_be_empty) const {
    if (path.empty() && may_be_empty) return {};
    bool good = path.find('\0') == std::string::npos;
    for (std::size_t at = 0; good && at <= path.size();) {
        std::size_t end = std::min(path.find('/', at), path.size());
        std::string_view part = std::string_view(path).substr(at, end - at);
        good = !part.empty() && part != "." && part != "..";
        at = end + 1;
    }
    if (good) return {};
    return fail(Code::io, kit::text("path '", path, "' does not stay inside ", name_));
}

Result<std::unique_ptr<AppendFile>> PosixDisk::create(const std::string& path) noexcept {
    if (auto fine = check(path, false); !fine) return fine.error();
    FileDescriptor file(
        ::openat(directory_.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return refused("create", path, errno);
    return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(std::move(file), name_ + "/" + path));
}

Result<std::unique_ptr<ReadFile>> PosixDisk::open(const std::string& path) noexcept {
    if (auto fine = check(path, false); !fine) return fine.error();
    FileDescriptor file(::openat(directory_.get(), path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) return refused("open", path, errno);
    return std::unique_ptr<ReadFile>(std::make_unique<PosixReadFile>(std::move(file), name_ + "/" + path));
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& directory) noexcept {
    if (auto fine = check(directory, true); !fine) return fine.error();
    const char* path = directory.empty() ? "." : directory.c_str();
    FileDescriptor opened(::openat(directory_.get(), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return refused("list", directory, errno);
    struct Closer {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    std::unique_ptr<DIR, Closer> stream(::fdopendir(opened.get()));
    if (!stream) return refused("list", directory, errno);
    opened.release();
    std::vector<std::string> names;
    for (errno = 0; dirent* entry = ::readdir(stream.get()); errno = 0) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return refused("list", directory, errno);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> PosixDisk::make_directory(const std::string& path) noexcept {
    if (auto fine = check(path, false); !fine) return fine;
    if (::mkdirat(directory_.get(), path.c_str(), 0700) == 0) return {};
    int error_number = errno;
    struct stat facts {};
    bool is_directory = error_number == EEXIST &&
                        ::fstatat(directory_.get(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISDIR(facts.st_mode);
    if (is_directory) return {};
    return refused("make directory", path, error_number);
}

Result<void> PosixDisk::remove(const std::string& path) noexcept {
    if (auto fine = check(path, false); !fine) return fine;
    if (::unlinkat(directory_.get(), path.c_str(), 0) == 0) return {};
    if (errno == EISDIR && ::unlinkat(directory_.get(), path.c_str(), AT_REMOVEDIR) == 0) return {};
    return refused("remove", path, errno);
}

Result<void> PosixDisk::rename(const std::string& from, const std::string& to) noexcept {
    if (auto fine = check(from, false); !fine) return fine;
    if (auto fine = check(to, false); !fine) return fine;
    if (::renameat(directory_.get(), from.c_str(), directory_.get(), to.c_str()) == 0) return {};
    return refused("rename", from + " to " + to, errno);
}

Result<void> PosixDisk::link(const std::string& from, const std::string& to) noexcept {
    if (auto fine = check(from, false); !fine) return fine;
    if (auto fine = check(to, false); !fine) return fine;
    if (::linkat(directory_.get(), from.c_str(), directory_.get(), to.c_str(), 0) == 0) return {};
    return refused("link", from + " to " + to, errno);
}

Result<void> PosixDisk::sync_directory(const std::string& path) noexcept {
    if (auto fine = check(path, true); !fine) return fine;
    const char* name = path.empty() ? "." : path.c_str();
    FileDescriptor opened(::openat(directory_.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return refused("open directory", path, errno);
    if (::fsync(opened.get()) == 0) return {};
    return refused("sync directory", path, errno);
}

Result<std::uint64_t> PosixDisk::free_bytes() noexcept {
    struct statvfs facts {};
    if (::fstatvfs(directory_.get(), &facts) != 0) return refused("measure", "", errno);
    return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace ashlar::host
