// What has been said for and against one peer, as it stands now: the bookkeeping every failure detector needs, so that
// plugins differ only in what they conclude from it.
//
// A sign of life is an answer, or a heartbeat counter that advanced, whichever way it came; an echo of an old counter
// and hearsay are none. A failure speaks against the peer on its channel until an answer comes on the same channel; a
// failure older than the latest sign of life is forgotten after a while, because a way nobody uses proves nothing.
// An accusation stands until the peer is heard, the accuser takes it back, or it grows old.
//
// Loop only, integers only. Memory is bounded: at most accusers_max accusers are kept, more would say nothing new.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "ashlar/failure_detector.h"
#include "ashlar/types.h"

namespace ashlar::kit {

class Testimony {
public:
    static constexpr std::size_t accusers_max = 64;

    explicit Testimony(Instant now) : heard_(now), advanced_(now) {}

    /// True if this is a sign of life.
    bool take(const Evidence& evidence, Instant now) {
        if (evidence.alive) return lives(evidence, now);
        if (evidence.channel == Channel::word)
            accuse(evidence.witness, now);
        else if (evidence.channel != Channel::gossip)  // its silence is measured, not reported
            way(evidence.channel).fail(now);
        return false;
    }

    Instant heard() const { return heard_; }        ///< the last sign of life on any channel
    Instant advanced() const { return advanced_; }  ///< the last heartbeat

    /// Since when this node itself cannot use the peer though it lives: since a way of its own (probe, data path) had
    /// failed for `patience` with no answer in between, while the peer was heard otherwise.
    std::optional<Instant> shut(Duration patience, Instant now) const {
        std::optional<Instant> since;
        for (const Way& own : {probe_, data_path_}) {
            if (!speaks(own, patience + patience, now) || own.last - own.since < patience) continue;
            const Instant from = own.since + patience;
            if (!since || from < *since) since = from;
        }
        return since;
    }

    /// Channels that speak against the peer: gossip after `silence` without a heartbeat, the others by what was
    /// reported, as far as that is not older than `lasts`.
    std::vector<Channel> against(Duration silence, Duration lasts, Instant now) const {
        std::vector<Channel> out;
        if (advanced_ + silence <= now) out.push_back(Channel::gossip);
        if (speaks(probe_, lasts, now)) out.push_back(Channel::probe);
        if (speaks(indirect_, lasts, now)) out.push_back(Channel::indirect);
        if (speaks(data_path_, lasts, now)) out.push_back(Channel::data_path);
        if (accusers(lasts, now) > 0) out.push_back(Channel::word);
        return out;
    }
    std::size_t accusers(Duration lasts, Instant now) const {
        return static_cast<std::size_t>(
            std::count_if(accusers_.begin(), accusers_.end(), [&](const auto& a) { return a.second + lasts > now; }));
    }

    /// This node was away until now: the time does not count.
    void slept(Duration away, Instant now) {
        for (Instant* moment : {&heard_, &advanced_, &probe_.since, &probe_.last, &indirect_.since, &indirect_.last,
                                &data_path_.since, &data_path_.last})
            *moment = std::min(now, *moment + away);
        for (auto& [accuser, when] : accusers_) when = std::min(now, when + away);
    }
    /// Nothing was said: the peer begins anew, but its old heartbeats stay old.
    void acquit(Instant now) {
        heard_ = advanced_ = now;
        probe_ = indirect_ = data_path_ = {};
        accusers_.clear();
    }

private:
    /// Failures that follow each other on one channel.
    struct Way {
        bool failing = false;
        Instant since, last;
        /// What failed while the peer was not heard at all was the peer's silence, not this way's fault.
        void heard_again(Instant heard_before, Instant now) {
            if (heard_before < since) since = now;
        }
        void fail(Instant now) {
            if (!failing) since = now;
            failing = true;
            last = now;
        }
    };
    Way& way(Channel channel) {
        return channel == Channel::probe ? probe_ : channel == Channel::indirect ? indirect_ : data_path_;
    }
    bool speaks(const Way& way, Duration lasts, Instant now) const {
        return way.failing && (way.last + lasts > now || heard_ <= way.last);
    }
    bool lives(const Evidence& evidence, Instant now) {
        if (evidence.channel == Channel::word) {
            accusers_.erase(evidence.witness);
            return false;
        }
        if (evidence.channel == Channel::gossip) {
            if (evidence.heartbeat <= heartbeat_) return false;
            heartbeat_ = evidence.heartbeat;
            advanced_ = now;
        } else {
            way(evidence.channel) = {};
        }
        for (Way* own : {&probe_, &data_path_}) own->heard_again(heard_, now);
        heard_ = now;
        accusers_.clear();  // they spoke of a silence that has ended
        return true;
    }
    void accuse(NodeId witness, Instant now) {
        if (accusers_.size() < accusers_max || accusers_.contains(witness)) accusers_[witness] = now;
    }

    std::uint64_t heartbeat_ = 0;
    Instant heard_, advanced_;
    Way probe_, indirect_, data_path_;
    std::map<NodeId, Instant> accusers_;
};

/// The usual time of answers: a moving mean in which the newest counts for a sixteenth. 0 before the first.
class Usual {
public:
    void take(Duration round_trip) {
        const std::int64_t us = std::clamp<std::int64_t>(round_trip.us, 0, seconds(3600).us);
        sixteenfold_ = answers_ == 0 ? us * 16 : sixteenfold_ + us - sixteenfold_ / 16;
        if (answers_ < enough) ++answers_;
    }
    bool known() const { return answers_ >= enough; }
    Duration value() const { return Duration{sixteenfold_ / 16}; }

private:
    static constexpr std::uint32_t enough = 32;
    std::int64_t sixteenfold_ = 0;
    std::uint32_t answers_ = 0;
};

/// Whether a peer's answers have become slow: five slow ones more than quick ones make it so, and it stays so until
/// the quick ones have made up for nearly all of that. One stray answer in five, as under loss, does not.
class Pace {
public:
    /// Answers that took `slow_from` or longer are slow; the others teach what is usual.
    void take(Duration round_trip, Duration slow_from, Instant now) {
        const bool slow_answer = round_trip >= slow_from;
        if (!slow_answer) usual_.take(round_trip);
        score_ = slow_answer ? std::min(score_ + 1, 8) : std::max(score_ - 1, 0);
        if (!slow_ && score_ >= 5) {
            slow_ = true;
            since_ = now;
        } else if (slow_ && score_ <= 2) {
            slow_ = false;
            since_ = now;
        }
    }
    bool slow() const { return slow_; }
    Instant since() const { return since_; }  ///< when it last became slow or quick
    /// How long an answer of this peer takes to be slow: `factor` times as long as usual, for itself or, while little
    /// is known of it, for the fleet, and `floor` at least.
    Duration slow_from(const Usual& fleet, std::int64_t factor, Duration floor) const {
        const Usual& usual = usual_.known() ? usual_ : fleet;
        return usual.known() ? std::max(floor, Duration{usual.value().us * factor}) : seconds(3600);
    }

private:
    Usual usual_;
    int score_ = 0;
    bool slow_ = false;
    Instant since_;
};

}  // namespace ashlar::kit
