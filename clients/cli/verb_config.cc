// config show: what the node runs with and why. config check: a file, judged by the daemon's own program.
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "admin_call.h"
#include "daemon_program.h"
#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

using Client = thrift::AshlarAdminClient;

}  // namespace

Exit run(const ConfigShow& wanted, Session& session) {
    auto answer = ask_admin(session, Repeat::elsewhere, &Client::config, thrift::ConfigRequest());
    if (!answer) return session.fail(answer.failure());
    Grid grid({"SETTING", "VALUE", "FROM"});
    boost::json::array settings;
    for (const auto& entry : answer->entries) {
        if (!entry.name.starts_with(wanted.prefix)) continue;
        bool chosen = entry.origin != "default";
        grid.add({escape(entry.name), escape(entry.text),
                  chosen ? session.out.paint(Colour::bold, escape(entry.origin)) : escape(entry.origin)});
        settings.push_back({{"name", entry.name}, {"value", entry.text}, {"origin", entry.origin}});
    }
    if (settings.empty()) {
        Failure missing = failed("no setting begins with " + wanted.prefix);
        missing.exit = Exit::not_found;
        return session.fail(missing);
    }
    if (session.json) {
        auto document = json_document();
        document["settings"] = std::move(settings);
        session.document(document);
    } else {
        grid.print(session.out);
    }
    return Exit::ok;
}

Exit run(const ConfigCheck& check, Session& session) {
    std::string program = check.daemon.empty() ? daemon_program() : check.daemon;
    session.out.flush();
    // Becomes the daemon's check: its messages (file:line: reason) and its exit code are the answer.
    ::execlp(program.c_str(), "ashlard", "--check-config", check.file.c_str(), static_cast<char*>(nullptr));
    return session.fail(failed("cannot run " + program + ": " + std::strerror(errno) +
                               ". Name the daemon with --ashlard, or run: ashlard --check-config " + check.file));
}

}  // namespace ashlar::cli
