#include "ashlar/plugin.h"

#include "memory.h"

ASHLAR_PLUGIN(
    storage_engine, ashlar::StorageEngine, "memory", "1.0.0",
    "Keeps everything in memory and nothing on the disk: for caches, for tests, and as the model of the others.",
    ashlar::deterministic, ashlar::memory::settings, ashlar::memory::make)
