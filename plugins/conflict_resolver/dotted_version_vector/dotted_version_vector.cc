#include "ashlar/conflict_resolver.h"
