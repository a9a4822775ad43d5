// Debian control paragraphs (deb-control(5), dpkg's status file, Packages indices): one record a paragraph.
//
// Key: the Package field, with ":" and the Architecture field when there is one. Value: the paragraph, byte for
// byte, without the empty lines around it.
#pragma once

#include <string>

#include "lines.h"
#include "record.h"

namespace ashlar::cli::import {

class ControlParagraphs : public Reader {
public:
    explicit ControlParagraphs(Lines& lines) : lines_(lines) {}
    Found next() override;

private:
    Lines& lines_;
};

}  // namespace ashlar::cli::import
