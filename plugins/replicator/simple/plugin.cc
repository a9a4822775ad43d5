#include "ashlar/replicator.h"
#include "ashlar/plugin.h"
