#include "host/setting_value.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "kit/text.h"

namespace ashlar::host {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 4> byte_units{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}};
constexpr std::array<Unit, 5> time_units{
    {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"min", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}}};

Error refused(std::string_view text, std::string_view reason) {
    return fail(Code::invalid_request, kit::text("'", text, "' ", reason));
}

/// A whole number and the unit behind it, in units of one; fails on anything else and on overflow.
bool measure(std::string_view text, std::span<const Unit> units, std::int64_t& out) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (number == 0 && unit.empty()) {
        out = 0;
        return true;
    }
    unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
    for (const Unit& known : units)
        if (unit == known.name) return !__builtin_mul_overflow(number, known.factor, &out);
    return false;
}

/// The largest unit that says it exactly.
std::string written(std::int64_t number, std::span<const Unit> units) {
    if (number == 0) return "0";
    for (const Unit& unit : units) {
        if (number % unit.factor != 0) continue;
        return unit.name.empty() ? kit::text(number / unit.factor) : kit::text(number / unit.factor, " ", unit.name);
    }
    return kit::text(number, " us");
}

std::string limit(const SettingSpec& spec, std::int64_t number) {
    if (spec.type == SettingType::bytes) return written(number, byte_units);
    if (spec.type == SettingType::duration) return written(number, time_units);
    return kit::text(number);
}

bool is_choice(std::string_view choices, std::string_view text) {
    for (std::size_t at = 0; at <= choices.size();) {
        std::size_t end = std::min(choices.find('|', at), choices.size());
        if (choices.substr(at, end - at) == text) return true;
        at = end + 1;
    }
    return false;
}

bool is_plain(std::string_view text) {
    for (char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    return true;
}

constexpr std::string_view how_to_write(SettingType type) {
    switch (type) {
        case SettingType::integer:
            return "is not a whole number";
        case SettingType::bytes:
            return "is not a number of bytes (write 4096, 4 KiB, 4 MiB or 4 GiB)";
        case SettingType::duration:
            return "is not a length of time (write 10 ms, 10 s, 10 min, 10 h or 10 d)";
        case SettingType::text:
            return "holds control characters";
        case SettingType::boolean:
            return "is neither true nor false";
    }
    return "is of a type this version does not know";
}

/// Of the day, of "HH:MM".
std::optional<std::uint16_t> minute_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (std::size_t i : {0u, 1u, 3u, 4u})
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
    return static_cast<std::uint16_t>(hours * 60 + minutes);
}

}  // namespace

Result<Settings::Value> parse_setting(const SettingSpec& spec, std::string_view text) {
    Settings::Value value;
    value.text = std::string(text);
    bool good = false;
    switch (spec.type) {
        case SettingType::integer: {
            auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.number);
            good = error == std::errc{} && end == text.data() + text.size();
            break;
        }
        case SettingType::bytes:
            good = measure(text, byte_units, value.number);
            break;
        case SettingType::duration:
            good = measure(text, time_units, value.number);
            break;
        case SettingType::boolean:
            value.number = text == "true" ? 1 : 0;
            good = text == "true" || text == "false";
            break;
        case SettingType::text:
            good = is_plain(text);
            break;
    }
    if (!good) return refused(text, how_to_write(spec.type));
    if (spec.type == SettingType::text) {
        if (spec.choices != nullptr && !is_choice(spec.choices, text))
            return refused(text, kit::text("is not one of ", allowed_values(spec)));
    } else if (spec.type != SettingType::boolean && (value.number < spec.min || value.number > spec.max)) {
        return refused(text, kit::text("is out of range: ", allowed_values(spec)));
    }
    return value;
}

std::string allowed_values(const SettingSpec& spec) {
    if (spec.type == SettingType::boolean) return "true, false";
    if (spec.type == SettingType::text) {
        std::string out = spec.choices == nullptr ? "any text" : spec.choices;
        for (std::size_t at = out.find('|'); at != std::string::npos; at = out.find('|', at)) out.replace(at, 1, ", ");
        return out;
    }
    if (spec.max == std::numeric_limits<std::int64_t>::max()) return kit::text("at least ", limit(spec, spec.min));
    return kit::text(limit(spec, spec.min), " to ", limit(spec, spec.max));
}

std::string_view type_name(SettingType type) {
    switch (type) {
        case SettingType::integer:
            return "integer";
        case SettingType::bytes:
            return "bytes";
        case SettingType::duration:
            return "duration";
        case SettingType::text:
            return "text";
        case SettingType::boolean:
            return "boolean";
    }
    return "unknown";
}

Result<port::DayWindow> parse_window(std::string_view text) {
    if (text.empty()) return port::DayWindow{};
    std::optional<std::uint16_t> from;
    std::optional<std::uint16_t> through;
    if (text.size() == 11 && text[5] == '-') {
        from = minute_of(text.substr(0, 5));
        through = minute_of(text.substr(6));
    }
    if (!from || !through)
        return fail(Code::invalid_request, kit::text("'", text, "' is not a time of day such as 22:00-06:00 (UTC)"));
    if (*from % (24 * 60) == *through % (24 * 60) && !(*from == 0 && *through == 24 * 60))
        return fail(Code::invalid_request,
                    kit::text("'", text, "' begins when it ends: leave it empty to mean the whole day"));
    port::DayWindow out{*from, *through};
    if (*from == 0 && *through == 24 * 60) out = port::DayWindow{};
    return out;
}

}  // namespace ashlar::host
