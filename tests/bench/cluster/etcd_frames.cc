#include "etcd_frames.h"

namespace ashlar::bench {
namespace {

constexpr char data_frame = 0, headers_frame = 1, settings_frame = 4, window_frame = 8;
constexpr char end_stream = 1, end_headers = 4;
constexpr std::size_t head_bytes = 9;
/// What the other side may send before we give it more room: as much as there is, so that we never need to.
constexpr std::uint32_t window_bytes = 0x7FFF'FFFF - 65'535;

void big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
    return out;
}

std::string frame(char type, char flags, std::uint32_t stream, const std::string& body) {
    std::string out;
    big_endian(out, body.size(), 3);
    out += {type, flags};
    big_endian(out, stream, 4);
    return out + body;
}

void protobuf_bytes(std::string& out, int field, std::string_view bytes) {
    out.push_back(static_cast<char>(field << 3 | 2));
    std::size_t size = bytes.size();
    for (; size >= 128; size >>= 7) out.push_back(static_cast<char>(size | 128));
    out.push_back(static_cast<char>(size));
    out += bytes;
}

/// A header's value behind its name, HPACK without Huffman or index; shorter than 127 bytes.
std::string literal(std::string name, std::string_view value) {
    name.push_back(static_cast<char>(value.size()));
    return name.append(value);
}

std::string request_headers(std::string_view path) {
    std::string out = "\x83\x86";                    // :method POST, :scheme http
    out += literal("\x04", path);                    // :path
    out += literal("\x01", "127.0.0.1");             // :authority
    out += literal("\x0f\x10", "application/grpc");  // content-type
    out += literal(std::string("\0\2te", 4), "trailers");
    return out;
}

class EtcdFrames final : public Protocol {
public:
    std::string opening() const override {
        std::string window;
        big_endian(window, window_bytes, 4);
        return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(settings_frame, 0, 0, {}) + frame(window_frame, 0, 0, window);
    }
    std::string request(Op op, std::string_view key, std::string_view value) const override {
        std::string message;
        protobuf_bytes(message, 1, key);
        if (op == Op::put) protobuf_bytes(message, 2, value);
        std::string body(1, '\0');  // not compressed
        big_endian(body, message.size(), 4);
        body += message;
        const char* path = op == Op::get ? "/etcdserverpb.KV/Range" : "/etcdserverpb.KV/Put";
        return frame(headers_frame, end_headers, 1, request_headers(path)) + frame(data_frame, end_stream, 1, body);
    }
    void number(std::string& request, std::uint64_t nth) const override {
        std::string stream;
        big_endian(stream, nth * 2 + 1, 4);
        std::size_t second = head_bytes + number_at(request, 0, 3);
        request.replace(5, 4, stream);
        request.replace(second + 5, 4, stream);
    }
    std::size_t reply_size(std::string_view bytes) const override { return walk(bytes).end; }
    bool succeeded(Op op, std::string_view reply) const override {
        // A call that failed ends with its headers, without data.
        return walk(reply).data_bytes > (op == Op::get ? 1000u : 5u);
    }

private:
    struct Walk {
        std::size_t end = 0;  ///< behind the frame that ends a stream; 0: none does yet
        std::size_t data_bytes = 0;
    };
    static Walk walk(std::string_view bytes) {
        Walk out;
        for (std::size_t at = 0; bytes.size() - at >= head_bytes;) {
            std::size_t length = number_at(bytes, at, 3);
            if (bytes.size() - at < head_bytes + length) break;
            char type = bytes[at + 3], flags = bytes[at + 4];
            bool of_stream = type == data_frame || type == headers_frame;
            if (type == data_frame) out.data_bytes += length;
            at += head_bytes + length;
            if (of_stream && (flags & end_stream) != 0) {
                out.end = at;
                break;
            }
        }
        return out;
    }
};

}  // namespace

std::unique_ptr<Protocol> etcd_frames() {
    return std::make_unique<EtcdFrames>();
}

}  // namespace ashlar::bench
