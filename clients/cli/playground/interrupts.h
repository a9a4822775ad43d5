// Ctrl-C and the end of child processes, as something to wait for instead of something that strikes.
//
// While one lives, SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked and taken here only. One thread, one object.
#pragma once

#include <csignal>

namespace ashlar::cli::play {

class Interrupts {
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// Waits until a signal comes or the time is up; true once somebody asked to end.
    bool wait(int ms);
    bool asked_to_end() const { return asked_; }

private:
    sigset_t taken_{}, before_{};
    bool asked_ = false;
};

}  // namespace ashlar::cli::play
