// The command line, read.
#pragma once

#include <optional>

#include "commands.h"

namespace ashlar::cli {

/// An order to carry out; or nothing, after help, version or a complaint was printed: end with `exit`.
struct Reading {
    std::optional<Order> order;
    Exit exit = Exit::ok;
};

Reading read_arguments(int count, char** arguments);

}  // namespace ashlar::cli
