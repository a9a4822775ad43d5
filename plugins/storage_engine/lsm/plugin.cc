// The descriptor of storage_engine/lsm.
#include "ashlar/plugin.h"

#include "lsm.h"
#include "tuning.h"

ASHLAR_PLUGIN(storage_engine, ashlar::StorageEngine, "lsm", ASHLAR_VERSION,
              "Log-structured merge tree: commit log, memtable, sorted table files, leveled compaction.",
              ashlar::deterministic | ashlar::persistent, ashlar::lsm::setting_specs, ashlar::lsm::make_lsm)
