#include "operation.h"

#include <vector>

namespace ashlar::cli {
namespace {

void put_varint(std::string& out, std::uint64_t n) {
    for (; n >= 0x80; n >>= 7) out.push_back(static_cast<char>(n | 0x80));
    out.push_back(static_cast<char>(n));
}
void put_blob(std::string& out, std::string_view bytes) {
    put_varint(out, bytes.size());
    out += bytes;
}

}  // namespace

void Operation::increment(std::int64_t amount) {
    begin(1);
    put_varint(steps_, (static_cast<std::uint64_t>(amount) << 1) ^ static_cast<std::uint64_t>(amount >> 63));
}

void Operation::begin(char verb) {
    ++count_;
    std::vector<std::string_view> names;
    std::string_view rest = field_;
    while (!field_.empty()) {
        const auto slash = rest.find('/');
        names.push_back(rest.substr(0, slash));
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    put_varint(steps_, names.size());
    for (std::string_view name : names) put_blob(steps_, name);
    steps_.push_back(verb);
}

void Operation::begin(char verb, std::string_view argument) {
    begin(verb);
    put_blob(steps_, argument);
}

std::string Operation::bytes() const {
    std::string out("\xcd"
                    "crdt\x01");
    put_varint(out, count_);
    return out + steps_;
}

}  // namespace ashlar::cli
