// Compiled once for the suite: reading these was most of the time of a test file. Nobody includes this file; every
// source names what it needs, which the builds without precompiled headers (tools/setup debug) hold it to.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ashlar/storage_engine.h"
#include "kit/text.h"
