#include "host/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "host/posix_file.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

/// The number the holder wrote and, if it still runs, its name.
std::string holder(int file) {
    std::array<char, 32> noted{};
    ssize_t n = ::pread(file, noted.data(), noted.size() - 1, 0);
    std::string number(noted.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    number.erase(number.find_last_not_of(" \n") + 1);
    if (number.empty()) return "another process";
    std::string name;
    std::getline(std::ifstream("/proc/" + number + "/comm"), name);
    return name.empty() ? "process " + number : kit::text("process ", number, " (", name, ")");
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
    std::string path = directory + "/lock";
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return disk_error("open", path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return disk_error("lock", path, errno);
        return fail(Code::closed, kit::text("data directory ", directory, " is in use by ", holder(file.get()),
                                            ": stop it, or give this node a directory of its own"));
    }
    std::string note = kit::text(::getpid(), "\n");
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), note.data(), note.size(), 0) < 0)
        return disk_error("write", path, errno);
    return DirectoryLock(std::move(file));
}

}  // namespace ashlar::host
