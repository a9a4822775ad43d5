#include "AshlarAdmin.h"
#include "ashlar_constants.h"
#include "host/admin_codec.h"
#include "host/plugin_module.h"
#include "host/thrift_memory.h"
#include "kit/text.h"
#include "member/verdict.h"

namespace ashlar::host {
namespace {

thrift::Fact fact(std::string name, std::string text) {
    thrift::Fact out;
    out.name = std::move(name);
    out.text = std::move(text);
    return out;
}

void write_engine(const EngineStats& stats, std::vector<thrift::Fact>& out) {
    out.push_back(fact("entries_estimate", kit::text(stats.entries_estimate)));
    out.push_back(fact("memory_bytes", kit::text(stats.memory_bytes)));
    out.push_back(fact("disk_bytes", kit::text(stats.disk_bytes)));
    out.push_back(fact("log_bytes", kit::text(stats.log_bytes)));
    out.push_back(fact("applied_sequence", kit::text(stats.applied)));
    out.push_back(fact("synced_sequence", kit::text(stats.synced)));
    for (const auto& [name, number] : stats.facts) out.push_back(fact(name, kit::text(number)));
}

const char* name_of(Channel channel) {
    switch (channel) {
        case Channel::gossip:
            return "gossip";
        case Channel::probe:
            return "probe";
        case Channel::indirect:
            return "indirect";
        case Channel::data_path:
            return "data_path";
        case Channel::word:
            return "word";
    }
    return "unknown";
}

thrift::NodeStanding described(const StandingFacts& from) {
    thrift::NodeStanding out;
    out.node = kit::hex16(from.entry.node.value);
    out.name = from.entry.name;
    out.state = member::name_of(from.state);
    out.datacentre = from.entry.datacentre;
    out.rack = from.entry.rack;
    out.address = from.entry.clients_at;
    out.incarnation = static_cast<std::int32_t>(from.entry.incarnation >> 16);
    out.epoch = static_cast<std::int64_t>(from.entry.epoch.value);
    out.heard_ms_ago = from.heard_ms_ago;
    for (Channel channel : from.against) out.against.emplace_back(name_of(channel));
    out.accused_by = from.accusers;
    out.load_milli = static_cast<std::int32_t>(from.entry.load_milli);
    out.hints_kept = static_cast<std::int64_t>(from.entry.hints);
    out.hints_owed = static_cast<std::int64_t>(from.owed);
    out.hints_owed_bytes = static_cast<std::int64_t>(from.owed_bytes);
    out.member = from.member;
    out.convergence_age_ms = from.entry.convergence_age.us / 1000;
    out.refilling_milli = static_cast<std::int32_t>(from.entry.refilling_milli);
    return out;
}

thrift::TableConvergence described(const ConvergenceFacts& from) {
    thrift::TableConvergence out;
    out.table = from.table;
    out.partitions = static_cast<std::int64_t>(from.figures.partitions);
    out.never_proven = static_cast<std::int64_t>(from.figures.never_proven);
    out.oldest_ms = from.figures.oldest.us / 1000;
    out.tombstones_waiting = static_cast<std::int64_t>(from.figures.waiting_tombstones);
    return out;
}

thrift::TableDescription described(const port::Table& table) {
    thrift::TableDescription out;
    out.name = table.name;
    out.id = static_cast<std::int32_t>(table.id.value);
    out.replicas = static_cast<std::int32_t>(table.replication.replicas);
    for (const auto& [datacentre, replicas] : table.replication.per_datacentre) {
        thrift::ReplicationEntry& entry = out.per_datacentre.emplace_back();
        entry.datacentre = datacentre;
        entry.replicas = static_cast<std::int32_t>(replicas);
    }
    out.resolver = table.resolver;
    out.engine = table.engine;
    out.ttl_s = table.ttl.us / 1'000'000;
    out.read_level = static_cast<std::int32_t>(table.read.level);
    out.read_replicas = static_cast<std::int32_t>(table.read.count);
    out.write_level = static_cast<std::int32_t>(table.write.level);
    out.write_replicas = static_cast<std::int32_t>(table.write.count);
    return out;
}

template <class Outcome, class Fill>
void encode(const ReplyTo& to, Bytes& out, Fill fill) {
    Outcome outcome;
    outcome.__isset.success = true;
    outcome.success.status = thrift::g_ashlar_constants.STATUS_OK;
    fill(outcome.success);
    write_message(to, message_reply, outcome, out);
}

}  // namespace

void encode_status(const ReplyTo& to, const StatusFacts& facts, Bytes& out) {
    encode<thrift::AshlarAdmin_status_result>(to, out, [&](thrift::StatusResponse& status) {
        status.version = ASHLAR_VERSION;
        status.cluster = facts.cluster;
        status.node = kit::hex16(facts.node.value);
        status.name = facts.name;
        status.epoch = static_cast<std::int64_t>(facts.ring->epoch.value);
        status.uptime_s = facts.uptime_s;
        status.state = facts.state;
        status.incarnation = static_cast<std::int32_t>(facts.incarnation);
        for (std::size_t i = 0; i < facts.ring->members.size(); ++i) {
            const Member& from = facts.ring->members[i];
            thrift::RingMember& member = status.members.emplace_back();
            member.node = kit::hex16(from.node.value);
            if (i < facts.addresses.size()) member.address = facts.addresses[i];
            member.datacentre = from.datacentre;
            member.rack = from.rack;
            member.capacity = static_cast<std::int32_t>(from.capacity);
        }
        for (const StandingFacts& node : facts.nodes) status.nodes.push_back(described(node));
        status.problem = facts.problem;
        status.convergence_target_ms = facts.convergence_target.us / 1000;
        for (const ConvergenceFacts& table : facts.convergence) status.convergence.push_back(described(table));
        status.tombstones_wait_for = facts.tombstones_wait_for;
        write_engine(facts.engine, status.engine);
        for (const auto& [name, number] : facts.counters) status.counters.push_back(fact(name, kit::text(number)));
    });
}

void encode_tables(const ReplyTo& to, const std::vector<const port::Table*>& tables, Bytes& out) {
    encode<thrift::AshlarAdmin_describe_tables_result>(to, out, [&](thrift::DescribeTablesResponse& answer) {
        for (const port::Table* table : tables) answer.tables.push_back(described(*table));
    });
}

void encode_table_done(const ReplyTo& to, const port::Table& table, Bytes& out) {
    if (to.method == method_name(AdminMethod::drop_table)) {
        encode<thrift::AshlarAdmin_drop_table_result>(
            to, out, [&](thrift::DropTableResponse& answer) { answer.id = static_cast<std::int32_t>(table.id.value); });
    } else {
        encode<thrift::AshlarAdmin_create_table_result>(
            to, out, [&](thrift::CreateTableResponse& answer) { answer.table = described(table); });
    }
}

void encode_config(const ReplyTo& to, const std::vector<Config::Entry>& entries, Bytes& out) {
    encode<thrift::AshlarAdmin_config_result>(to, out, [&](thrift::ConfigResponse& answer) {
        for (const Config::Entry& from : entries) {
            thrift::ConfigEntry& entry = answer.entries.emplace_back();
            entry.name = from.name;
            entry.text = from.text;
            entry.origin = from.origin;
        }
    });
}

void encode_plugins(const ReplyTo& to, const std::vector<PluginCardFacts>& plugins, Bytes& out) {
    encode<thrift::AshlarAdmin_plugins_result>(to, out, [&](thrift::PluginsResponse& answer) {
        for (const PluginCardFacts& from : plugins) {
            thrift::PluginCard& card = answer.plugins.emplace_back();
            card.kind = kind_name(from.item->kind);
            card.name = from.item->name;
            card.path = from.item->path;
            card.loaded = from.used;
            if (const Descriptor* descriptor = from.item->descriptor) {
                card.version = descriptor->version;
                card.summary = descriptor->summary;
                card.cluster_affecting = (descriptor->capabilities & cluster_affecting) != 0;
                card.deterministic = (descriptor->capabilities & deterministic) != 0;
            } else {
                card.__set_refusal(from.item->refusal);
            }
        }
    });
}

}  // namespace ashlar::host
