// The daemon: configuration -> plugins -> data directory -> ports -> node -> loop, wired on one screen.
//
// Exit: 0 after a clean stop, 1 when it cannot start or run, 2 for a bad configuration or command line.
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/seeded_random.h"
#include "host/client_desk.h"
#include "host/console_log.h"
#include "host/data_directory.h"
#include "host/front.h"
#include "host/looks.h"
#include "host/manual.h"
#include "host/node_loop.h"
#include "host/peer_roads.h"
#include "host/plugin_set.h"
#include "host/setup.h"
#include "host/start_line.h"
#include "kit/text.h"
#include "node/birth.h"

namespace {

using namespace ashlar;
using namespace ashlar::host;

std::uint64_t true_chance() {
    std::uint64_t seed = 0;
    if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) std::abort();
    return seed;
}

node::Identity identity(const Setup& setup, const std::string& clients_at) {
    const Config& config = setup.config;
    node::Identity out;
    out.cluster = config.section("cluster").text("name");
    out.name = config.section("node").text("name");
    out.datacentre = config.section("node").text("datacentre");
    out.rack = config.section("node").text("rack");
    out.capacity = static_cast<std::uint32_t>(config.section("node").integer("capacity"));
    out.expect = static_cast<std::uint32_t>(config.section("cluster").integer("expect"));
    const std::string& advertised = config.section("listen").text("advertise");
    out.address = advertised.empty() ? clients_at : advertised;
    out.partitioner = config.section("partitioner").text("use");
    out.replicator = config.section("replicator").text("use");
    out.engine = config.section("storage_engine").text("use");
    out.default_resolver = config.section("conflict_resolver").text("use");
    out.resolvers = setup.resolvers;
    return out;
}

/// Connections and table files are descriptors; shells and unit files start processes with few. A sentence if the
/// most that can be had is too little.
std::string raise_descriptor_limit(std::size_t connections) {
    constexpr rlim_t files = 4096;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max >= connections + files) return {};
    return kit::text("this process may open ", limit.rlim_max, " files, limits.connections wants ", connections,
                     " and the engine ", files, " more: raise LimitNOFILE or lower limits.connections");
}

/// One line on standard output, and in a file that appears whole.
Result<void> tell_ready(const std::string& line, const std::string& file) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    if (file.empty()) return {};
    std::string aside = file + ".new";
    std::ofstream(aside) << line << "\n";
    if (std::rename(aside.c_str(), file.c_str()) != 0) return fail(Code::io, "cannot write " + file);
    return {};
}

