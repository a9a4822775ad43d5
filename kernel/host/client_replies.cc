#include "Ashlar.h"
#include "ashlar_constants.h"
#include "host/client_codec.h"
#include "host/error_code.h"
#include "host/thrift_memory.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

std::int32_t small(std::uint32_t number) {
    return static_cast<std::int32_t>(number);
}

thrift::Achieved achieved_of(const port::Achieved& from) {
    thrift::Achieved out;
    out.answered = small(from.answered);
    out.owners = small(from.owners);
    out.synced = small(from.synced);
    out.hints = small(from.hints);
    out.needed = small(from.needed);
    out.replicas = small(from.replicas);
    out.epoch = static_cast<std::int64_t>(from.epoch.value);
    out.merged = from.merged;
    return out;
}

std::vector<thrift::VersionValue> values_of(std::span<const port::ReplyVersion> from) {
    std::vector<thrift::VersionValue> out(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        out[i].value = from[i].value;
        out[i].written_us = from[i].wall.us;
        if (from[i].expires.us != 0) out[i].__set_expires_us(from[i].expires.us);
        char dot[dot_text_max];
        out[i].dot.assign(dot, write_dot(from[i].dot, dot));
    }
    return out;
}

std::int32_t milliseconds_of(Duration duration) {
    return static_cast<std::int32_t>(duration.us / 1000);
}

/// What items of a multi_get and a multi_put share.
template <class Item>
void fill_item(const port::ReplyItem& from, Item& out) {
    out.status =
        from.refusal == nullptr ? thrift::g_ashlar_constants.STATUS_OK : thrift::g_ashlar_constants.STATUS_FAILED;
    out.key = from.key;
    out.context = from.context;
    out.achieved = achieved_of(from.achieved);
    if (from.refusal == nullptr) return;
    out.__set_error_code(error_code_of(from.refusal->error.code));
    out.__set_detail(from.refusal->error.detail);
    out.__set_retry_safe(from.refusal->retry_safe);
    if (from.refusal->retry_after.us != 0) out.__set_retry_after_ms(milliseconds_of(from.refusal->retry_after));
}

void fill(const port::Reply& reply, thrift::GetResponse& out) {
    out.values = values_of(reply.item.values);
    out.context = reply.item.context;
    out.achieved = achieved_of(reply.item.achieved);
}
void fill(const port::Reply& reply, thrift::PutResponse& out) {
    out.context = reply.item.context;
    out.achieved = achieved_of(reply.item.achieved);
}
void fill(const port::Reply& reply, thrift::RemoveResponse& out) {
    out.context = reply.item.context;
    out.achieved = achieved_of(reply.item.achieved);
    out.found = reply.found;
}
void fill(const port::Reply& reply, thrift::ExistsResponse& out) {
    out.found = reply.found;
    out.siblings = static_cast<std::int32_t>(reply.item.values.size());
    out.achieved = achieved_of(reply.item.achieved);
}
void fill(const port::Reply& reply, thrift::PutIfResponse& out) {
    out.stored = reply.stored;
    out.context = reply.item.context;
    out.achieved = achieved_of(reply.item.achieved);
}
void fill(const port::Reply& reply, thrift::MultiGetResponse& out) {
    out.items.resize(reply.items.size());
    for (std::size_t i = 0; i < reply.items.size(); ++i) {
        fill_item(reply.items[i], out.items[i]);
        out.items[i].values = values_of(reply.items[i].values);
    }
}
void fill(const port::Reply& reply, thrift::MultiPutResponse& out) {
    out.items.resize(reply.items.size());
    for (std::size_t i = 0; i < reply.items.size(); ++i) fill_item(reply.items[i], out.items[i]);
}
void fill(const port::Reply& reply, thrift::ScanResponse& out) {
    out.entries.resize(reply.items.size());
    for (std::size_t i = 0; i < reply.items.size(); ++i) {
        out.entries[i].key = reply.items[i].key;
        out.entries[i].values = values_of(reply.items[i].values);
        out.entries[i].context = reply.items[i].context;
    }
    if (reply.has_page) out.__set_page(Bytes(reply.page));
    out.achieved = achieved_of(reply.item.achieved);
}

template <class Outcome>
void encode(const ReplyTo& to, const port::Reply& reply, Bytes& out) {
    Outcome outcome;
    outcome.__isset.success = true;
    outcome.success.status = thrift::g_ashlar_constants.STATUS_OK;
    fill(reply, outcome.success);
    write_message(to, message_reply, outcome, out);
}

}  // namespace

