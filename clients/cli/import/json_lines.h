// JSON lines: one object a line. Either {"key": ..., "value": ...} as `ashlar export` writes it, or any object of
// which one member is the key (--key-field) and the whole line the value.
#pragma once

#include <string>

#include "lines.h"
#include "record.h"

namespace ashlar::cli::import {

class JsonLines : public Reader {
public:
    /// An empty key field means the form of export.
    JsonLines(Lines& lines, std::string key_field) : lines_(lines), key_field_(std::move(key_field)) {}
    Found next() override;

private:
    Lines& lines_;
    std::string key_field_;
};

}  // namespace ashlar::cli::import
