// A text as the input of a reader, given out in pieces of a chosen size so that every cut falls somewhere.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "lines.h"
#include "record.h"

namespace ashlar::cli::import {

inline ByteSource text_source(std::string text, std::size_t piece = 3) {
    return [text = std::move(text), at = std::size_t{0}, piece](char* into, std::size_t size) mutable {
        std::size_t give = std::min({piece, size, text.size() - at});
        std::memcpy(into, text.data() + at, give);
        at += give;
        return static_cast<std::ptrdiff_t>(give);
    };
}

/// All that a reader finds, as text: "KEY=VALUE" or "!REASON", values of siblings joined by "|".
inline std::vector<std::string> all_found(Reader& reader) {
    std::vector<std::string> out;
    while (true) {
        Found found = reader.next();
        if (found.kind == Found::Kind::end) return out;
        if (found.kind == Found::Kind::refused) {
            out.push_back("!" + found.refusal.reason);
            continue;
        }
        std::string text = found.record.key + "=";
        for (const Value& value : found.record.values)
            text += (&value == found.record.values.data() ? "" : "|") + value.bytes;
        out.push_back(text);
    }
}

using Texts = std::vector<std::string>;

}  // namespace ashlar::cli::import
