// What a step of the command gives: a value, or a failure with the exit code and the sentence it deserves.
//
// Nothing here throws; exceptions of Thrift stop in link.h, those of CLI11 in Grammar::read.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ashlar_types.h"

namespace ashlar::cli {

/// The exit codes are a contract with scripts (man page, tests/process): never renumber them.
enum class Exit : int {
    ok = 0,
    failed = 1,        ///< the operation was refused or did not succeed
    usage = 2,         ///< the command line is wrong
    unreachable = 3,   ///< no endpoint answered
    few_replicas = 4,  ///< too few replicas answered (in time)
    not_found = 5,     ///< the key, table or plugin asked for is not there
    conflict = 6,      ///< siblings with --strict; a condition (--if-...) that did not hold
};

struct Failure {
    Exit exit = Exit::failed;
    std::string sentence;         ///< what happened and what to do
    std::int32_t error_code = 0;  ///< the server's ERROR_*, 0 when the server did not say
    std::optional<std::int32_t> retry_after_ms;
    std::optional<thrift::Achieved> achieved;
};

template <class T>
class [[nodiscard]] Outcome {
public:
    Outcome(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Failure failure) : held_(std::in_place_index<1>, std::move(failure)) {}

    explicit operator bool() const { return held_.index() == 0; }
    /// Asking for the value of a failure is a broken truth.
    T& operator*() { return *this ? std::get<0>(held_) : (std::abort(), std::get<0>(held_)); }
    const T& operator*() const { return *this ? std::get<0>(held_) : (std::abort(), std::get<0>(held_)); }
    T* operator->() { return &**this; }
    const T* operator->() const { return &**this; }
    const Failure& failure() const { return !*this ? std::get<1>(held_) : (std::abort(), std::get<1>(held_)); }

private:
    std::variant<T, Failure> held_;
};

/// Success without a value.
struct Done {};

inline Failure failed(std::string sentence) {
    return Failure{Exit::failed, std::move(sentence), 0, {}, {}};
}
inline Failure misused(std::string sentence) {
    return Failure{Exit::usage, std::move(sentence), 0, {}, {}};
}

}  // namespace ashlar::cli
