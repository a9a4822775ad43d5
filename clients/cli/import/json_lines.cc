#include "json_lines.h"

#include <boost/json.hpp>

#include "forms.h"

namespace ashlar::cli::import {
namespace {

namespace json = boost::json;

/// Bytes of NAME or NAME_base64; a sentence when neither will do.
std::optional<std::string> bytes_of(const json::object& from, std::string_view name, std::string& why) {
    std::string coded = std::string(name) + "_base64";
    if (const json::value* text = from.if_contains(name)) {
        if (text->is_string()) return std::string(text->get_string());
        // Numbers are not written back as they came (1.50, 1e3), so storing anything but text would change it.
        why = std::string(name) + " is not a string (use --key-field to store whole objects as they are)";
        return std::nullopt;
    }
    if (const json::value* text = from.if_contains(coded)) {
        if (text->is_string()) {
            if (auto bytes = from_base64(text->get_string())) return bytes;
        }
        why = coded + " is not base64";
        return std::nullopt;
    }
    why = std::string("no ") + std::string(name);
    return std::nullopt;
}

bool add_value(const json::object& from, Record& record, std::string& why) {
    auto bytes = bytes_of(from, "value", why);
    if (!bytes) return false;
    Value value{std::move(*bytes), {}};
    if (const json::value* expires = from.if_contains("expires_us")) {
        if (!expires->is_int64()) {
            why = "expires_us is not a whole number";
            return false;
        }
        value.expires_us = expires->get_int64();
    }
    record.values.push_back(std::move(value));
    return true;
}

Found exported(const json::object& object) {
    Found out;
    std::string why;
    auto key = bytes_of(object, "key", why);
    if (!key) return refuse(why);
    out.record.key = std::move(*key);
    const json::value* siblings = object.if_contains("siblings");
    if (siblings == nullptr) {
        if (!add_value(object, out.record, why)) return refuse(why);
    } else {
        if (!siblings->is_array() || siblings->get_array().empty()) return refuse("siblings is not a list of values");
        for (const json::value& one : siblings->get_array()) {
            if (!one.is_object()) return refuse("siblings is not a list of values");
            if (!add_value(one.get_object(), out.record, why)) return refuse(why);
        }
    }
    out.kind = Found::Kind::record;
    return out;
}

Found whole(const json::object& object, const std::string& key_field, std::string_view text) {
    Found out;
    const json::value* key = object.if_contains(key_field);
    if (key == nullptr) return refuse("no member " + key_field);
    if (key->is_string()) {
        out.record.key = key->get_string();
    } else if (key->is_int64() || key->is_uint64()) {
        out.record.key = json::serialize(*key);
    } else {
        return refuse("member " + key_field + " is neither a string nor a whole number");
    }
    out.record.values.push_back({std::string(text), {}});
    out.kind = Found::Kind::record;
    return out;
}

std::string_view trimmed(std::string_view text) {
    auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Found parse(std::string_view text, const std::string& key_field) {
    json::error_code error;
    // The nesting bound of Boost.JSON (32 deep) holds: hostile depth is an error, not a stack.
    json::value value = json::parse(text, error);
    if (error) return refuse("not valid JSON", error.message());
    if (!value.is_object()) return refuse("not a JSON object");
    return key_field.empty() ? exported(value.get_object()) : whole(value.get_object(), key_field, text);
}

}  // namespace

Found JsonLines::next() {
    Line line;
    while (lines_.next(line)) {
        std::string_view text = trimmed(line.content());
        // A byte order mark is no part of the first object.
        if (line.number == 1 && text.starts_with("\xEF\xBB\xBF")) text = trimmed(text.substr(3));
        if (text.empty() && !line.too_long) continue;
        Found out = line.too_long ? refuse("line over " + std::to_string(lines_.line_bytes_max()) + " bytes")
                                  : parse(text, key_field_);
        out.line = line.number;
        out.end_offset = line.end_offset;
        return out;
    }
    Found end;
    end.line = lines_.number();
    end.end_offset = lines_.offset();
    return end;
}

}  // namespace ashlar::cli::import
