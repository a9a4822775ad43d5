// Compiled once for the whole command: half of the time of a verb went into reading these. Nobody includes this file;
// every source names what it needs, which the builds without precompiled headers (tools/setup debug) hold it to.

#include <thrift/TApplicationException.h>
#include <thrift/Thrift.h>
#include <thrift/protocol/TProtocol.h>
#include <thrift/transport/TTransport.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>
