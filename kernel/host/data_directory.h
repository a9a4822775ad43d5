// A node's directory on disk, held by this process: `lock`, the ledger's files, and `engine/` for the storage engine.
//
// Main thread, at the start. Made if only its last part is missing. Fails with the system's words, or the name of
// the process that has it.
#pragma once

#include <memory>
#include <string>

#include "host/directory_lock.h"
#include "host/posix_disk.h"

namespace ashlar::host {

struct DataDirectory {
    DirectoryLock lock;
    std::unique_ptr<PosixDisk> own;
    std::unique_ptr<PosixDisk> engine;

    static Result<DataDirectory> open(const std::string& path);
};

}  // namespace ashlar::host
