// What every node last said of itself, and which of two such words is the newer.
//
// An entry is replaced only by one of a later life, or of the same life with a higher heartbeat; so words that took
// a long way never undo newer ones. Of a node that has spoken here itself, others' words are believed within bounds: no
// later life, no heartbeat that cannot be yet. Of one that has not, they are, until it speaks. So no lie about a node
// keeps its own words out. At most wire::members_max nodes are known, half of them only by others' words; when there
// is no room, one of those makes it, or who was down longest. Messages made here stay below 64 KiB: what does not fit
// comes with a later round, since each message begins at a random place. Knows no detector and sends nothing. Loop
// only. Paper: van Renesse et al., "Efficient reconciliation and flow control for anti-entropy protocols", 2008
// (digest, delta).
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/host.h"
#include "wire/codec.h"
#include "wire/message.h"

namespace ashlar::member {

/// Bounds of one message. A mark takes 23 bytes at most: 2048 of them, or entries_bytes_max and wanted_max together,
/// are less than 64 KiB.
inline constexpr std::size_t entries_max = 64;
inline constexpr std::size_t entries_bytes_max = 48 * 1024;
inline constexpr std::size_t wanted_max = 512;
inline constexpr std::size_t marks_max = 2048;
/// Nodes one entry may accuse; an author who accuses more names them in turns.
inline constexpr std::size_t accuses_max = 512;

/// Nodes that are known by others' words only.
inline constexpr std::size_t spoken_of_max = wire::members_max / 2;
/// Honest heartbeats rise by one a round, and by a little when a node stops or takes over what others know of it.
inline constexpr std::uint64_t heartbeat_slack = 1000;
inline constexpr std::uint64_t heartbeats_per_round = 4;
/// No node began so many lives (256 unclean starts) while others spoke of it and it never came by itself.
inline constexpr std::uint32_t life_leap_max = std::uint32_t{1} << 24;

/// Who brings an entry.
enum class Mouth : std::uint8_t { own, anothers };

/// A node other than this one.
struct Known {
    wire::RosterEntry entry;
    PeerState state = PeerState::alive;  ///< the verdict
    Opinion own;                         ///< this node's detector alone
    std::vector<NodeId> accusers;        ///< believed ones, sorted
    Instant heard;                       ///< last message or heartbeat of it
    Instant advanced;                    ///< when its entry last became newer
    bool unanswered = false;             ///< the last probe of this node's own failed: ask again
    bool proven = false;                 ///< has shown life since it is known, not only been spoken of
    bool spoken = false;                 ///< this life of it has spoken of itself here: at `spoken_at`, `spoken_beat`
    Instant spoken_at;
    std::uint64_t spoken_beat = 0;
    Instant questioned;  ///< when it was last asked what is true of what others say

    /// Whether a life of it that says it is so young is over.
    bool outlived(std::uint32_t life) const;
    void speaks(std::uint64_t heartbeat, Instant now);
};

class Roster {
public:
    Roster(wire::RosterEntry own, Duration round) : self(std::move(own)), round_(round) {}

    enum class Took : std::uint8_t {
        old,      ///< nothing new
        newer,    ///< the same life, a higher heartbeat
        reborn,   ///< a later life
        joined,   ///< not known before
        righted,  ///< others' words could not be true: its own, though they look older
        doubted,  ///< nothing is taken: the node itself is to be asked
        full,     ///< not known before, and no room
    };
    struct Taken {
        Took what = Took::old;
        bool moved = false;  ///< an address is another than before
        NodeId gone;         ///< who made room
    };
    Taken take(const wire::RosterEntry& entry, Mouth by, Instant now);

    Known* find(NodeId node);
    const Known* find(NodeId node) const;

    wire::GossipDigest digest(Random& random) const;
    /// What the digest's sender lacks, and what it has that is newer.
    wire::GossipDelta answer(const wire::GossipDigest& digest, Random& random) const;
    /// What was asked for, where it is newer than the asker's mark.
    wire::GossipDelta give(const std::vector<wire::RosterMark>& wanted) const;

    wire::RosterEntry self;
    std::map<NodeId, Known> peers;

private:
    using Place = std::map<NodeId, Known>::const_iterator;
    Place random_place(Random& random) const;
    Took weigh(const Known& known, const wire::RosterEntry& entry, Mouth by, Instant now) const;
    /// Whether there is a place for one more; who went for it.
    bool make_room(Mouth by, NodeId& gone);

    Duration round_;
};

}  // namespace ashlar::member
