#include "host/console_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>

namespace ashlar::host {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

struct ConsoleLog::Sink {
    spdlog::logger logger{"ashlard", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

ConsoleLog::ConsoleLog(LogLevel least) : sink_(std::make_unique<Sink>()) {
    sink_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    sink_->logger.set_level(level_of(least));
    sink_->logger.flush_on(spdlog::level::debug);
}

ConsoleLog::~ConsoleLog() = default;

void ConsoleLog::write(LogLevel level, View line) noexcept {
    bool clean = std::none_of(line.begin(), line.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    try {
        if (clean) return sink_->logger.log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
        std::string copy(line);
        for (char& c : copy)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
        sink_->logger.log(level_of(level), spdlog::string_view_t(copy.data(), copy.size()));
    } catch (...) {
        // A line that cannot be written is no reason to stop serving.
    }
}

LogLevel log_level_of(View name) {
    if (name == "debug") return LogLevel::debug;
    if (name == "warn") return LogLevel::warn;
    if (name == "error") return LogLevel::error;
    return LogLevel::info;
}

}  // namespace ashlar::host
