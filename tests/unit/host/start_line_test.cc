#include "host/start_line.h"

#include <gtest/gtest.h>

namespace ashlar::host {
namespace {

TEST(StartLine, TellsHowTheLastLifeEndedAndWhatWasReplayed) {
    EngineStats engine;
    engine.entries_estimate = 12;
    engine.disk_bytes = 3456;
    EXPECT_EQ(start_line(LastStop::none, 1, engine, microseconds(2999)),
              "serving after 2 ms: first start, incarnation 1, about 12 entries, 3456 bytes on disk");
    engine.facts = {{"replayed_records", 7}, {"flushes", 1}, {"replayed_bytes", 800}};
    EXPECT_EQ(start_line(LastStop::unclean, 2, engine, milliseconds(41)),
              "serving after 41 ms: the last stop was not clean, incarnation 2, about 12 entries, 3456 bytes on disk, "
              "7 log records replayed, 800 bytes of log replayed");
}

}  // namespace
}  // namespace ashlar::host
