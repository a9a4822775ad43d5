#include "input.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ashlar::cli::import {
namespace {

constexpr std::size_t head_bytes = 64 * 1024;

Failure trouble(const std::string& what, const std::string& file) {
    return failed("cannot " + what + " " + file + ": " + std::strerror(errno));
}

/// FNV-1a: tells files apart, not against malice.
std::uint64_t fnv(std::string_view bytes) {
    std::uint64_t out = 14695981039346656037u;
    for (char c : bytes) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return out;
}

}  // namespace

std::string guess_format(std::string_view file) {
    std::string_view name = file.substr(file.rfind('/') == std::string_view::npos ? 0 : file.rfind('/') + 1);
    for (std::string_view end : {".json", ".jsonl", ".ndjson"}) {
        if (name.ends_with(end)) return "json";
    }
    if (name.ends_with(".csv") || name.ends_with(".tsv")) return "csv";
    for (std::string_view whole : {"status", "available", "Packages", "Sources", "control"}) {
        if (name == whole || name.ends_with("_" + std::string(whole)) || name.ends_with("." + std::string(whole)))
            return "control";
    }
    return "";
}

Outcome<std::unique_ptr<Input>> Input::open(const std::string& file) {
    bool standard = file == "-";
    int descriptor = standard ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return trouble("open", standard ? "standard input" : file);
    std::unique_ptr<Input> out(new Input(descriptor, standard ? "standard input" : file));
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0) return trouble("look at", out->file_);
    if (S_ISDIR(facts.st_mode)) return failed(file + " is a directory");
    out->regular_ = S_ISREG(facts.st_mode) && !standard;
    out->size_ = S_ISREG(facts.st_mode) ? static_cast<std::uint64_t>(facts.st_size) : 0;
    out->changed_ns_ = facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
    return out;
}

Input::~Input() {
    ::close(descriptor_);
}

ByteSource Input::source() const {
    return [descriptor = descriptor_](char* into, std::size_t size) { return ::read(descriptor, into, size); };
}

Outcome<Done> Input::seek(std::uint64_t offset) {
    if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) return trouble("seek in", file_);
    return Done{};
}

Outcome<std::string> Input::identity() const {
    std::string head(head_bytes, '\0');
    ssize_t got = ::pread(descriptor_, head.data(), head.size(), 0);
    if (got < 0) return trouble("read", file_);
    head.resize(static_cast<std::size_t>(got));
    std::array<char, PATH_MAX> whole{};
    const char* path = ::realpath(file_.c_str(), whole.data());
    return std::string(path != nullptr ? path : file_.c_str()) + " size " + std::to_string(size_) + " changed " +
           std::to_string(changed_ns_) + " head " + std::to_string(fnv(head));
}

}  // namespace ashlar::cli::import
