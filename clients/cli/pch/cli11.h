// Compiled once for the files of the command line: CLI11 takes ten seconds to read. Nobody includes this file.

#include <CLI/CLI.hpp>

#include "ashlar_admin_types.h"
