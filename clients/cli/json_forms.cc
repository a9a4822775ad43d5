#include "json_forms.h"

#include "failure_text.h"
#include "forms.h"
#include "siblings.h"

namespace ashlar::cli {

namespace json = boost::json;

json::object json_document() {
    return {{"schema", json_schema}};
}

void add_bytes(json::object& into, std::string_view name, std::string_view bytes) {
    if (is_utf8(bytes)) into[name] = bytes;
    into[std::string(name) + "_base64"] = to_base64(bytes);
}

json::object json_version(const thrift::VersionValue& version) {
    json::object out;
    add_bytes(out, "value", version.value);
    out["dot"] = version.dot;
    const DotParts dot = parts_of(version.dot);
    out["node"] = dot.node;
    out["counter"] = dot.counter;
    out["written_us"] = version.written_us;
    out["written"] = utc_time(version.written_us);
    if (version.__isset.expires_us) {
        out["expires_us"] = version.expires_us;
        out["expires"] = utc_time(version.expires_us);
    }
    return out;
}

json::array json_versions(const std::vector<thrift::VersionValue>& versions) {
    json::array out;
    for (const auto& version : versions) out.push_back(json_version(version));
    return out;
}

json::object json_achieved(const thrift::Achieved& achieved) {
    return {{"answered", achieved.answered}, {"owners", achieved.owners}, {"synced", achieved.synced},
            {"hints", achieved.hints},       {"needed", achieved.needed}, {"replicas", achieved.replicas},
            {"epoch", achieved.epoch},       {"merged", achieved.merged}};
}

json::object json_failure(const Failure& failure) {
    json::object error = {{"detail", failure.sentence}, {"exit", static_cast<int>(failure.exit)}};
    if (failure.error_code != 0) {
        error["code"] = failure.error_code;
        error["name"] = error_name(failure.error_code);
    }
    if (failure.retry_after_ms) error["retry_after_ms"] = *failure.retry_after_ms;
    if (failure.achieved) error["achieved"] = json_achieved(*failure.achieved);
    json::object out = json_document();
    out["error"] = std::move(error);
    return out;
}

}  // namespace ashlar::cli
