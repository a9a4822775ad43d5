#include "interrupts.h"

#include <ctime>
#include <initializer_list>

namespace ashlar::cli::play {

Interrupts::Interrupts() {
    ::sigemptyset(&taken_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&taken_, signal);
    ::sigprocmask(SIG_BLOCK, &taken_, &before_);
}

Interrupts::~Interrupts() {
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::wait(int ms) {
    timespec most{ms / 1000, ms % 1000 * 1'000'000L};
    int signal = ::sigtimedwait(&taken_, nullptr, &most);
    if (signal > 0 && signal != SIGCHLD) asked_ = true;
    return asked_;
}

}  // namespace ashlar::cli::play
