// The answers that tell of long work, as the operator's API has them.
#include "AshlarAdmin.h"
#include "ashlar_constants.h"
#include "host/admin_codec.h"
#include "host/thrift_memory.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

using node::Errand;

const char* name_of(Errand::Kind kind) {
    switch (kind) {
        case Errand::Kind::scrub:
            return "scrub";
        case Errand::Kind::repair:
            return "repair";
        case Errand::Kind::verify:
            return "verify";
    }
    return "unknown";
}

const char* name_of(Errand::State state) {
    switch (state) {
        case Errand::State::running:
            return "running";
        case Errand::State::done:
            return "done";
        case Errand::State::failed:
            return "failed";
        case Errand::State::cancelled:
            return "cancelled";
    }
    return "unknown";
}

const char* name_of(node::Healing healing) {
    switch (healing) {
        case node::Healing::kept:
            return "kept";
        case node::Healing::refilling:
            return "refilling";
        case node::Healing::refilled:
            return "refilled";
    }
    return "unknown";
}

std::int64_t number(std::uint64_t of) {
    return static_cast<std::int64_t>(of);
}

thrift::ScrubReport described(const node::ScrubReport& from) {
    thrift::ScrubReport out;
    out.blocks = number(from.blocks);
    out.bytes = number(from.bytes);
    out.bytes_in_all = number(from.bytes_in_all);
    for (const node::ScrubReport::Bad& one : from.bad) {
        thrift::BadBlock& bad = out.bad.emplace_back();
        bad.file = one.block.file;
        bad.offset = number(one.block.offset);
        bad.detail = one.block.detail;
        bad.healing = name_of(one.healing);
    }
    return out;
}

thrift::RepairReport described(const Errand& errand, const std::map<NodeId, std::string>& names) {
    const repair::RepairReport& from = errand.repair;
    thrift::RepairReport out;
    out.partitions = number(from.partitions);
    out.partitions_done = number(from.partitions_done);
    out.partitions_equal = number(from.partitions_equal);
    out.partitions_failed = number(from.partitions_failed);
    out.partitions_elsewhere = number(errand.partitions_elsewhere);
    out.ranges_compared = number(from.ranges_compared);
    out.keys_differing = number(from.keys_differing);
    out.entries_given = number(from.entries_given);
    out.bytes_given = number(from.bytes_given);
    out.entries_fetched = number(from.entries_fetched);
    out.bytes_fetched = number(from.bytes_fetched);
    out.entries_too_large = number(from.entries_too_large);
    out.problem = from.problem;
    std::map<NodeId, std::uint64_t> others = from.differing;
    for (NodeId silent : from.silent) others.try_emplace(silent, 0);
    for (const auto& [node, keys] : others) {
        thrift::ReplicaDifference& other = out.replicas.emplace_back();
        other.node = kit::hex16(node.value);
        if (auto name = names.find(node); name != names.end()) other.name = name->second;
        other.keys = number(keys);
        other.silent = from.silent.contains(node);
    }
    return out;
}

thrift::ErrandReport described(const Errand& from, const ErrandFacts& facts) {
    thrift::ErrandReport out;
    out.errand = number(from.number);
    out.kind = name_of(from.kind);
    out.state = name_of(from.state);
    out.detail = from.error.detail;
    out.began_ms_ago = (facts.now - from.began).us / 1000;
    const Instant until = from.state == Errand::State::running ? facts.now : from.ended;
    out.took_ms = (until - from.began).us / 1000;
    if (from.kind == Errand::Kind::scrub) {
        out.__set_scrub(described(from.scrub));
        return out;
    }
    out.table = from.table;
    out.first = kit::hex16(from.tokens.first);
    out.last = kit::hex16(from.tokens.last);
    out.datacentre = from.datacentre;
    out.__set_repair(described(from, facts.names));
    return out;
}

template <class Outcome>
void encode_begun(const ReplyTo& to, std::uint64_t errand, Bytes& out) {
    Outcome outcome;
    outcome.__isset.success = true;
    outcome.success.status = thrift::g_ashlar_constants.STATUS_OK;
    outcome.success.errand = number(errand);
    write_message(to, message_reply, outcome, out);
}

}  // namespace

void encode_errand_begun(const ReplyTo& to, std::uint64_t errand, Bytes& out) {
    if (to.method == method_name(AdminMethod::repair))
        encode_begun<thrift::AshlarAdmin_repair_result>(to, errand, out);
    else if (to.method == method_name(AdminMethod::cancel_errand))
        encode_begun<thrift::AshlarAdmin_cancel_errand_result>(to, errand, out);
    else
        encode_begun<thrift::AshlarAdmin_scrub_result>(to, errand, out);
}

void encode_errands(const ReplyTo& to, const ErrandFacts& facts, Bytes& out) {
    thrift::AshlarAdmin_errands_result outcome;
    outcome.__isset.success = true;
    outcome.success.status = thrift::g_ashlar_constants.STATUS_OK;
    for (const Errand& errand : facts.errands) outcome.success.errands.push_back(described(errand, facts));
    write_message(to, message_reply, outcome, out);
}

}  // namespace ashlar::host
