// Errors as values. Operating errors (a full disk, a bad request, damaged bytes) travel as Result;
// broken truths of our own code are asserts. Names follow std::expected, which g++ 12 has only for C++23.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace ashlar {

/// Few, and each mapped in one place (kernel/host/front) to an error_code of the Thrift exception.
enum class Code : std::uint8_t {
    invalid_request = 1,  ///< the caller must change the request; a retry cannot help
    unavailable,          ///< too few live replicas; nothing was written
    timed_out,            ///< the deadline passed; a write may still land
    overloaded,           ///< a bound was met; retry after a pause
    not_authorized,       ///< who you are does not allow this
    no_space,             ///< the disk reserve is reached; reads go on
    io,                   ///< the disk refused; after a failed sync writes stop for good
    corrupt,              ///< a checksum or a structure does not hold; never served
    conflict,             ///< a condition did not hold; nothing was written
    unsupported,          ///< another version, plugin or feature than this one
    not_found,            ///< a file, table or plugin that should exist does not
    closed,               ///< shutting down, or stopped after a failure named in the detail
};

struct Error {
    Code code = Code::invalid_request;
    /// One sentence for a person: what, with the numbers, and what to do. No secrets.
    std::string detail;
};

inline Error fail(Code code, std::string detail) { return Error{code, std::move(detail)}; }

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return held_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    /// Asking for the value of a failure is a broken truth: it stops the process in every build.
    T& value() { return has_value() ? std::get<0>(held_) : (std::abort(), std::get<0>(held_)); }
    const T& value() const { return has_value() ? std::get<0>(held_) : (std::abort(), std::get<0>(held_)); }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const { return !has_value() ? std::get<1>(held_) : (std::abort(), std::get<1>(held_)); }

private:
    std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : held_(std::move(error)) {}

    bool has_value() const { return held_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    void value() const {
        if (!has_value()) std::abort();
    }
    const Error& error() const { return !has_value() ? std::get<1>(held_) : (std::abort(), std::get<1>(held_)); }

private:
    std::variant<std::monostate, Error> held_;
};

}  // namespace ashlar
