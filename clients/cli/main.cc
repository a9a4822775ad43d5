// The command `ashlar`: an ordinary Thrift client, one verb per run.
#include <csignal>
#include <exception>
#include <variant>

#include "arguments.h"
#include "session.h"

int main(int count, char** arguments) {
    using namespace ashlar::cli;
    std::signal(SIGPIPE, SIG_IGN);
    silence_thrift();
    Output out;
    try {
        Reading reading = read_arguments(count, arguments);
        if (!reading.order) return static_cast<int>(reading.exit);
        Session session(reading.order->common, out);
        Exit exit = std::visit([&](const auto& command) { return run(command, session); }, reading.order->command);
        out.flush();
        if (out.trouble().empty()) return static_cast<int>(exit);
        out.complain(out.trouble());
    } catch (const std::exception& problem) {
        // Out of memory, or a flaw of ours: say so and fail, with what was printed before it flushed.
        out.complain(std::string("stopped: ") + problem.what());
    }
    return static_cast<int>(Exit::failed);
}
