#include "state.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "forms.h"

namespace ashlar::cli::import {
namespace {

namespace json = boost::json;
constexpr int state_version = 1;
constexpr std::size_t state_bytes_max = 4 * 1024 * 1024;

std::optional<std::uint64_t> unsigned_of(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

std::string text_of(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Failure trouble(const char* what, const std::string& path) {
    return failed(std::string("cannot ") + what + " " + path + ": " + std::strerror(errno) +
                  " (--state names another file)");
}

}  // namespace

std::string state_text(const State& state) {
    json::object out = {{"ashlar_import", state_version},
                        {"identity", state.identity},
                        {"offset", static_cast<std::int64_t>(state.offset)},
                        {"line", static_cast<std::int64_t>(state.line)},
                        {"csv_header_base64", to_base64(state.csv_header)},
                        {"stored", state.tally.stored},
                        {"refused", json_reasons(state.tally.refused)}};
    return json::serialize(out) + "\n";
}

std::optional<State> state_from(std::string_view text) {
    json::error_code error;
    json::value value = json::parse(text, error);
    if (error || !value.is_object()) return std::nullopt;
    const json::object& object = value.get_object();
    auto version = unsigned_of(object, "ashlar_import"), offset = unsigned_of(object, "offset");
    auto line = unsigned_of(object, "line"), stored = unsigned_of(object, "stored");
    auto header = from_base64(text_of(object, "csv_header_base64"));
    if (version != state_version || !offset || !line || !stored || !header) return std::nullopt;
    State out;
    out.identity = text_of(object, "identity");
    out.offset = *offset;
    out.line = *line;
    out.csv_header = *header;
    out.tally.stored = static_cast<std::int64_t>(*stored);
    if (const json::value* refused = object.if_contains("refused")) out.tally.refused = reasons_from(*refused);
    return out;
}

Outcome<std::optional<State>> load_state(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return errno == ENOENT ? Outcome<std::optional<State>>(std::nullopt) : trouble("read", path);
    std::string text(state_bytes_max, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return state_from(text);
}

Outcome<Done> save_state(const std::string& path, const State& state) {
    std::string part = path + ".part";
    std::FILE* file = std::fopen(part.c_str(), "wbe");
    if (file == nullptr) return trouble("write", part);
    std::string text = state_text(state);
    bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    written = std::fclose(file) == 0 && written;
    if (!written || std::rename(part.c_str(), path.c_str()) != 0) return trouble("write", part);
    return Done{};
}

}  // namespace ashlar::cli::import
