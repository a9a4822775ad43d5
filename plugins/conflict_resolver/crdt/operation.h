// An operation as a client writes it: the value of a put that begins with the mark is one, any other value is stored as
// it is. docs/crdt.md describes the bytes for clients.
//
//   mark: cd 63 72 64 74 01
//   varint steps (1 to 100), then each: path (codec.h), u8 verb, then
//     1 increment: zigzag varint   2 add: blob   3 remove: blob   4 assign: blob   5 clear: nothing
//
// Steps of one operation take effect together. Views into the bytes. Pure.
#pragma once

#include <vector>

#include "ashlar/result.h"
#include "fact.h"

namespace ashlar::crdt {

enum class Verb : std::uint8_t { increment = 1, add = 2, remove = 3, assign = 4, clear = 5 };

struct Step {
    View path;
    Verb verb = Verb::increment;
    View data;
    std::int64_t amount = 0;
};

struct Operation {
    Facet facet = Facet::plain;  ///< which kind of value all its steps are about
    std::vector<Step> steps;
};

bool is_operation(View value);
/// Fails with invalid_request, in words.
Result<Operation> parse_operation(View value);
/// "a counter", for people.
View kind_of(Facet facet);

}  // namespace ashlar::crdt
