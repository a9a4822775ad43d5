// The answer to explain_key as the operator's API has it.
#include "AshlarAdmin.h"
#include "ashlar_constants.h"
#include "host/admin_codec.h"
#include "host/thrift_memory.h"
#include "host/wire_order.h"
#include "kit/context.h"
#include "kit/text.h"
#include "member/verdict.h"

namespace ashlar::host {
namespace {

const char* name_of(VersionKind kind) {
    switch (kind) {
        case VersionKind::value:
            return "value";
        case VersionKind::removed:
            return "removed";
        case VersionKind::expired:
            return "expired";
    }
    return "unknown";
}

const char* name_of(port::ExplainedReplica::Said said) {
    using Said = port::ExplainedReplica::Said;
    switch (said) {
        case Said::nothing:
            return "nothing";
        case Said::entry:
            return "entry";
        case Said::failed:
            return "failed";
        case Said::unreachable:
            return "unreachable";
        case Said::silent:
            return "silent";
    }
    return "unknown";
}

/// Configured names of the nodes that are spoken of.
class Names {
public:
    explicit Names(const port::Explanation& explanation) : explanation_(explanation) {}
    std::string of(NodeId node) const {
        for (const port::ExplainedReplica& replica : explanation_.replicas)
            if (replica.node == node && !replica.name.empty()) return replica.name;
        return {};
    }
    std::string or_id(NodeId node) const {
        std::string name = of(node);
        return name.empty() ? kit::hex16(node.value) : name;
    }

private:
    const port::Explanation& explanation_;
};

thrift::ExplainedVersion described(const port::ExplainedVersion& from) {
    thrift::ExplainedVersion out;
    out.what = name_of(from.kind);
    char dot[dot_text_max];
    out.dot.assign(dot, write_dot(from.dot, dot));
    out.writer = from.writer;
    out.written_us = from.wall.us;
    if (from.expires.us != 0) out.__set_expires_us(from.expires.us);
    out.value_bytes = static_cast<std::int64_t>(from.bytes);
    if (from.kind == VersionKind::value) out.value_hash = kit::hex16(from.hash);
    return out;
}

thrift::ExplainedEntry described(const port::ExplainedEntry& from, const Names& names) {
    thrift::ExplainedEntry out;
    out.entry_bytes = static_cast<std::int64_t>(from.bytes);
    if (from.bytes != 0) out.entry_hash = kit::hex16(from.hash);
    out.truncated = from.truncated;
    for (const port::ExplainedVersion& version : from.versions) out.versions.push_back(described(version));
    auto context = kit::CausalContext::parse(from.context);
    if (!context) return out;
    for (const kit::CausalContext::Seen& seen : context->seen()) {
        thrift::ClockPart& part = out.clock.emplace_back();
        part.node = kit::hex16(seen.actor.node.value);
        part.name = names.of(seen.actor.node);
        part.incarnation = static_cast<std::int32_t>(seen.actor.incarnation);
        part.base = static_cast<std::int64_t>(seen.base);
        for (std::uint64_t counter : seen.dots) part.dots.push_back(static_cast<std::int64_t>(counter));
    }
    return out;
}

thrift::ExplainedReplica described(const port::ExplainedReplica& from, const Names& names) {
    thrift::ExplainedReplica out;
    out.node = kit::hex16(from.node.value);
    out.name = from.name;
    out.datacentre = from.datacentre;
    out.rack = from.rack;
    out.state = member::name_of(from.state);
    out.rank = static_cast<std::int32_t>(from.rank);
    out.owner = from.owner;
    if (from.stands_in_for.value != 0) out.stands_in_for = names.or_id(from.stands_in_for);
    out.said = name_of(from.said);
    out.detail = from.error.detail;
    out.epoch = static_cast<std::int64_t>(from.epoch.value);
    out.entry = described(from.entry, names);
    for (NodeId owner : from.owes) out.owes.push_back(names.or_id(owner));
    out.lacks = static_cast<std::int32_t>(from.lacks);
    out.outdated = static_cast<std::int32_t>(from.outdated);
    out.repaired = from.repaired;
    return out;
}

}  // namespace

void encode_explanation(const ReplyTo& to, const port::Explanation& explanation, Bytes& out) {
    thrift::AshlarAdmin_explain_key_result outcome;
    outcome.__isset.success = true;
    thrift::ExplainKeyResponse& answer = outcome.success;
    answer.status = thrift::g_ashlar_constants.STATUS_OK;
    answer.table = explanation.table_name;
    answer.resolver = explanation.resolver;
    answer.token = kit::hex16(explanation.token);
    answer.partition_first = kit::hex16(explanation.partition.first);
    answer.partition_last = kit::hex16(explanation.partition.last);
    answer.epoch = static_cast<std::int64_t>(explanation.epoch.value);
    answer.owners = static_cast<std::int32_t>(explanation.owners);
    const Names names(explanation);
    for (const port::ExplainedReplica& replica : explanation.replicas)
        answer.replicas.push_back(described(replica, names));
    answer.joined = described(explanation.joined, names);
    write_message(to, message_reply, outcome, out);
}

}  // namespace ashlar::host
