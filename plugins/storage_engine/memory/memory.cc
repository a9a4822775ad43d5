#include "ashlar/storage_engine.h"
