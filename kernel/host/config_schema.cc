#include "host/config_schema.h"

#include <array>

namespace ashlar::host {
namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t ms = 1000;
constexpr std::int64_t second = 1000 * ms;
constexpr std::int64_t hour = 3600 * second;
using enum SettingType;

constexpr std::array cluster{
    SettingSpec{"name", text, "ashlar", 0, 0, nullptr,
                "Nodes of different clusters refuse each other, and a node refuses data of another cluster."},
    SettingSpec{"seeds", text, "", 0, 0, nullptr,
                "Nodes to ask for all others, as a list of host:port of their listen.background; may name this one."},
    SettingSpec{"expect", integer, "1", 1, 4096, nullptr,
                "How many nodes make the first ring. With 1 and no seeds the node stays alone and opens no port for "
                "others."},
    SettingSpec{"take_home_after", duration, "30 s", 0, 24 * hour, nullptr,
                "A node with an empty data directory and the name, data centre and rack of a member that is down so "
                "long takes that member's place and is filled by the others; 0: never by itself."},
};

constexpr std::array node{
    SettingSpec{"name", text, "node1", 0, 0, nullptr, "What people call this node; fixed once it has data."},
    SettingSpec{"data_directory", text, "/var/lib/ashlar", 0, 0, nullptr,
                "Everything this node stores. Absolute; made if only its last part is missing; one node each."},
    SettingSpec{"datacentre", text, "dc1", 0, 0, nullptr, "Where the node stands, for placement across data centres."},
    SettingSpec{"rack", text, "rack1", 0, 0, nullptr, "Where it stands inside the data centre: what fails together."},
    SettingSpec{"capacity", integer, "1", 0, 1000, nullptr,
                "Its weight: a node of capacity 2 owns twice as much as one of 1; 0 is a standby."},
};

constexpr std::array listen{
    SettingSpec{"clients", text, "127.0.0.1:7311", 0, 0, nullptr,
                "Address and port for clients; an IPv6 address stands in brackets; port 0 takes a free one."},
    SettingSpec{"admin", text, "127.0.0.1:7312", 0, 0, nullptr, "The same for operators."},
    SettingSpec{"advertise", text, "", 0, 0, nullptr,
                "host:port that other machines reach the clients' port by; empty: as listen.clients says."},
    SettingSpec{"peers", text, "127.0.0.1:7313", 0, 0, nullptr,
                "Address and port for requests of other nodes, if cluster.seeds or cluster.expect speak of any."},
    SettingSpec{"background", text, "127.0.0.1:7314", 0, 0, nullptr, "The same for gossip, agreement and hints."},
    SettingSpec{"advertise_peers", text, "", 0, 0, nullptr,
                "IP address and port that other nodes reach listen.peers by; empty: as it says."},
    SettingSpec{"advertise_background", text, "", 0, 0, nullptr,
                "host:port that other nodes reach listen.background by; empty: as it says."},
    SettingSpec{"insecure_without_tls", text, "no", 0, 0, "no|yes-i-know",
                "Any address but loopback is refused unless this says yes-i-know: traffic is neither encrypted nor "
                "authenticated."},
};

constexpr std::array limits{
    SettingSpec{"entry_bytes", bytes, "10 KiB", 64, 4 * mib, nullptr, "Key and value of a put, together."},
    SettingSpec{"context_bytes", bytes, "16 KiB", 256, mib, nullptr, "A context that a client gives back."},
    SettingSpec{"siblings_warn", integer, "25", 1, 10'000, nullptr, "Siblings of an entry that are worth a warning."},
    SettingSpec{"siblings_refuse", integer, "100", 2, 10'000, nullptr,
                "Siblings from which a key refuses puts without context."},
    SettingSpec{"batch_items", integer, "1024", 1, 1024, nullptr, "Items of a multi_get or multi_put."},
    SettingSpec{"page_entries", integer, "1000", 1, 100'000, nullptr, "Entries of a scan page: default and ceiling."},
    SettingSpec{"page_bytes", bytes, "4 MiB", 64 * kib, 64 * mib, nullptr, "A scan page ends when it is so large."},
    SettingSpec{"waiting_orders", integer, "10000", 16, 1'000'000, nullptr,
                "Requests that may wait for disk or peers; more are refused as overloaded."},
    SettingSpec{"tombstone_grace", duration, "10 min", second, 400 * 24 * hour, nullptr,
                "What a remove leaves behind is kept at least so long; a request id names one write for as long."},
    SettingSpec{"request_timeout", duration, "5 s", ms, hour, nullptr, "What a request may take if it does not say."},
    SettingSpec{"request_timeout_max", duration, "60 s", ms, hour, nullptr, "What a request may ask for at most."},
    SettingSpec{"frame_bytes", bytes, "16 MiB", 64 * kib, 256 * mib, nullptr,
                "One request frame; a larger one closes its connection before memory is taken."},
    SettingSpec{"connections", integer, "10000", 1, 1'000'000, nullptr, "Open client connections in all."},
    SettingSpec{"connections_per_address", integer, "4000", 1, 1'000'000, nullptr,
                "Open client connections from one address."},
    SettingSpec{"admin_connections", integer, "64", 1, 10'000, nullptr, "Open operator connections."},
    SettingSpec{
        "peer_connections", integer, "1024", 8, 65'536, nullptr,
        "Connections that other nodes may open to each port for nodes in all; a quarter of them from one address."},
    SettingSpec{"hint_bytes", bytes, "1 GiB", mib, 1024 * gib, nullptr,
                "What this node keeps for absent owners; beyond it a write is refused before it is acknowledged, and "
                "the next stand-in is asked."},
    SettingSpec{"clock_skew", duration, "60 s", second, 24 * hour, nullptr,
                "How far the nodes' clocks may be apart in tables where the latest write wins: a context of a later "
                "moment is refused, and status tells of a clock that is farther off."},
    SettingSpec{
        "speculate_after", duration, "50 ms", ms, hour, nullptr,
        "A replica that lets a read wait for so long is covered by another: sooner, once the table's reads have "
        "shown their p99."},
    SettingSpec{"foreground_p99", duration, "50 ms", ms, hour, nullptr,
                "Background work of others yields to this node's clients while one in a hundred waits longer."},
    SettingSpec{"peer_queue_bytes", bytes, "16 MiB", mib, gib, nullptr,
                "What may wait to be sent to one node; when it is full, requests to it count as not answered."},
    SettingSpec{"pipeline_depth", integer, "128", 1, 10'000, nullptr,
                "Requests of one connection under way at once; more stay unread in the socket."},
    SettingSpec{"buffer_bytes", bytes, "256 MiB", mib, 64 * gib, nullptr,
                "Memory of all connection buffers together; above it reading pauses, then connections close."},
    SettingSpec{"idle_timeout", duration, "60 s", 100 * ms, 24 * hour, nullptr,
                "A connection on which nothing happens is closed after it."},
    SettingSpec{"handshake_timeout", duration, "5 s", 10 * ms, hour, nullptr,
                "A new connection must have sent its first whole request by then."},
    SettingSpec{"frame_timeout", duration, "10 s", 10 * ms, hour, nullptr,
                "A request must be whole, and a reply taken, within this time."},
};

constexpr std::array sync{
    SettingSpec{"mode", text, "always", 0, 0, "always|interval|never",
                "When a write is acknowledged: always once it is synced to the disk; interval once it is in memory, "
                "synced each sync.interval; never once it is in memory, synced when the system does. A request "
                "may say otherwise."},
    SettingSpec{"interval", duration, "1 s", ms, hour, nullptr,
                "With mode interval: what a power cut may lose at most."},
    SettingSpec{"write_interval", duration, "10 ms", ms, hour, nullptr,
                "With modes interval and never: what a crash of the process may lose at most."},
};

constexpr std::array repair{
    SettingSpec{"convergence_target", duration, "60 s", second, 400 * 24 * hour, nullptr,
                "How long ago the replicas of a partition may have been proven equal last: each is compared three "
                "times as often, and status tells when one is older."},
    SettingSpec{"window", text, "", 0, 0, nullptr,
                "Hours of the day, UTC, in which replicas are compared, such as 22:00-06:00; empty: always. What is "
                "known to be missing somewhere, and what an operator orders, is repaired at any hour."},
    SettingSpec{"keys_per_bucket", integer, "1000", 16, 1'000'000, nullptr,
                "Keys that a leaf of the hash trees stands for, about: fewer cost 64 bytes of memory each, more are "
                "read again for every key that was written."},
};

constexpr std::array lanes{
    SettingSpec{"read_threads", integer, "4", 1, 256, nullptr, "Threads for look-ups and scans that need the disk."},
    SettingSpec{"maintain_slice_bytes", bytes, "4 MiB", 64 * kib, gib, nullptr,
                "Input of one slice of flush or compaction."},
};

constexpr std::array log_{
    SettingSpec{"level", text, "info", 0, 0, "debug|info|warn|error", "The least important lines that are written."},
};

constexpr std::array plugins{
    SettingSpec{"directory", text, "", 0, 0, nullptr,
                "Where the plugins are, as an absolute path; neither it nor they may be writable by group or others. "
                "Empty: those built or installed with ashlard."},
};

constexpr std::array partitioner{
    SettingSpec{"use", text, "equal_partitions", 0, 0, nullptr,
                "Turns keys into places on the ring; fixed while there is data."},
};
constexpr std::array replicator{
    SettingSpec{"use", text, "simple", 0, 0, nullptr, "Chooses the nodes that hold a place of the ring."},
};
constexpr std::array failure_detector{
    SettingSpec{"use", text, "heartbeat", 0, 0, nullptr, "Tells which nodes are in trouble."},
};
constexpr std::array conflict_resolver{
    SettingSpec{"use", text, "dotted_version_vector", 0, 0, nullptr,
                "What new tables resolve conflicts with if they do not say; a table keeps its own for life."},
    SettingSpec{"load", text, "", 0, 0, nullptr,
                "Those that tables may use, as a list. Empty: all that are installed."},
};
constexpr std::array storage_engine{
    SettingSpec{"use", text, "lsm", 0, 0, nullptr, "Keeps the entries; fixed while there is data."},
};

}  // namespace

ConfigSchema kernel_schema() {
    return {
        {"cluster", "The cluster this node belongs to.", cluster},
        {"node", "This node.", node},
        {"listen", "Where the node listens. Loopback until told otherwise.", listen},
        {"limits", "Bounds; meeting one is an answer to the client, never a crash or a stall.", limits},
        {"sync", "How safe an acknowledged write is.", sync},
        {"repair", "How the replicas of a partition are kept equal.", repair},
        {"lanes", "Threads for what may block.", lanes},
        {"log", "Lines for the operator, on standard error.", log_},
        {"plugins", "The shared modules a node is made of.", plugins},
        {"partitioner", "Which partitioner; its own settings stand in a section of its name.", partitioner},
        {"replicator", "Which replicator.", replicator},
        {"failure_detector", "Which failure detector.", failure_detector},
        {"conflict_resolver", "Which conflict resolvers.", conflict_resolver},
        {"storage_engine", "Which storage engine.", storage_engine},
    };
}

std::string environment_name(std::string_view setting) {
    std::string out = "ASHLAR_";
    for (char c : setting) out.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return out;
}

}  // namespace ashlar::host
