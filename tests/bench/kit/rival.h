// A server under measurement: a child process of ours on loopback, ended by its pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ashlar::bench {

/// CPU a process has used so far in all its threads, user and system, in microseconds; 0 of one that is gone.
double cpu_us_of(pid_t pid);

/// A running child. Ends it (SIGTERM, then SIGKILL) and reaps it when it goes.
class Rival {
public:
    /// Starts a program with arguments; output goes to `log_file`. `environment` is NAME=VALUE lines added to ours.
    static Rival program(const std::vector<std::string>& command, const std::string& log_file,
                         const std::vector<std::string>& environment = {});
    /// Forks and runs `body` in the child.
    static Rival function(const std::function<void()>& body);
    Rival(Rival&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
    Rival(const Rival&) = delete;
    Rival& operator=(const Rival&) = delete;
    ~Rival();

    pid_t pid() const { return pid_; }
    double cpu_us() const { return cpu_us_of(pid_); }
    bool alive() const;
    /// Leaves the child, and the duty to reap it, to the caller.
    pid_t release() { return std::exchange(pid_, -1); }

private:
    explicit Rival(pid_t pid) : pid_(pid) {}
    pid_t pid_;
};

/// Servers started from now on, and the load, run on any processor: as they would elsewhere, and noisier.
void let_processes_spread();
/// From now on this thread, which makes the load, leaves the servers' processor alone. After the last server was started.
void stay_on_load_processor();

/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();
/// Waits until something accepts connections there; false after `seconds`.
bool wait_for_port(std::uint16_t port, double seconds);

}  // namespace ashlar::bench
