#include "protocol.h"

#include <charconv>
#include <utility>

namespace ashlar::bench {
namespace {

void big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::size_t framed_size(std::string_view bytes) {
    if (bytes.size() < 4) return 0;
    std::size_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    return bytes.size() >= length + 4 ? length + 4 : 0;
}

std::string framed(const std::string& body) {
    std::string out;
    big_endian(out, body.size(), 4);
    return out + body;
}

class BareFrames final : public Protocol {
public:
    explicit BareFrames(std::string letters) : letters_(std::move(letters)) {}

    std::string request(Op op, std::string_view key, std::string_view value) const override {
        // One letter says what to answer; the rest is ballast as large as the Thrift request.
        std::string body(1, letters_[op == Op::get ? 0 : 1]);
        body += key;
        body.append(op == Op::get ? 60 : 90 + value.size(), 'x');
        return framed(body);
    }
    std::size_t reply_size(std::string_view bytes) const override { return framed_size(bytes); }
    bool succeeded(Op op, std::string_view reply) const override { return reply.size() > (op == Op::get ? 1000u : 8u); }

private:
    std::string letters_;
};

class Resp final : public Protocol {
public:
    std::string request(Op op, std::string_view key, std::string_view value) const override {
        std::string out = op == Op::get ? "*2\r\n$3\r\nGET\r\n" : "*3\r\n$3\r\nSET\r\n";
        bulk(out, key);
        if (op == Op::put) bulk(out, value);
        return out;
    }
    std::size_t reply_size(std::string_view bytes) const override {
        auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) return 0;
        if (bytes[0] != '$') return end + 2;
        int length = 0;
        std::from_chars(bytes.data() + 1, bytes.data() + end, length);
        if (length < 0) return end + 2;
        std::size_t whole = end + 2 + static_cast<std::size_t>(length) + 2;
        return bytes.size() >= whole ? whole : 0;
    }
    bool succeeded(Op op, std::string_view reply) const override {
        return op == Op::get ? reply.size() > 1000 : reply == "+OK\r\n";
    }

private:
    static void bulk(std::string& out, std::string_view piece) {
        out += '$';
        out += std::to_string(piece.size());
        out += "\r\n";
        out += piece;
        out += "\r\n";
    }
};

class ThriftFrames final : public Protocol {
public:
    ThriftFrames(std::string_view table, ThriftWords words) : table_(table), words_(words) {}

    std::string request(Op op, std::string_view key, std::string_view value) const override {
        std::string body;
        big_endian(body, 0x80010001, 4);
        text(body, op == Op::get ? "get" : "put");
        big_endian(body, 7, 4);       // sequence id
        field(body, 12, 1);           // args: 1: request
        field(body, 11, 1);
        text(body, table_);
        field(body, 11, 2);
        text(body, key);
        if (op == Op::put) {
            field(body, 11, 3);
            text(body, value);
            field(body, 2, 5);        // overwrite = true
            body.push_back(1);
            if (words_.sync != 0) {
                field(body, 12, 7);   // options: 3: sync
                field(body, 8, 3);
                big_endian(body, static_cast<std::uint64_t>(words_.sync), 4);
                body.push_back(0);
            }
        } else if (words_.alone) {
            field(body, 12, 3);       // options: 1: consistency: 1: level, 3: strict
            field(body, 12, 1);
            field(body, 8, 1);
            big_endian(body, 2, 4);   // LEVEL_ONE
            field(body, 2, 3);
            body.append("\1\0\0", 3);
        }
        body.append(2, '\0');         // end of request, end of args
        return framed(body);
    }
    std::size_t reply_size(std::string_view bytes) const override { return framed_size(bytes); }
    bool succeeded(Op op, std::string_view reply) const override {
        // Frame length, version and type, name (4 + 3), sequence id: then the first field of the result struct;
        // id 0 is success. A get that found something carries its value.
        if (reply.size() < 22 || reply[7] != 2) return false;
        bool success = reply[19] == 12 && reply[20] == 0 && reply[21] == 0;
        return success && (op == Op::put || reply.size() > 1000);
    }

private:
    static void field(std::string& out, int type, int id) {
        out.push_back(static_cast<char>(type));
        big_endian(out, static_cast<std::uint64_t>(id), 2);
    }
    static void text(std::string& out, std::string_view piece) {
        big_endian(out, piece.size(), 4);
        out += piece;
    }
    std::string table_;
    ThriftWords words_;
};

}  // namespace

std::string bare_get_reply() { return framed(std::string(1'130, 'r')); }
std::string bare_put_reply() { return framed(std::string(110, 'r')); }

std::unique_ptr<Protocol> bare_frames() { return std::make_unique<BareFrames>("gp"); }
std::unique_ptr<Protocol> bare_quorum_frames(int replicas) {
    return std::make_unique<BareFrames>(replicas == 1 ? "gp" : "GP");
}
std::unique_ptr<Protocol> resp() { return std::make_unique<Resp>(); }
std::unique_ptr<Protocol> thrift_frames(std::string_view table, ThriftWords words) {
    return std::make_unique<ThriftFrames>(table, words);
}

}  // namespace ashlar::bench
