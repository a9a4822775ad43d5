#include "ashlar/replicator.h"
