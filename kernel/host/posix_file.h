// One file of a PosixDisk: a writer that appends, a reader that reads anywhere.
//
// AppendFile: one thread at a time. The write position is kept apart from the file's size, so that room filled
// with zeros by reserve() lies ahead of it and appends change no metadata. ReadFile: any number of threads.
#pragma once

#include <string>

#include "ashlar/disk.h"
#include "host/descriptor.h"

namespace ashlar::host {

/// The failure of a file call, in the terms of disk.h.
Error disk_error(const char* act, const std::string& path, int error_number);

class PosixAppendFile final : public AppendFile {
public:
    PosixAppendFile(FileDescriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Result<void> append(View bytes) noexcept override;
    Result<void> reserve(std::uint64_t bytes) noexcept override;
    Result<void> sync() noexcept override;
    std::uint64_t size() const noexcept override { return position_; }

private:
    Result<void> write_at(std::uint64_t offset, View bytes, std::uint64_t& written);
    Result<void> stopped() const;

    FileDescriptor file_;
    std::string path_;
    std::uint64_t position_ = 0;  ///< end of what was appended
    std::uint64_t filled_ = 0;    ///< end of the zeros set aside; at least position_ once anything was reserved
    bool failed_ = false;         ///< a sync failed
};

class PosixReadFile final : public ReadFile {
public:
    PosixReadFile(FileDescriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Result<void> read(std::uint64_t offset, std::size_t length, Bytes& out) const noexcept override;
    std::uint64_t size() const noexcept override;

private:
    FileDescriptor file_;
    std::string path_;
};

}  // namespace ashlar::host
