#include "ashlar/failure_detector.h"
