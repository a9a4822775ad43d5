// A server under measurement: a child process of ours on loopback, ended by its pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ashlar::bench {

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
    /// CPU the process has used so far in all its threads, user and system, in microseconds.
    double cpu_us() const;
    bool alive() const;

private:
    explicit Rival(pid_t pid) : pid_(pid) {}
    pid_t pid_;
};

/// From now on this thread, which makes the load, leaves the servers' processor alone. After the last server was started.
void stay_on_load_processor();

/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();
/// Waits until something accepts connections there; false after `seconds`.
bool wait_for_port(std::uint16_t port, double seconds);

/// The floor every server stands on: one thread, epoll, frames in, frames out, no store behind it.
void serve_bare_frames(std::uint16_t port);

}  // namespace ashlar::bench
