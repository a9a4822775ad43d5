#include "swarm.h"

#include "kit/text.h"
#include "merging.h"

namespace ashlar::sim {
namespace {

/// 0 as often as not, else up to `most`.
std::uint64_t up_to(SeededRandom& random, std::uint64_t most) {
    return random.one_in(2) ? 0 : random.below(most) + 1;
}

Duration spaced(SeededRandom& random, std::int64_t least_ms, std::int64_t most_ms) {
    if (random.one_in(2)) return Duration{0};
    return milliseconds(least_ms +
                        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most_ms - least_ms))));
}

void draw_clients(Swarm& swarm, SeededRandom& random) {
    swarm.clients = static_cast<std::uint32_t>(1 + random.below(8));
    constexpr std::uint32_t key_counts[] = {1, 3, 10, 50, 200};
    swarm.keys = key_counts[random.below(5)];
    swarm.think = milliseconds(static_cast<std::int64_t>(20 + random.below(200)));
    constexpr std::uint32_t sizes[] = {8, 100, 100, 1000, 9000};
    swarm.value_bytes = sizes[random.below(5)];
    swarm.get = 1 + random.below(10);
    for (std::uint64_t* weight : {&swarm.put_blind, &swarm.put_context, &swarm.put_overwrite, &swarm.remove,
                                  &swarm.put_if, &swarm.multi, &swarm.scan, &swarm.exists}) {
        *weight = up_to(random, 8);
    }
    swarm.put_context += 1;
    swarm.with_request_id = up_to(random, 1'000'000);
    swarm.with_ttl = up_to(random, 300'000);
    swarm.sync_always = 1 + random.below(5);
    swarm.sync_interval = up_to(random, 5);
    swarm.sync_never = up_to(random, 5);
    swarm.short_deadline = up_to(random, 200'000);
    swarm.bad_order = up_to(random, 30'000);
}

void draw_machine(Swarm& swarm, SeededRandom& random) {
    constexpr std::int64_t lane_delays[] = {100, 2'000, 20'000, 200'000};
    swarm.lane_delay_max = microseconds(lane_delays[random.below(4)]);
    constexpr std::int64_t turn_delays[] = {1, 200, 2'000};
    swarm.turn_delay_max = microseconds(turn_delays[random.below(3)]);
    swarm.foggy = up_to(random, 500'000);
    swarm.lease_block = 16 + random.below(2000);
    swarm.limits.siblings_warn = 3;
    swarm.limits.siblings_refuse = static_cast<std::uint32_t>(5 + random.below(40));
    swarm.limits.page_entries = static_cast<std::uint32_t>(1 + random.below(60));
    swarm.limits.page_bytes = static_cast<std::uint32_t>(2'000 + random.below(200'000));
    swarm.limits.waiting_orders = static_cast<std::uint32_t>(random.one_in(4) ? 1 + random.below(10) : 10'000);
    swarm.limits.maintain_slice_bytes = 4'096 + random.below(100'000);
    // Clocks here jump by minutes in all; refusals beyond a bound are the unit tests' to see.
    swarm.limits.clock_skew = seconds(3600);
    swarm.limits.sync_interval = milliseconds(static_cast<std::int64_t>(20 + random.below(1000)));
    swarm.limits.tombstone_grace = milliseconds(static_cast<std::int64_t>(500 + random.below(20'000)));
    swarm.engine_settings = {{"memtable_bytes", "64KiB"},
                             {"log_segment_bytes", "16KiB"},
                             {"log_reserve_bytes", "4KiB"},
                             {"block_bytes", "512"},
                             {"block_cache_bytes", "16KiB"},
                             {"table_bytes", "16KiB"},
                             {"l0_compact_tables", "2"},
                             {"l0_stop_tables", "6"},
                             {"level_base_bytes", "64KiB"},
                             {"level_ratio", "2"},
                             {"disk_reserve_bytes", "64KiB"},
                             {"manifest_bytes", "4KiB"},
                             {"sweep_interval", "1s"},
                             {"partitions", "64"},
                             {"claims", "256"},
                             {"clock_pairs_max", "1000"},
                             {"compression", random.one_in(2) ? "lz4" : "none"}};
}

}  // namespace

Swarm draw_swarm(SeededRandom& random, bool persistent) {
    Swarm swarm;
    draw_clients(swarm, random);
    draw_machine(swarm, random);
    swarm.clock_jump_every = spaced(random, 3'000, 30'000);
    swarm.table_change_every = spaced(random, 2'000, 20'000);
    Duration crash_every = spaced(random, 1'000, 20'000);
    Duration clean_stop_every = spaced(random, 5'000, 30'000);
    Duration full_disk_every = spaced(random, 5'000, 30'000);
    std::uint64_t sync_failure = up_to(random, 2'000);
    std::uint64_t write_failure = up_to(random, 2'000);
    std::uint64_t read_failure = up_to(random, 10'000);
    swarm.crash_inside_work = up_to(random, 900'000);
    if (!persistent) return swarm;
    swarm.crash_every = crash_every;
    swarm.clean_stop_every = clean_stop_every;
    swarm.full_disk_every = full_disk_every;
    swarm.sync_failure = sync_failure;
    swarm.write_failure = write_failure;
    swarm.read_failure = read_failure;
    return swarm;
}

void draw_merging(Swarm& swarm, std::uint64_t seed, View resolver) {
    if (resolver != "crdt") return;
    SeededRandom random(seed);
    swarm.merge = 1 + random.below(10);
    swarm.merged_keys = static_cast<std::uint32_t>(1 + random.below(5));
}

Bytes Swarm::key(std::uint64_t number) const {
    if (number >= keys) return kit::text(merged_key, number - keys);
    switch (key_shape) {
        case KeyShape::scattered:
            return kit::text(View("qhxbtmdzfk").substr(number % 10, 1), "-key-", number);
        case KeyShape::alike:
            return kit::text("the long beginning of key-", number);
        default:
            return kit::text("key-", number);
    }
}

std::string Swarm::describe() const {
    return kit::text(clients, " clients on ", keys, " keys, think ", think.us, " us, values ", value_bytes,
                     " bytes; get ", get, " blind ", put_blind, " context ", put_context, " overwrite ", put_overwrite,
                     " remove ", remove, " put_if ", put_if, " multi ", multi, " scan ", scan, " exists ", exists,
                     "; ids ", with_request_id, " ttl ", with_ttl, "; sync ", sync_always, "/", sync_interval, "/",
                     sync_never, " interval ", limits.sync_interval.us, " us; lanes ", lane_delay_max.us, " us, turns ",
                     turn_delay_max.us, " us, foggy ", foggy, ", siblings ", limits.siblings_refuse, ", waiting ",
                     limits.waiting_orders, "; crash ", crash_every.us, " us, stop ", clean_stop_every.us,
                     " us, clock ", clock_jump_every.us, " us, full ", full_disk_every.us, " us, sync failure ",
                     sync_failure, ", write failure ", write_failure, ", read failure ", read_failure, ", inside ",
                     crash_inside_work, merge == 0 ? std::string() : kit::text("; merge ", merge, " on ", merged_keys));
}

}  // namespace ashlar::sim
