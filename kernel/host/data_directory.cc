#include "host/data_directory.h"

#include <sys/stat.h>

#include <cerrno>

#include "host/posix_file.h"

namespace ashlar::host {

Result<DataDirectory> DataDirectory::open(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return disk_error("make data directory", path, errno);
    auto lock = DirectoryLock::take(path);
    if (!lock) return lock.error();
    auto own = PosixDisk::on(path);
    if (!own) return own.error();
    if (auto made = (*own)->make_directory("engine"); !made) return made.error();
    if (auto synced = (*own)->sync_directory(""); !synced) return synced.error();
    auto engine = PosixDisk::on(path + "/engine");
    if (!engine) return engine.error();
    return DataDirectory{std::move(*lock), std::move(*own), std::move(*engine)};
}

}  // namespace ashlar::host
