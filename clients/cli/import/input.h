// The file an import reads: opened, its format known, its identity for the state file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "commands.h"
#include "lines.h"
#include "outcome.h"

namespace ashlar::cli::import {

/// json, csv or control by the file's name; empty when it says nothing.
std::string guess_format(std::string_view file);

class Input {
public:
    /// "-" is standard input.
    static Outcome<std::unique_ptr<Input>> open(const std::string& file);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    ByteSource source() const;
    bool regular() const { return regular_; }
    std::uint64_t size() const { return size_; }
    /// Goes to a byte; only for regular files.
    Outcome<Done> seek(std::uint64_t offset);
    /// Path, size, time of change and a hash of the first bytes.
    Outcome<std::string> identity() const;

private:
    Input(int descriptor, std::string file) : descriptor_(descriptor), file_(std::move(file)) {}

    int descriptor_;
    std::string file_;
    bool regular_ = false;
    std::uint64_t size_ = 0;
    std::int64_t changed_ns_ = 0;
};

}  // namespace ashlar::cli::import
