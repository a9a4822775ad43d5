// Keeps a data directory to one process.
//
// Holds an flock on the file `lock` in it for as long as it lives; the system lets go when the process ends,
// however it ends. Main thread, at the start. A directory in use is refused (closed) in a sentence that names the
// process.
#pragma once

#include <string>

#include "ashlar/result.h"
#include "host/descriptor.h"

namespace ashlar::host {

class DirectoryLock {
public:
    static Result<DirectoryLock> take(const std::string& directory);

private:
    explicit DirectoryLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

}  // namespace ashlar::host
