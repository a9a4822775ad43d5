// Compiled once for the simulator. Nobody includes this file; every source names what it needs.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "ashlar/storage_engine.h"
#include "kit/entry.h"
#include "kit/text.h"
