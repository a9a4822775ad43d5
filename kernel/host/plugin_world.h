// The world as one plugin sees it: its own name in the log, the node's meter, a disk only for a storage engine.
#pragma once

#include <string>

#include "ashlar/host.h"
#include "base/seeded_random.h"

namespace ashlar::host {

/// Refuses every call: what a plugin without business on the disk gets.
class NoDisk final : public Disk {
public:
    Result<std::unique_ptr<AppendFile>> create(const std::string&) noexcept override { return none(); }
    Result<std::unique_ptr<ReadFile>> open(const std::string&) noexcept override { return none(); }
    Result<std::vector<std::string>> list(const std::string&) noexcept override { return none(); }
    Result<void> make_directory(const std::string&) noexcept override { return none(); }
    Result<void> remove(const std::string&) noexcept override { return none(); }
    Result<void> rename(const std::string&, const std::string&) noexcept override { return none(); }
    Result<void> link(const std::string&, const std::string&) noexcept override { return none(); }
    Result<void> sync_directory(const std::string&) noexcept override { return none(); }
    Result<std::uint64_t> free_bytes() noexcept override { return none(); }

private:
    static Error none() { return fail(Code::unsupported, "only a storage engine has a disk"); }
};

/// Refuses every join: what a plugin gets that comes before the resolvers.
class NoJoiner final : public Joiner {
public:
    Result<Bytes> join(TableId, View, View) const noexcept override { return none(); }
    Result<Bytes> settle(TableId, View, const Keep&) const noexcept override { return none(); }

private:
    static Error none() { return fail(Code::unsupported, "only a storage engine has a joiner"); }
};

/// Puts a name in front of each line.
class NamedLog final : public Log {
public:
    NamedLog(Log& log, std::string name) : log_(log), name_(std::move(name)) {}
    void write(LogLevel level, View line) noexcept override { log_.write(level, name_ + ": " + std::string(line)); }

private:
    Log& log_;
    std::string name_;
};

class PluginWorld final : public Host {
public:
    PluginWorld(Log& log, std::string name, Meter& meter, std::uint64_t seed, Disk* disk, const Joiner* joiner)
        : log_(log, std::move(name)), meter_(meter), random_(seed), disk_(disk), joiner_(joiner) {}

    Log& log() noexcept override { return log_; }
    Meter& meter() noexcept override { return meter_; }
    Random& random() noexcept override { return random_; }
    Disk& disk() noexcept override { return disk_ != nullptr ? *disk_ : no_disk_; }
    const Joiner& joiner() noexcept override { return joiner_ != nullptr ? *joiner_ : no_joiner_; }

private:
    NamedLog log_;
    Meter& meter_;
    base::SeededRandom random_;
    Disk* disk_;
    const Joiner* joiner_;
    NoDisk no_disk_;
    NoJoiner no_joiner_;
};

}  // namespace ashlar::host
