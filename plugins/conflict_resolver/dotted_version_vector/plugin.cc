#include "ashlar/conflict_resolver.h"
#include "ashlar/plugin.h"
