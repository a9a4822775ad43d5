#include "host/names.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "host/descriptor.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr Duration fresh = seconds(30);
/// After a name that has no address, and after a doubt.
constexpr Duration rest = seconds(2);

using Answer = Result<std::vector<std::string>>;

}  // namespace

struct Names::Desk {
    std::mutex mutex;
    std::condition_variable asked;
    std::deque<std::string> questions;
    std::vector<std::pair<std::string, Answer>> answers;
    bool closed = false;
    FileDescriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

    void serve(const LookUp& look_up) {
        std::unique_lock lock(mutex);
        for (;;) {
            asked.wait(lock, [this] { return closed || !questions.empty(); });
            if (closed) return;
            const std::string name = questions.front();
            lock.unlock();
            Answer answer = look_up(name);
            lock.lock();
            if (closed) return;
            // It counts as waiting until it is answered.
            questions.pop_front();
            answers.emplace_back(name, std::move(answer));
            std::uint64_t one = 1;
            (void)!::write(bell.get(), &one, sizeof one);
        }
    }
};

Names::Names(Reactor& reactor, LookUp look_up)
    : reactor_(reactor), look_up_(std::move(look_up)), desk_(std::make_shared<Desk>()), bell_(reactor.io()) {}

Names::~Names() {
    std::lock_guard lock(desk_->mutex);
    desk_->closed = true;
    desk_->asked.notify_one();
}

Result<std::string> Names::find(const std::string& name, Instant now) {
    auto found = names_.find(name);
    if (found == names_.end()) {
        if (names_.size() >= names_max && !make_room())
            return fail(Code::unavailable, "cannot be looked up: too many names are asked for");
        found = names_.emplace(name, Known{}).first;
    }
    Known& known = found->second;
    known.used = now;
    const Duration lasts = known.addresses.empty() ? rest : fresh;
    const bool is_new = known.addresses.empty() && known.why.empty();
    if (is_new || now - known.answered > lasts) ask(name, known);
    if (!known.addresses.empty()) return known.addresses[known.turn % known.addresses.size()];
    return fail(Code::unavailable, known.why.empty() ? "its name is being looked up" : known.why);
}

void Names::doubt(const std::string& name, Instant now) {
    auto found = names_.find(name);
    if (found == names_.end() || found->second.addresses.empty()) return;
    Known& known = found->second;
    ++known.turn;
    if (now - known.answered > rest) ask(name, known);
}

void Names::ask(const std::string& name, Known& known) {
    if (known.is_asked) return;
    if (!is_begun_ && !start()) return;
    std::lock_guard lock(desk_->mutex);
    if (desk_->questions.size() >= questions_max) return;
    desk_->questions.push_back(name);
    known.is_asked = true;
    desk_->asked.notify_one();
}

bool Names::start() {
    boost::system::error_code error;
    if (!bell_.is_open()) bell_.assign(::fcntl(desk_->bell.get(), F_DUPFD_CLOEXEC, 0), error);
    if (error) return false;
    try {
        // Not joined: nobody waits for a resolver. What it touches it shares.
        std::thread([desk = desk_, look_up = look_up_] { desk->serve(look_up); }).detach();
    } catch (const std::system_error&) {
        return false;  // for want of threads: whoever asks later may have more luck
    }
    await();
    return is_begun_ = true;
}

void Names::take_answers() {
    std::vector<std::pair<std::string, Answer>> all;
    {
        std::lock_guard lock(desk_->mutex);
        all.swap(desk_->answers);
    }
    for (auto& [name, answer] : all) {
        Known& known = names_[name];  // who is asked for is not forgotten
        known.is_asked = false;
        known.answered = reactor_.now().steady;
        if (answer) {
            // What is tried now stays the first to be tried, so that an answer in another order moves nobody.
            std::string current = known.addresses.empty() ? "" : known.addresses[known.turn % known.addresses.size()];
            known.addresses = std::move(*answer);
            auto same = std::find(known.addresses.begin(), known.addresses.end(), current);
            known.turn = same == known.addresses.end() ? 0 : static_cast<std::size_t>(same - known.addresses.begin());
        }
        // An address that was right may still be, though nobody can say so just now.
        if (!answer) known.why = kit::text("cannot be looked up: ", answer.error().detail);
    }
    if (!all.empty() && answered_) answered_();
}

void Names::await() {
    bell_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
        if (error) return;
        std::uint64_t count = 0;
        (void)!::read(desk_->bell.get(), &count, sizeof count);
        take_answers();
        await();
    });
}

/// Forgets the name that was used longest ago, of those that are not asked for just now.
bool Names::make_room() {
    auto oldest = names_.end();
    for (auto at = names_.begin(); at != names_.end(); ++at)
        if (!at->second.is_asked && (oldest == names_.end() || at->second.used < oldest->second.used)) oldest = at;
    if (oldest == names_.end()) return false;
    names_.erase(oldest);
    return true;
}

Result<std::vector<std::string>> look_up(const std::string& name) {
    addrinfo wish{};
    wish.ai_socktype = SOCK_STREAM;
    wish.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (int error = ::getaddrinfo(name.c_str(), nullptr, &wish, &found); error != 0)
        return fail(Code::unavailable, ::gai_strerror(error));
    std::vector<std::string> out;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
            out.emplace_back(text);
    }
    ::freeaddrinfo(found);
    if (out.empty()) return fail(Code::unavailable, "it has no address");
    return out;
}

}  // namespace ashlar::host
