// Thrift's generated structs to and from bytes in memory, with every bound of ours set. Included by the few
// files that use generated code.
//
// Reading takes a whole message; what it may allocate is bounded by the message itself: no string or container
// may claim more than is there. Exceptions of the library end here.
#pragma once

#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <cstring>
#include <memory>
#include <string>

#include "host/hot_codec.h"
#include "host/read_outcome.h"
#include "host/reply_to.h"

namespace ashlar::host {

namespace memory_detail {

namespace thrift = ::apache::thrift;
using Buffer = thrift::transport::TMemoryBuffer;
using Binary = thrift::protocol::TBinaryProtocolT<Buffer>;
using Compact = thrift::protocol::TCompactProtocolT<Buffer>;

template <class Protocol, class Args>
bool read_message(Protocol& protocol, Args& args) {
    std::string method;
    thrift::protocol::TMessageType type{};
    std::int32_t number = 0;
    protocol.readMessageBegin(method, type, number);
    args.read(&protocol);
    protocol.readMessageEnd();
    return true;
}

}  // namespace memory_detail

/// `payload` is the whole message, its head included.
template <class Args>
ReadOutcome read_args(WireFormat format, View payload, Args& args) {
    using namespace memory_detail;
    auto size = static_cast<std::int32_t>(payload.size());
    try {
        auto bounds = std::make_shared<thrift::TConfiguration>(size, size, nesting_max);
        // The buffer only observes; the library's signature is older than const.
        auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(payload.data()));
        auto buffer = std::make_shared<Buffer>(bytes, static_cast<std::uint32_t>(size), Buffer::OBSERVE, bounds);
        if (format == WireFormat::binary) {
            Binary protocol(buffer, size, container_max, true, true);
            read_message(protocol, args);
        } else {
            Compact protocol(buffer, size, container_max);
            read_message(protocol, args);
        }
        return buffer->available_read() == 0 ? ReadOutcome::fine : ReadOutcome::malformed;
    } catch (const thrift::protocol::TProtocolException& error) {
        bool many = error.getType() == thrift::protocol::TProtocolException::SIZE_LIMIT;
        return many ? ReadOutcome::too_many : ReadOutcome::malformed;
    } catch (const std::exception&) {
        return ReadOutcome::malformed;
    }
}

/// Appends a whole frame with a message of this type.
template <class Struct>
void write_message(const ReplyTo& to, std::uint8_t type, const Struct& body, Bytes& out) {
    using namespace memory_detail;
    auto buffer = std::make_shared<Buffer>();
    auto write = [&](auto& protocol) {
        protocol.writeMessageBegin(std::string(to.method), static_cast<thrift::protocol::TMessageType>(type),
                                   to.number);
        body.write(&protocol);
        protocol.writeMessageEnd();
    };
    if (to.format == WireFormat::binary) {
        Binary protocol(buffer, 0, 0, true, true);
        write(protocol);
    } else {
        Compact protocol(buffer);
        write(protocol);
    }
    std::uint8_t* bytes = nullptr;
    std::uint32_t size = 0;
    buffer->getBuffer(&bytes, &size);
    std::uint32_t length = __builtin_bswap32(size);
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out.append(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace ashlar::host
