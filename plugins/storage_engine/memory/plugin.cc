#include "ashlar/storage_engine.h"
#include "ashlar/plugin.h"
