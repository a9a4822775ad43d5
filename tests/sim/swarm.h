// What a seed draws: how many clients, which habits, which faults and how often. Anew for each seed, and none of
// each now and then: a fault that is always there hides what only happens without it.
#pragma once

#include <map>
#include <string>

#include "port/limits.h"
#include "random.h"

namespace ashlar::sim {

/// Bugs planted on purpose, to prove that the checker sees them. Tests only.
enum class Sabotage : std::uint8_t {
    none,
    acknowledge_before_sync,  ///< a sync reports success without having synced
    reuse_counters,           ///< after a crash counters begin where the last clean stop left them
    last_writer_wins,         ///< a join keeps only the second entry
    drop_tombstones,          ///< a write that only removes is acknowledged and forgotten
    forget_requests,          ///< request ids are not kept, so a retry is another write
    forget_hint_early,        ///< a hint counts as acknowledged when it is said
    vote_twice,               ///< a voter for the next epoch says yes to everybody
    forget_tombstones_early,  ///< an engine asks for no permit before a tombstone goes
    skip_bucket,              ///< some entries are left out of the sums replicas compare
    hash_without_context,     ///< the sums say nothing of what an entry has seen
};

/// What keys look like: it matters where their order decides who owns them.
enum class KeyShape : std::uint8_t {
    plain,      ///< key-7
    scattered,  ///< h-key-7: owners differ
    alike,      ///< one long beginning, so that all have one token
};

/// Per million, unless it is named otherwise. 0: never.
struct Swarm {
    // Clients.
    std::uint32_t clients = 4;
    std::uint32_t keys = 20;
    KeyShape key_shape = KeyShape::plain;
    Duration think{10'000};
    std::uint32_t value_bytes = 100;
    std::uint64_t get = 0, put_blind = 0, put_context = 0, put_overwrite = 0, remove = 0, put_if = 0, multi = 0,
                  scan = 0,
                  exists = 0;  ///< weights
    std::uint64_t merge = 0;       ///< weight of operations on values that merge
    std::uint32_t merged_keys = 0;
    std::uint64_t with_request_id = 0;
    std::uint64_t with_ttl = 0;
    std::uint64_t sync_always = 0, sync_interval = 0, sync_never = 0;  ///< weights
    std::uint64_t short_deadline = 0;
    std::uint64_t bad_order = 0;
    // The machine.
    Duration lane_delay_max{2'000};
    Duration turn_delay_max{200};
    std::uint64_t foggy = 0;  ///< look-ups that say needs_disk although memory could tell
    port::Limits limits;
    std::uint64_t lease_block = 1024;
    std::map<std::string, std::string> engine_settings;
    // Faults.
    Duration crash_every{0};  ///< mean; 0: never
    Duration clean_stop_every{0};
    Duration clock_jump_every{0};
    Duration full_disk_every{0};
    std::uint64_t sync_failure = 0;
    std::uint64_t write_failure = 0;
    std::uint64_t read_failure = 0;
    std::uint64_t crash_inside_work = 0;  ///< of crashes, how many cut the power inside a work
    Duration table_change_every{0};

    /// Behind the plain ones come those of values that merge.
    Bytes key(std::uint64_t number) const;
    std::uint32_t all_keys() const { return keys + merged_keys; }
    std::string describe() const;
};

/// `persistent`: the engine survives a restart, so the machine may be stopped.
Swarm draw_swarm(SeededRandom& random, bool persistent);
/// Whether clients have operations depends on the resolver: the draws of the others stay as they are.
void draw_merging(Swarm& swarm, std::uint64_t seed, View resolver);

}  // namespace ashlar::sim
