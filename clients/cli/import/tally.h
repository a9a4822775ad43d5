// What became of the records so far: stored, refused and failed, the latter two by reason with an example.
//
// The number of reasons is bounded, since some may come from a server; what is over goes to "other reasons".
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <boost/json.hpp>

namespace ashlar::cli::import {

struct Reason {
    std::int64_t count = 0;
    std::string example;
};
using Reasons = std::map<std::string, Reason>;

struct Tally {
    std::int64_t stored = 0;
    Reasons refused, failed;

    void refuse(const std::string& reason, const std::string& example) { add(refused, reason, 1, example); }
    void fail(const std::string& reason, const std::string& example) { add(failed, reason, 1, example); }
    void merge(const Tally& other);
    static std::int64_t total(const Reasons& reasons);
    std::int64_t records() const { return stored + total(refused) + total(failed); }

private:
    static void add(Reasons& into, const std::string& reason, std::int64_t count, const std::string& example);
};

boost::json::object json_reasons(const Reasons& reasons);
/// The opposite of json_reasons; nothing from anything else.
Reasons reasons_from(const boost::json::value& value);

}  // namespace ashlar::cli::import
