// Lines for the operator on standard error: time, level, text. Any thread. The only place that knows spdlog.
//
// Control characters in a line are replaced, since some of its words come from peers and must not forge lines.
#pragma once

#include <memory>
#include <string>

#include "ashlar/host.h"

namespace ashlar::host {

class ConsoleLog final : public Log {
public:
    /// Lines below `least` are not written.
    explicit ConsoleLog(LogLevel least);
    ~ConsoleLog() override;
    void write(LogLevel level, View line) noexcept override;

private:
    struct Sink;
    std::unique_ptr<Sink> sink_;
};

/// "debug", "info", "warn", "error"; anything else is info.
LogLevel log_level_of(View name);

}  // namespace ashlar::host
