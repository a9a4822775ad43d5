// Operations on values that merge (resolver crdt) as the bytes of a put: docs/crdt.md. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar::cli {

class Operation {
public:
    /// Where the steps that follow take effect: names of fields with slashes between; empty: the value itself.
    void at(std::string_view field) { field_ = field; }
    void increment(std::int64_t amount);
    void add(std::string_view element) { begin(2, element); }
    void remove(std::string_view element) { begin(3, element); }
    void assign(std::string_view value) { begin(4, value); }
    void clear() { begin(5); }

    bool empty() const { return count_ == 0; }
    std::string bytes() const;

private:
    void begin(char verb);
    void begin(char verb, std::string_view argument);

    std::string field_;
    std::string steps_;
    std::uint64_t count_ = 0;
};

}  // namespace ashlar::cli
