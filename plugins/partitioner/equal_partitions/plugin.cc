#include "ashlar/partitioner.h"
#include "ashlar/plugin.h"
