#include "host/reactor.h"

#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace ashlar::host {
namespace {

/// So many completions end a turn at the latest, so that replies leave while requests keep pouring in.
constexpr int turn_handlers_max = 128;

std::int64_t clock_us(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

// One thread runs the loop and lanes only write to the eventfd, so Asio needs none of its locks.
Reactor::Reactor() : io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE), wake_(io_, ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    await_wake();
}

const Now& Reactor::now() {
    if (!now_) now_ = Now{Instant{clock_us(CLOCK_MONOTONIC)}, WallTime{clock_us(CLOCK_REALTIME)}};
    return *now_;
}

void Reactor::wake() {
    std::uint64_t one = 1;
    // Fails only when the counter is full, and then the loop is awake anyway.
    (void)!::write(wake_.native_handle(), &one, sizeof one);
}

void Reactor::await_wake() {
    wake_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
        if (error) return;
        std::uint64_t count = 0;
        (void)!::read(wake_.native_handle(), &count, sizeof count);
        if (woken_) woken_();
        await_wake();
    });
}

void Reactor::run() {
    while (!stopped_) {
        now_.reset();
        if (again_)
            io_.poll_one();
        else
            io_.run_one();
        for (int n = 1; n < turn_handlers_max && io_.poll_one() != 0; ++n) {
        }
        again_ = false;
        for (auto& end : ends_) end();
    }
}

}  // namespace ashlar::host
