#include "ashlar/failure_detector.h"
#include "ashlar/plugin.h"
