// How to speak to each rival: the bytes of a get and a put, and where a reply ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ashlar::bench {

enum class Op { get, put };

class Protocol {
public:
    virtual ~Protocol() = default;
    /// The whole request for one operation.
    virtual std::string request(Op op, std::string_view key, std::string_view value) const = 0;
    /// What a connection begins with.
    virtual std::string opening() const { return {}; }
    /// Writes into a request which one of its connection it is, counted from 0, where a protocol wants to know.
    virtual void number(std::string&, std::uint64_t) const {}
    /// Length of the first whole reply in `bytes`, 0 while it is incomplete.
    virtual std::size_t reply_size(std::string_view bytes) const = 0;
    /// Whether a whole reply says that the operation succeeded (a get found a value).
    virtual bool succeeded(Op op, std::string_view reply) const = 0;
};

/// Frames of the same sizes as Ashlar's with nothing in them: what the bare loop reads and writes.
std::unique_ptr<Protocol> bare_frames();
/// The same for the bare quorum loop: (R, W) is (1, 1) or (2, 2).
std::unique_ptr<Protocol> bare_quorum_frames(int replicas);
/// What both loops answer: frames as large as Ashlar's answers, to a get of 1,000 bytes and to a put.
std::string bare_get_reply();
std::string bare_put_reply();
/// Redis' RESP: GET and SET.
std::unique_ptr<Protocol> resp();
/// Framed binary Thrift: get and put of ashlar.thrift; `overwrite` replaces what is there, as SET does.
struct ThriftWords {
    int sync = 0;        ///< SYNC_* of a put; 0: the node's
    bool alone = false;  ///< a get is answered by the node that is asked, an owner, alone
};
std::unique_ptr<Protocol> thrift_frames(std::string_view table, ThriftWords words = {});

}  // namespace ashlar::bench
