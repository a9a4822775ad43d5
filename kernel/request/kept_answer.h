// An answer for one key that owns its bytes: gathered for a multi_* or a scan page until all are there.
#pragma once

#include <optional>
#include <vector>

#include "ashlar/conflict_resolver.h"
#include "port/order.h"

namespace ashlar::request {

struct KeptAnswer {
    Bytes key;
    Bytes values;                              ///< one behind the other
    std::vector<port::ReplyVersion> versions;  ///< views into `values`
    Bytes context;
    WallTime stamp{0};  ///< of a scan: the latest of its versions
    port::Achieved achieved;
    std::optional<port::Refusal> refusal;

    /// Copies what the views of an answer point at. `versions` point into `values`, so a KeptAnswer is moved with
    /// care: short values live inside the string itself. point() sets them anew.
    void keep(std::span<const port::ReplyVersion> from) {
        values.clear();
        versions.assign(from.begin(), from.end());
        for (const port::ReplyVersion& version : from) values.append(version.value);
        point();
    }
    void point() {
        std::size_t at = 0;
        for (port::ReplyVersion& version : versions) {
            version.value = View(values).substr(at, version.value.size());
            at += version.value.size();
        }
    }
    std::size_t bytes() const { return key.size() + values.size() + context.size(); }
    port::ReplyItem item() const {
        return port::ReplyItem{key, versions, context, achieved, refusal ? &*refusal : nullptr};
    }
};

/// The values of a reading as a client gets them; `out` is refilled.
inline void values_of(const Reading& reading, std::vector<port::ReplyVersion>& out) {
    out.clear();
    for (std::uint32_t i = 0; i < reading.values; ++i) {
        const Version& version = reading.versions[i];
        out.push_back(port::ReplyVersion{version.value, version.wall, version.expires, version.dot});
    }
}

}  // namespace ashlar::request
