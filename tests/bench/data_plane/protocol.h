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
    /// Length of the first whole reply in `bytes`, 0 while it is incomplete.
    virtual std::size_t reply_size(std::string_view bytes) const = 0;
    /// Whether a whole reply says that the operation succeeded (a get found a value).
    virtual bool succeeded(Op op, std::string_view reply) const = 0;
};

/// Frames of the same sizes as Ashlar's with nothing in them: what the bare loop reads and writes.
std::unique_ptr<Protocol> bare_frames();
/// Redis' RESP: GET and SET.
std::unique_ptr<Protocol> resp();
/// Framed binary Thrift: get and put of ashlar.thrift; `overwrite` replaces what is there, as SET does.
std::unique_ptr<Protocol> thrift_frames(std::string_view table);

}  // namespace ashlar::bench
