#include "failure_text.h"

#include <thrift/TApplicationException.h>
#include <thrift/protocol/TProtocolException.h>
#include <thrift/transport/TTransportException.h>

#include "ashlar_constants.h"

namespace ashlar::cli {
namespace {

Exit exit_of(std::int32_t error_code) {
    const auto& is = thrift::g_ashlar_constants;
    if (error_code == is.ERROR_UNAVAILABLE || error_code == is.ERROR_TIMED_OUT) return Exit::few_replicas;
    if (error_code == is.ERROR_CONFLICT) return Exit::conflict;
    return Exit::failed;
}

std::string advice(const thrift::StoreError& error) {
    const auto& is = thrift::g_ashlar_constants;
    if (error.error_code == is.ERROR_OVERLOADED && error.__isset.retry_after_ms) {
        return " (try again in " + std::to_string(error.retry_after_ms) + " ms)";
    }
    if (error.error_code == is.ERROR_TIMED_OUT && !error.retry_safe) {
        return " (it may still take effect: read before you try again)";
    }
    return "";
}

}  // namespace

std::string_view error_name(std::int32_t error_code) {
    const auto& is = thrift::g_ashlar_constants;
    if (error_code == is.ERROR_INVALID_REQUEST) return "invalid_request";
    if (error_code == is.ERROR_UNAVAILABLE) return "unavailable";
    if (error_code == is.ERROR_TIMED_OUT) return "timed_out";
    if (error_code == is.ERROR_OVERLOADED) return "overloaded";
    if (error_code == is.ERROR_NOT_AUTHORIZED) return "not_authorized";
    if (error_code == is.ERROR_NO_SPACE) return "no_space";
    if (error_code == is.ERROR_IO) return "io";
    if (error_code == is.ERROR_CORRUPT) return "corrupt";
    if (error_code == is.ERROR_CONFLICT) return "conflict";
    if (error_code == is.ERROR_UNSUPPORTED) return "unsupported";
    if (error_code == is.ERROR_NOT_FOUND) return "not_found";
    if (error_code == is.ERROR_CLOSED) return "closed";
    return "unknown";
}

bool is_lasting(std::int32_t error_code) {
    const auto& is = thrift::g_ashlar_constants;
    return error_code == is.ERROR_NOT_AUTHORIZED || error_code == is.ERROR_NO_SPACE || error_code == is.ERROR_IO ||
           error_code == is.ERROR_UNSUPPORTED || error_code == is.ERROR_NOT_FOUND || error_code == is.ERROR_CLOSED;
}

bool is_passing(std::int32_t error_code) {
    const auto& is = thrift::g_ashlar_constants;
    return error_code == is.ERROR_OVERLOADED || error_code == is.ERROR_TIMED_OUT || error_code == is.ERROR_UNAVAILABLE;
}

Failure refused(const thrift::StoreError& error) {
    Failure out = failed(error.detail.empty() ? std::string(error_name(error.error_code)) : error.detail);
    out.sentence += advice(error);
    out.exit = exit_of(error.error_code);
    out.error_code = error.error_code;
    if (error.__isset.retry_after_ms) out.retry_after_ms = error.retry_after_ms;
    if (error.__isset.achieved) out.achieved = error.achieved;
    return out;
}

Failure broken(const apache::thrift::TException& problem, const Endpoint& where) {
    using apache::thrift::TApplicationException;
    using apache::thrift::protocol::TProtocolException;
    using apache::thrift::transport::TTransportException;
    if (const auto* odd = dynamic_cast<const TApplicationException*>(&problem)) {
        if (odd->getType() == TApplicationException::UNKNOWN_METHOD) {
            return failed(where.text() + " is an older server that does not know this call: " + odd->what());
        }
        return failed(where.text() + " failed to answer: " + odd->what());
    }
    Failure out = failed("");
    out.exit = Exit::unreachable;
    const auto* transport = dynamic_cast<const TTransportException*>(&problem);
    if (transport != nullptr && transport->getType() == TTransportException::TIMED_OUT) {
        out.sentence =
            where.text() + " did not answer in time; what was sent may still take effect (--timeout waits longer)";
    } else if (transport != nullptr && transport->getType() != TTransportException::CORRUPTED_DATA) {
        out.sentence =
            "the connection to " + where.text() + " was lost; what was sent may or may not have taken effect";
    } else {
        out.sentence =
            where.text() +
            " answers, but not as Ashlar does: is it another server, or the other port (clients and admin differ)?";
    }
    return out;
}

}  // namespace ashlar::cli
