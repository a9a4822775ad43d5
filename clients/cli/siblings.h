// Siblings as a person compares them: beside each other, each with its clock, and how to settle them.
#pragma once

#include "session.h"

namespace ashlar::cli {

/// What a dot says: who wrote, in which of its lives, and the how many-th of its writes that was. Empty parts where
/// the text is no dot.
struct DotParts {
    std::string node;         ///< 16 hex digits
    std::string incarnation;
    std::string counter;
};
DotParts parts_of(const std::string& dot);

/// Of a get that found several values.
void print_siblings(const Get& get, const thrift::GetResponse& answer, Session& session);

}  // namespace ashlar::cli
