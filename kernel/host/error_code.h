// The one table from Code to the error_code of the Thrift exception (ERROR_* in ashlar.thrift).
#pragma once

#include <cstdint>

#include "ashlar/result.h"

namespace ashlar::host {

constexpr std::int32_t error_code_of(Code code) {
    switch (code) {
        case Code::invalid_request:
            return 1;
        case Code::unavailable:
            return 2;
        case Code::timed_out:
            return 3;
        case Code::overloaded:
            return 4;
        case Code::not_authorized:
            return 5;
        case Code::no_space:
            return 6;
        case Code::io:
            return 7;
        case Code::corrupt:
            return 8;
        case Code::conflict:
            return 9;
        case Code::unsupported:
            return 10;
        case Code::not_found:
            return 11;
        case Code::closed:
            return 12;
    }
    return 7;
}

}  // namespace ashlar::host
