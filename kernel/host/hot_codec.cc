#include "host/hot_codec.h"

#include "host/error_code.h"
#include "host/hot_reader.h"
#include "host/hot_writer.h"

namespace ashlar::host {
namespace {

using enum WireType;

// Depths count structs as the generated code does: arguments 1, request 2, options 3, consistency 4.

void read_consistency(HotReader& in, WireWishes& wishes) {
    for (auto f = in.field(); f.type != stop; f = in.field()) {
        if (f.is(1, i32))
            wishes.level = in.i32();
        else if (f.is(2, i32))
            wishes.replicas = in.i32();
        else if (f.is(3, boolean))
            wishes.strict = in.boolean();
        else
            in.skip(f.type, 4);
    }
}

void read_options(HotReader& in, WireWishes& wishes) {
    for (auto f = in.field(); f.type != stop; f = in.field()) {
        if (f.is(1, structure))
            read_consistency(in, wishes);
        else if (f.is(2, i32))
            wishes.timeout_ms = in.i32();
        else if (f.is(3, i32))
            wishes.sync = in.i32();
        else if (f.is(4, string))
            wishes.request_id = in.bytes();
        else
            in.skip(f.type, 3);
    }
}

/// A field that all four requests have: table, key, and the options under the given id.
bool read_common(HotReader& in, const HotReader::Field& f, std::int16_t options, port::Order& order,
                 WireWishes& wishes) {
    if (f.is(1, string))
        order.table = in.bytes();
    else if (f.is(2, string))
        order.item.key = in.bytes();
    else if (f.is(options, structure))
        read_options(in, wishes);
    else
        return false;
    return true;
}

void read_context(HotReader& in, port::Item& item) {
    item.context = in.bytes();
    item.has_context = true;
}

void read_get(HotReader& in, port::Order& order, WireWishes& wishes) {
    for (auto f = in.field(); f.type != stop; f = in.field())
        if (!read_common(in, f, 3, order, wishes)) in.skip(f.type, 2);
}

void read_put(HotReader& in, port::Order& order, WireWishes& wishes) {
    for (auto f = in.field(); f.type != stop; f = in.field()) {
        if (read_common(in, f, 7, order, wishes)) continue;
        if (f.is(3, string))
            order.item.value = in.bytes();
        else if (f.is(4, string))
            read_context(in, order.item);
        else if (f.is(5, boolean))
            order.item.overwrite = in.boolean();
        else if (f.is(6, i64))
            wishes.ttl_s = in.i64();
        else
            in.skip(f.type, 2);
    }
}

void read_remove(HotReader& in, port::Order& order, WireWishes& wishes) {
    for (auto f = in.field(); f.type != stop; f = in.field()) {
        if (read_common(in, f, 4, order, wishes)) continue;
        if (f.is(3, string))
            read_context(in, order.item);
        else
            in.skip(f.type, 2);
    }
}

void write_achieved(HotWriter& out, std::int16_t id, const port::Achieved& achieved) {
    out.field(structure, id);
    out.i32_field(1, static_cast<std::int32_t>(achieved.answered));
    out.i32_field(2, static_cast<std::int32_t>(achieved.owners));
    out.i32_field(3, static_cast<std::int32_t>(achieved.synced));
    out.i32_field(4, static_cast<std::int32_t>(achieved.hints));
    out.i32_field(5, static_cast<std::int32_t>(achieved.needed));
    out.i32_field(6, static_cast<std::int32_t>(achieved.replicas));
    out.i64_field(7, static_cast<std::int64_t>(achieved.epoch.value));
    out.boolean_field(8, achieved.merged);
    out.stop();
}

void write_values(HotWriter& out, std::span<const port::ReplyVersion> values) {
    out.field(list, 2);
    out.list(structure, values.size());
    for (const port::ReplyVersion& version : values) {
        out.bytes_field(1, version.value);
        out.i64_field(2, version.wall.us);
        if (version.expires.us != 0) out.i64_field(3, version.expires.us);
        char dot[dot_text_max];
        out.bytes_field(4, View(dot, write_dot(version.dot, dot)));
        out.stop();
    }
}

void write_answer(HotWriter& out, const port::Reply& reply) {
    out.i32_field(1, 1);  // STATUS_OK
    switch (reply.call) {
        case port::Call::get:
            write_values(out, reply.item.values);
            out.bytes_field(3, reply.item.context);
            write_achieved(out, 4, reply.item.achieved);
            break;
        case port::Call::exists:
            out.boolean_field(2, reply.found);
            out.i32_field(3, static_cast<std::int32_t>(reply.item.values.size()));
            write_achieved(out, 4, reply.item.achieved);
            break;
        default:  // put and remove
            out.bytes_field(2, reply.item.context);
            write_achieved(out, 3, reply.item.achieved);
            if (reply.call == port::Call::remove) out.boolean_field(4, reply.found);
    }
    out.stop();
}

}  // namespace

bool is_hot(port::Call call) {
    return call == port::Call::get || call == port::Call::put || call == port::Call::remove ||
           call == port::Call::exists;
}

bool decode_hot(port::Call call, View body, port::Order& order, WireWishes& wishes) {
    order.call = call;
    HotReader in(body);
    for (auto f = in.field(); f.type != stop; f = in.field()) {
        if (!f.is(1, structure))
            in.skip(f.type, 1);
        else if (call == port::Call::put)
            read_put(in, order, wishes);
        else if (call == port::Call::remove)
            read_remove(in, order, wishes);
        else
            read_get(in, order, wishes);
    }
    return in.done();
}

void encode_hot(const ReplyTo& to, const port::Reply& reply, Bytes& out) {
    HotWriter writer(out);
    writer.begin(to, message_reply);
    writer.field(structure, 0);
    write_answer(writer, reply);
    writer.stop();
    writer.end();
}

void encode_hot_refusal(const ReplyTo& to, const port::Refusal& refusal, Bytes& out) {
    HotWriter writer(out);
    writer.begin(to, message_reply);
    writer.field(structure, 1);
    writer.i32_field(1, error_code_of(refusal.error.code));
    writer.bytes_field(2, refusal.error.detail);
    writer.boolean_field(3, refusal.retry_safe);
    if (refusal.retry_after.us != 0) writer.i32_field(4, static_cast<std::int32_t>(refusal.retry_after.us / 1000));
    write_achieved(writer, 5, refusal.achieved);
    writer.stop();
    writer.stop();
    writer.end();
}

}  // namespace ashlar::host