Result<void> serve(const Setup& setup, const Flags& flags, ConsoleLog& log) {
    const auto began = std::chrono::steady_clock::now();
    MeterBook meter;
    base::SeededRandom random(true_chance());
    auto directory = DataDirectory::open(setup.config.section("node").text("data_directory"));
    if (!directory) return directory.error();
    auto plugins = PluginSet::make(setup, log, meter, random);
    if (!plugins) return plugins.error();
    auto ledger = ledger::Ledger::open(*directory->own);
    if (!ledger) return ledger.error();

    Reactor reactor;
    OpenCalls calls;
    std::unique_ptr<node::Node> node;
    NodeLoop loop(reactor, Answers(calls),
                  static_cast<std::uint32_t>(setup.config.section("lanes").integer("read_threads")));
    PeerRoads roads({reactor, loop, random, meter, log}, setup);
    LookedAt looked_at{setup, **ledger, node, meter, roads, loop, loop.now().steady};
    ClientDesk client_desk(calls, loop, client_looks(looked_at), deadline_rules(setup.config));
    AdminDesk admin_desk(calls, loop, admin_looks(looked_at));
    BufferBudget budget{static_cast<std::size_t>(setup.config.section("limits").integer("buffer_bytes"))};
    Front clients({reactor, client_desk, budget, meter, log}, "clients", client_limits(setup.config));
    // Its own memory too: operators must get in when clients have filled theirs.
    BufferBudget admin_budget{16 << 20};
    Front admin({reactor, admin_desk, admin_budget, meter, log}, "admin", admin_limits(setup.config));
    auto clients_at = clients.bind(setup.clients);
    if (!clients_at) return clients_at.error();
    auto admin_at = admin.bind(setup.admin);
    if (!admin_at) return admin_at.error();
    if (auto bound = roads.bind(); !bound) return bound;

    const LastStop stop = last_stop(**ledger);
    node::Identity self = identity(setup, *clients_at);
    auto prepared = node::prepare(**ledger, self, random, (*plugins)->partitioner());
    if (!prepared) return prepared.error();
    if (auto made = (*plugins)->make_engine(*directory->engine); !made) return made.error();
    repair::TreeFile trees(*directory->own);
    const bool kept = (*plugins)->engine_keeps() == node::EngineKeeps::all;
    if (auto taken = trees.take((*ledger)->state(), kept); !taken) return taken;
    if (auto begun = node::begin_life(**ledger, (*plugins)->engine_keeps()); !begun) return begun.error();
    node::Parts parts;
    (*plugins)->fill(parts);
    parts.ledger = ledger->get();
    parts.trees = kept ? &trees : nullptr;
    parts.log = &log;
    parts.meter = &meter;
    parts.random = &random;
    parts.limits = node_limits(setup.config);
    parts.identity = self;
    parts.cluster = roads.rules();
    parts.accord.take_home_after = setup.config.section("cluster").duration("take_home_after");
    parts.self = roads.self((*ledger)->state(), *clients_at);
    if (auto served = roads.serve(parts.self, loop); !served) return served;
    node = std::make_unique<node::Node>(std::move(parts));
    loop.adopt(*node);
    loop.on_stop([&] {
        log.write(LogLevel::info, "stopping: taking no more connections, making everything durable");
        clients.stop_accepting();
        admin.stop_accepting();
    });

    const ledger::State& state = (*ledger)->state();
    log.write(LogLevel::info,
              kit::text("ashlard " ASHLAR_VERSION ": node ", state.name, " (", kit::hex16(state.node.value),
                        ") of cluster ", state.cluster, ", life ", state.incarnation, ", ", state.agreed.tables.size(),
                        " tables in ", setup.config.section("node").text("data_directory")));
    if (auto served = clients.serve(); !served) return served;
    if (auto served = admin.serve(); !served) return served;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    log.write(LogLevel::info, start_line(stop, state.incarnation, node->facts().engine, microseconds(took.count())));
    std::string ready = kit::text("ready: clients ", *clients_at, " admin ", *admin_at, roads.told());
    if (auto told = tell_ready(ready, flags.ready_file); !told) return told;
    loop.run();
    log.write(LogLevel::info, "stopped");
    return {};
}

int start(const Flags& flags) {
    auto setup = read_setup(flags);
    if (!setup) {
        std::fprintf(stderr, "%s\n", setup.error().detail.c_str());
        return 2;
    }
    if (flags.act == Flags::Act::check_config) {
        std::puts("ok");
        return 0;
    }
    ConsoleLog log(log_level_of(setup->config.section("log").text("level")));
    for (const std::string& warning : setup->warnings) log.write(LogLevel::warn, warning);
    if (setup->beyond_machine())
        log.write(
            LogLevel::warn,
            "listening beyond this machine without encryption or authentication, as listen.insecure_without_tls says");
    if (std::string note = raise_descriptor_limit(client_limits(setup->config).connections); !note.empty())
        log.write(LogLevel::warn, note);
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(0077);
    auto ended = serve(*setup, flags, log);
    if (ended) return 0;
    log.write(LogLevel::error, "cannot serve: " + ended.error().detail);
    return 1;
}

/// What is made of the schemas, on standard output; a sentence and 1 if some of them could not be had.
int print_whole(const Flags& flags, std::string (*make)(const ConfigSchema&)) {
    std::string missing;
    std::fputs(make(whole_schema(flags, missing)).c_str(), stdout);
    if (missing.empty()) return 0;
    std::fprintf(stderr, "ashlard: %s\n", missing.c_str());
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    auto flags = parse_flags({arguments + 1, arguments + count});
    if (!flags) {
        std::fprintf(stderr, "%s\n", flags.error().detail.c_str());
        return 2;
    }
    switch (flags->act) {
        case Flags::Act::help:
            std::fputs(usage, stdout);
            return 0;
        case Flags::Act::version:
            std::puts("ashlard " ASHLAR_VERSION);
            return 0;
        case Flags::Act::explain:
            return print_whole(*flags, manual);
        case Flags::Act::print_default_config:
            return print_whole(*flags, default_config);
        case Flags::Act::serve:
        case Flags::Act::check_config:
            break;
    }
    return start(*flags);
}
