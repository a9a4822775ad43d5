// From the server's refusal and Thrift's exceptions to a Failure: the one table of exit codes.
#pragma once

#include <string>
#include <string_view>

#include <thrift/Thrift.h>

#include "endpoint.h"
#include "outcome.h"

namespace ashlar::cli {

/// "unavailable", "timed_out" ...: the glossary's word for an ERROR_*.
std::string_view error_name(std::int32_t error_code);

/// Whether a server that says this will say the same to every other request: an import stops at it.
bool is_lasting(std::int32_t error_code);
/// Whether the same request may succeed a moment later.
bool is_passing(std::int32_t error_code);

Failure refused(const thrift::StoreError& error);
/// What broke between us and a server that had accepted the connection.
Failure broken(const apache::thrift::TException& problem, const Endpoint& where);

}  // namespace ashlar::cli
