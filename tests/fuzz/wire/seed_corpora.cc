// Writes inputs that the real encoders make, for the fuzzers to begin with: seed_corpora DIRECTORY makes
// DIRECTORY/fuzz_gossip, fuzz_hint, fuzz_agreed and fuzz_wire_frame.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "accord/acceptor.h"
#include "ledger/ledger.h"
#include "port/hint.h"
#include "wire/frame.h"

using namespace ashlar;
using namespace ashlar::wire;

namespace {

std::filesystem::path root;

void put(const std::string& target, const std::string& name, View bytes) {
    std::filesystem::create_directories(root / target);
    std::ofstream(root / target / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Bytes bytes_of(const Message& message) {
    Bytes out;
    encode(message, out);
    return out;
}

RosterEntry entry(std::uint64_t node, std::uint32_t life, std::uint64_t heartbeat) {
    RosterEntry out;
    out.node = NodeId{node};
    out.incarnation = life;
    out.heartbeat = heartbeat;
    out.name = "n" + std::to_string(node);
    out.datacentre = "dc1";
    out.rack = "rack1";
    out.clients_at = out.link_at = out.background_at = out.name + ":7";
    out.parts = "partitioner equal_partitions 1.0.0; replicator simple 1.0.0";
    out.accuses = {NodeId{1}, NodeId{3}};
    return out;
}

ledger::State state(std::uint64_t epoch) {
    ledger::State out;
    out.cluster = "ashlar";
    out.name = "n1";
    out.node = NodeId{1};
    out.partitioner = "equal_partitions";
    out.engine = "lsm";
    out.agreed.ring.epoch = Epoch{epoch};
    for (std::uint64_t node = 1; node <= 3; ++node)
        out.agreed.ring.members.push_back(Member{NodeId{node}, "dc1", "r", 1});
    out.agreed.ring.claims = {Claim{0, NodeId{1}}, Claim{std::uint64_t{1} << 63, NodeId{2}}};
    port::Table table;
    table.id = TableId{1};
    table.name = "default";
    table.replication.replicas = 3;
    out.agreed.tables = {table};
    out.agreed.last_table = 1;
    out.agreed.origin = 99;
    return out;
}

void gossip() {
    std::vector<Message> said;
    for (std::uint64_t node = 1; node <= 3; ++node) {
        said.push_back(GossipDelta{{entry(node, 1, 5), entry(node, 2, 1)}, {RosterMark{NodeId{1}, 0, 0}}});
        said.push_back(GossipDigest{{RosterMark{NodeId{node}, 1, 6}, RosterMark{NodeId{1}, 1, 900}}});
        said.push_back(Probe{Ref{node}, NodeId{node}, milliseconds(900)});
        said.push_back(ProbeAnswer{Ref{node}, NodeId{node}, true});
    }
    Bytes all;
    kit::Writer out(all);
    std::uint8_t who = 66;
    for (const Message& message : said) {
        Bytes one;
        kit::Writer single(one);
        for (kit::Writer* to : {&single, &out}) {
            to->u8(who);
            to->blob(bytes_of(message));
        }
        put("fuzz_gossip", "said-" + std::to_string(who++), one);
    }
    put("fuzz_gossip", "all", all);
}

void agreed() {
    ledger::State held = state(1);
    put("fuzz_agreed", "agreed", ledger::encode_agreed(held.agreed));
    put("fuzz_agreed", "ledger", ledger::encode(held));
    const std::uint64_t voters = accord::voters_mark(99, accord::voters_of(held.agreed));
    Bytes next = ledger::encode_agreed(state(2).agreed);
    Bytes votes;
    kit::Writer out(votes);
    for (std::uint64_t round : {1u, 2u, 70'000u}) {
        out.blob(bytes_of(Prepare{Epoch{2}, {round, NodeId{2}}, voters}));
        out.blob(bytes_of(Accept{Epoch{2}, {round, NodeId{3}}, voters, next}));
    }
    put("fuzz_agreed", "votes", votes);
}

void hints() {
    const EntryKey key{77, TableId{1}, "key"};
    put("fuzz_hint", "key", port::encode_hint_key(port::HintKey{NodeId{7}, key}));
    Bytes records;
    kit::Writer out(records);
    out.blob(port::encode_hint(port::HintRecord{5, 3}));
    out.blob(port::encode_hint(port::HintRecord{9, 1}));
    put("fuzz_hint", "records", records);
    put("fuzz_hint", "give", bytes_of(HintGive{Ref{1}, key, "entry"}));
    put("fuzz_hint", "taken", bytes_of(HintTaken{Ref{1}, {}, 500}));
}

void frames() {
    FrameWriter writer(Sender{NodeId{2}, 1}, 7);
    writer.add(Greeting{"ashlar", "n2", 1, 1, "partitioner equal_partitions 1.0.0"});
    writer.add(GossipDelta{{entry(2, 1, 5)}, {}});
    writer.add(StateAsk{Epoch{1}});
    Bytes frame;
    writer.take(frame);
    put("fuzz_wire_frame", "frame", frame);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "seed_corpora DIRECTORY\n");
        return 2;
    }
    root = arguments[1];
    gossip();
    agreed();
    hints();
    frames();
    return 0;
}
