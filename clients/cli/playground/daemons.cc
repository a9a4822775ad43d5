#include "daemons.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>

namespace ashlar::cli::play {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_patience = 20s;  ///< for a clean stop

/// Settings in our environment are not meant for the nodes: --set is.
void forget_own_settings() {
    std::vector<std::string> ours;
    for (char** at = environ; *at != nullptr; ++at) {
        std::string_view line = *at;
        if (line.starts_with("ASHLAR")) ours.emplace_back(line.substr(0, line.find('=')));
    }
    for (const std::string& name : ours) ::unsetenv(name.c_str());
}

/// Who holds the lock of a node's data directory; 0: nobody. The holder has noted its number there.
pid_t holder_of(const NodePlace& node) {
    int lock = ::open((node.directory + "/data/lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return 0;
    char noted[32] = {};
    bool held = ::flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!held || ::read(lock, noted, sizeof noted - 1) < 0) noted[0] = '\0';
    ::close(lock);
    return static_cast<pid_t>(std::strtol(noted, nullptr, 10));
}

bool runs(pid_t process) {
    return ::kill(process, 0) == 0;
}

}  // namespace

Outcome<Done> Daemons::start() {
    for (std::size_t i = 0; i < layout_.nodes.size(); ++i) {
        processes_[i] = launch(layout_.nodes[i]);
        if (processes_[i] < 0) return failed(std::string("cannot start another process: ") + std::strerror(errno));
    }
    return Done{};
}

pid_t Daemons::launch(const NodePlace& node) const {
    const pid_t parent = ::getpid();
    pid_t child = ::fork();
    if (child != 0) return child;
    // A group of its own, so that Ctrl-C at the terminal reaches us alone; but never without us.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    int nothing = ::open("/dev/null", O_RDONLY), log = ::open(node.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    forget_own_settings();
    ::execlp(layout_.program.c_str(), layout_.program.c_str(), "--config", node.config.c_str(),
             static_cast<char*>(nullptr));
    std::string why = "cannot run " + layout_.program + ": " + std::strerror(errno) + "\n";
    if (::write(STDERR_FILENO, why.data(), why.size()) < 0) ::_exit(126);
    ::_exit(127);
}

std::vector<Daemons::End> Daemons::ended() {
    std::vector<End> out;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        int status = 0;
        if (processes_[i] < 0 || ::waitpid(processes_[i], &status, WNOHANG) != processes_[i]) continue;
        processes_[i] = -1;
        out.push_back({i, status});
    }
    return out;
}

std::vector<pid_t> Daemons::running() const {
    std::vector<pid_t> out;
    for (pid_t process : processes_) {
        if (process > 0) out.push_back(process);
    }
    for (const NodePlace& node : layout_.nodes) {
        pid_t process = holder_of(node);
        if (process > 0 && std::find(out.begin(), out.end(), process) == out.end()) out.push_back(process);
    }
    return out;
}

std::vector<Daemons::End> Daemons::stop() {
    std::vector<End> out;
    auto reap = [&] {
        for (const End& end : ended()) {
            if (end.status != 0) out.push_back(end);
        }
    };
    // What had ended before has been told.
    ended();
    for (pid_t process : running()) {
        ::kill(process, SIGTERM);
        ::kill(process, SIGCONT);  // one that was stopped by a signal, to see what a hanging node does
    }
    const auto end = std::chrono::steady_clock::now() + stop_patience;
    for (bool killed = false;; std::this_thread::sleep_for(5ms)) {
        reap();
        auto left = running();
        std::erase_if(left, [](pid_t process) { return !runs(process); });
        if (left.empty()) return out;
        if (killed || std::chrono::steady_clock::now() < end) continue;
        for (pid_t process : left) ::kill(process, SIGKILL);
        killed = true;
    }
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) {
        return "by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
    }
    return "with exit code " + std::to_string(WEXITSTATUS(status));
}

std::string last_words(const NodePlace& node, std::size_t lines) {
    std::deque<std::string> kept;
    std::ifstream log(node.log);
    for (std::string line; std::getline(log, line);) {
        kept.push_back(line);
        if (kept.size() > lines) kept.pop_front();
    }
    std::string out;
    for (const std::string& line : kept) out += "\n" + line;
    return out;
}

}  // namespace ashlar::cli::play
