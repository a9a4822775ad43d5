// Which ashlard the command starts when nobody names one.
#pragma once

#include <string>

namespace ashlar::cli {

/// ashlard beside this program (as installed, and as built); else the one in PATH.
std::string daemon_program();

}  // namespace ashlar::cli
