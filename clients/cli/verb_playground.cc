// playground: a whole cluster on this machine, until Ctrl-C.
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include "argument_forms.h"
#include "daemon_program.h"
#include "forming.h"
#include "free_ports.h"
#include "json_forms.h"
#include "session.h"

namespace ashlar::cli {

using namespace play;

namespace {

namespace files = std::filesystem;

/// The directory of a playground; removed with this object unless it is to be kept.
class Room {
public:
    ~Room() {
        std::error_code bad;
        if (passing_) files::remove_all(path_, bad);
    }

    Outcome<Done> open(const std::string& keep) {
        std::error_code bad;
        if (!keep.empty()) {
            path_ = files::absolute(keep).lexically_normal();
            if (!path_.has_filename()) path_ = path_.parent_path();
            files::create_directories(path_, bad);
            if (bad) return failed("cannot make " + path_.string() + ": " + bad.message());
            return Done{};
        }
        std::string wanted = (files::temp_directory_path(bad) / "ashlar-playground.XXXXXX").string();
        if (bad || ::mkdtemp(wanted.data()) == nullptr) {
            return failed("cannot make a directory like " + wanted + ": " + std::strerror(errno));
        }
        path_ = wanted;
        passing_ = true;
        return Done{};
    }
    std::string path() const { return path_.string(); }

private:
    files::path path_;
    bool passing_ = false;
};

std::string counted(std::size_t number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

Outcome<Layout> layout_in(const std::string& directory, const Playground& wanted) {
    auto found = read_layout(directory);
    if (!found) return found.failure();
    std::string program = wanted.daemon.empty() ? daemon_program() : wanted.daemon;
    if (*found) {
        Layout& layout = **found;
        auto all = static_cast<std::size_t>(wanted.nodes * wanted.datacentres);
        if (layout.nodes.size() != all || layout.datacentres != wanted.datacentres) {
            return misused(directory + " holds a playground with --nodes " +
                           std::to_string(layout.nodes.size() / static_cast<std::size_t>(layout.datacentres)) +
                           " --dcs " + std::to_string(layout.datacentres) + ": say so, or take another directory");
        }
        layout.program = program;
        return layout;
    }
    FreePorts ports;
    return lay_out(wanted, directory, program, [&] { return ports.next(); });
}

boost::json::object document_of(const Layout& layout, const Daemons* daemons) {
    auto out = json_document();
    for (auto& member : json_layout(layout)) out[member.key()] = member.value();
    out["ready"] = daemons != nullptr;
    if (daemons == nullptr) return out;
    out["process"] = ::getpid();
    out["table"] = table_name;
    boost::json::array& nodes = out["nodes"].as_array();
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].as_object()["process"] = daemons->process(i);
    return out;
}

void show(const Layout& layout, const Daemons& daemons, std::int64_t epoch, const thrift::TableDescription& table,
          bool kept, Output& out) {
    out.line(out.paint(Colour::bold, counted(layout.nodes.size(), "node")) + " in " +
             counted(static_cast<std::size_t>(layout.datacentres), "data centre") + ", ring epoch " +
             std::to_string(epoch) + ", in " + layout.directory);
    out.line("");
    Grid grid({"NODE", "DATACENTRE", "CLIENTS", "ADMIN", "PROCESS"});
    for (std::size_t i = 0; i < layout.nodes.size(); ++i) {
        const NodePlace& node = layout.nodes[i];
        grid.add(
            {node.name, node.datacentre, node.clients.text(), node.admin.text(), std::to_string(daemons.process(i))});
    }
    grid.print(out);
    out.line("");
    out.raw("Table ");
    out.raw(table_name);
    out.raw(": " + counted(static_cast<std::size_t>(table.replicas), "replica"));
    out.raw(layout.datacentres > 1 ? " in each data centre" : "");
    out.line(", reads and writes at " + level_name(table.write_level, table.write_replicas) +
             ". Try, in another terminal:");
    out.line("  . " + layout.directory + "/env");
    out.line("  ashlar put cup tea && ashlar get cup");
    out.line("  ashlar key explain cup                      # which nodes hold it, who wrote it when");
    out.line("  ashlar status                               # who is there, what is owed to whom");
    if (layout.nodes.size() > 2) {
        std::string kill = "  kill -9 " + std::to_string(daemons.process(layout.nodes.size() - 1));
        kill.resize(46, ' ');
        out.line(kill + "# put, get and status go on; a while later it is down");
        out.line("  ashlard --config $PLAYGROUND/" + layout.nodes.back().name +
                 "/ashlar.yaml &    # it is back and is paid its hints");
    }
    out.line(kept ? "Ctrl-C stops the nodes and leaves the directory."
                  : "Ctrl-C stops the nodes and removes the directory.");
    out.flush();
}

/// Until somebody asks to end; tells of nodes that ended before.
void watch(const Layout& layout, Daemons& daemons, Interrupts& interrupts, Session& session) {
    constexpr int look_ms = 1000;
    while (!interrupts.wait(look_ms)) {
        for (const auto& gone : daemons.ended()) {
            const NodePlace& node = layout.nodes[gone.node];
            session.out.remark(node.name + " ended " + how_it_ended(gone.status) + "; again: " + layout.program +
                               " --config " + node.config + " &");
        }
    }
}

}  // namespace

Exit run(const Playground& wanted, Session& session) {
    Room room;
    if (auto ready = room.open(wanted.keep); !ready) return session.fail(ready.failure());
    auto layout = layout_in(room.path(), wanted);
    if (!layout) return session.fail(layout.failure());
    if (auto written = write_layout(*layout, wanted.settings); !written) return session.fail(written.failure());
    if (wanted.prepare) {
        if (session.json)
            session.document(document_of(*layout, nullptr));
        else
            session.out.line("Prepared in " + layout->directory +
                             "; start each with ashlard --config NODE/ashlar.yaml");
        return Exit::ok;
    }
    Interrupts interrupts;
    Daemons daemons(*layout);
    if (auto started = daemons.start(); !started) return session.fail(started.failure());
    session.out.progress("waiting for the ring");
    auto epoch = wait_for_ring(*layout, daemons, interrupts);
    if (!epoch) return session.fail(epoch.failure());
    auto table = wait_for_table(*layout, daemons, interrupts);
    if (!table) return session.fail(table.failure());
    session.out.progress("");
    if (session.json)
        session.document(document_of(*layout, &daemons));
    else
        show(*layout, daemons, *epoch, *table, !wanted.keep.empty(), session.out);
    session.out.flush();
    watch(*layout, daemons, interrupts, session);
    Exit out = Exit::ok;
    for (const auto& bad : daemons.stop()) {
        const NodePlace& node = layout->nodes[bad.node];
        session.out.complain(node.name + " ended " + how_it_ended(bad.status) + ":" + last_words(node, 5));
        out = Exit::failed;
    }
    return out;
}

}  // namespace ashlar::cli
