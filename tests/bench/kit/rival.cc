#include "rival.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "loopback.h"

namespace ashlar::bench {
namespace {

enum class End { first, last };

bool spread = false;

/// Binds this thread, and what it starts, to one processor: the first or the last it may use.
void stay_on(End end) {
    cpu_set_t all, one;
    if (spread || ::sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2) return;
    int at = end == End::first ? 0 : CPU_SETSIZE - 1;
    while (!CPU_ISSET(at, &all)) at += end == End::first ? 1 : -1;
    CPU_ZERO(&one);
    CPU_SET(at, &one);
    ::sched_setaffinity(0, sizeof one, &one);
}

/// Two processes on one processor exchange a request at a fifth of what it costs across two, at one connection; where
/// the system puts them is chance, so neither is left to it.
void stay_on_server_processor() {
    stay_on(End::last);
}

}  // namespace

void let_processes_spread() {
    spread = true;
}

void stay_on_load_processor() {
    stay_on(End::first);
}

Rival Rival::program(const std::vector<std::string>& command, const std::string& log_file,
                     const std::vector<std::string>& environment) {
    pid_t pid = ::fork();
    if (pid != 0) return Rival(pid);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on_server_processor();
    int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    for (const std::string& line : environment) ::putenv(const_cast<char*>(line.c_str()));
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
}

Rival Rival::function(const std::function<void()>& body) {
    pid_t pid = ::fork();
    if (pid != 0) return Rival(pid);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on_server_processor();
    body();
    ::_exit(0);
}

Rival::~Rival() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    for (int i = 0; i < 500; ++i) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool Rival::alive() const { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

double cpu_us_of(pid_t pid) {
    // The first figure of schedstat is the thread's time on a processor in nanoseconds.
    double total = 0;
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
        std::ifstream file(thread.path() / "schedstat");
        double ns = 0;
        if (file >> ns) total += ns / 1000;
    }
    return total;
}

std::uint16_t free_port() {
    int s = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(s, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
        ::getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        throw std::runtime_error("no free port on 127.0.0.1");
    ::close(s);
    return ntohs(at.sin_port);
}

bool wait_for_port(std::uint16_t port, double seconds) {
    for (int i = 0; i < seconds * 50; ++i) {
        if (int s = connect_to(port); s >= 0) {
            ::close(s);
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

}  // namespace ashlar::bench