void encode_reply(const ReplyTo& to, const port::Reply& reply, Bytes& out) {
    switch (reply.call) {
        case port::Call::get:
            return encode<thrift::Ashlar_get_result>(to, reply, out);
        case port::Call::put:
            return encode<thrift::Ashlar_put_result>(to, reply, out);
        case port::Call::remove:
            return encode<thrift::Ashlar_remove_result>(to, reply, out);
        case port::Call::exists:
            return encode<thrift::Ashlar_exists_result>(to, reply, out);
        case port::Call::multi_get:
            return encode<thrift::Ashlar_multi_get_result>(to, reply, out);
        case port::Call::multi_put:
            return encode<thrift::Ashlar_multi_put_result>(to, reply, out);
        case port::Call::scan:
            return encode<thrift::Ashlar_scan_result>(to, reply, out);
        case port::Call::put_if:
            return encode<thrift::Ashlar_put_if_result>(to, reply, out);
        case port::Call::ring:
            break;
    }
    port::Refusal refusal;
    refusal.error = fail(Code::unsupported, "this call has no such answer");
    encode_refusal(to, refusal, out);
}

void encode_refusal(const ReplyTo& to, const port::Refusal& refusal, Bytes& out) {
    // The outcome struct of every method is the same where it failed: the one exception, as field 1.
    thrift::Ashlar_get_result outcome;
    outcome.__isset.failure = true;
    outcome.failure.error_code = error_code_of(refusal.error.code);
    outcome.failure.detail = refusal.error.detail;
    outcome.failure.retry_safe = refusal.retry_safe;
    if (refusal.retry_after.us != 0)
        outcome.failure.__set_retry_after_ms(milliseconds_of(refusal.retry_after));
    outcome.failure.__set_achieved(achieved_of(refusal.achieved));
    write_message(to, message_reply, outcome, out);
}

void encode_hello(const ReplyTo& to, const HelloFacts& facts, Bytes& out) {
    thrift::Ashlar_hello_result outcome;
    outcome.__isset.success = true;
    thrift::HelloResponse& hello = outcome.success;
    hello.status = thrift::g_ashlar_constants.STATUS_OK;
    hello.api_version = thrift::g_ashlar_constants.API_VERSION;
    hello.server_version = facts.server_version;
    hello.cluster = facts.cluster;
    hello.node = facts.node;
    hello.epoch = static_cast<std::int64_t>(facts.epoch.value);
    hello.entry_bytes_max = small(facts.entry_bytes_max);
    hello.batch_max = small(facts.batch_max);
    hello.page_max = small(facts.page_max);
    hello.partitioner = facts.partitioner;
    write_message(to, message_reply, outcome, out);
}

void encode_ring(const ReplyTo& to, const Ring& ring, const std::vector<std::string>& addresses, View partitioner,
                 bool whole, Bytes& out) {
    thrift::Ashlar_ring_result outcome;
    outcome.__isset.success = true;
    thrift::RingResponse& answer = outcome.success;
    answer.status = thrift::g_ashlar_constants.STATUS_OK;
    answer.epoch = static_cast<std::int64_t>(ring.epoch.value);
    answer.partitioner = partitioner;
    for (std::size_t i = 0; whole && i < ring.members.size(); ++i) {
        const Member& member = ring.members[i];
        thrift::RingMember& described = answer.members.emplace_back();
        described.node = kit::hex16(member.node.value);
        if (i < addresses.size()) described.address = addresses[i];
        described.datacentre = member.datacentre;
        described.rack = member.rack;
        described.capacity = small(member.capacity);
    }
    for (std::size_t i = 0; whole && i < ring.claims.size(); ++i) {
        const Member* owner = ring.member(ring.claims[i].owner);
        thrift::RingClaim& claim = answer.claims.emplace_back();
        claim.first = kit::hex16(ring.claims[i].first);
        claim.owner = owner == nullptr ? -1 : static_cast<std::int32_t>(owner - ring.members.data());
    }
    write_message(to, message_reply, outcome, out);
}

void encode_unknown_method(WireFormat format, std::int32_t number, View method, Bytes& out) {
    using apache::thrift::TApplicationException;
    TApplicationException refusal(TApplicationException::UNKNOWN_METHOD, kit::text("unknown method '", method, "'"));
    write_message(ReplyTo{format, number, method}, message_exception, refusal, out);
}

}  // namespace ashlar::host
