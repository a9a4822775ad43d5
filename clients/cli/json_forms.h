// Answers as JSON that never loses a byte: every byte string stands as NAME (when it is UTF-8) and NAME_base64.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "outcome.h"

namespace ashlar::cli {

/// Raised when a member changes its meaning or goes; new members may come at any time.
inline constexpr int json_schema = 1;

/// {"schema": 1}, to be added to.
boost::json::object json_document();
void add_bytes(boost::json::object& into, std::string_view name, std::string_view bytes);
boost::json::object json_version(const thrift::VersionValue& version);
boost::json::array json_versions(const std::vector<thrift::VersionValue>& versions);
boost::json::object json_achieved(const thrift::Achieved& achieved);
boost::json::object json_failure(const Failure& failure);

}  // namespace ashlar::cli
