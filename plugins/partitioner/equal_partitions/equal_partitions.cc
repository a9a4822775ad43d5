#include "ashlar/partitioner.h"
