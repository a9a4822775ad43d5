// The writes that carried a request id lately, so that a retry is the same write and gets the same answer.
//
// Bounded: the newest `recent_max` are remembered. Behind that (and across a restart) the id logged with the
// version answers as long as the version lives: knows_all_since() says when that must be asked. Loop only.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "ashlar/storage_engine.h"
#include "ashlar/types.h"

namespace ashlar::request {

/// About 200 bytes each, 13 MB when full; and never more than so many bytes of contexts.
inline constexpr std::size_t recent_max = 65'536;
inline constexpr std::size_t recent_bytes_max = 64 * 1024 * 1024;

class Recent {
public:
    /// One id may name several writes: the items of a multi_put.
    struct Name {
        RequestId request;
        TableId table;
        std::uint64_t key_hash = 0;
        auto operator<=>(const Name&) const = default;
    };
    struct Outcome {
        Sequence sequence = 0;  ///< the retry is durable when this is
        Dot dot;                ///< of the version it made
        Bytes context;          ///< causal context the write answered with
        bool found = false;     ///< of a remove
        WallTime stamp{0};      ///< of the write, where stamps decide
    };

    const Outcome* find(const Name& name) const {
        auto at = outcomes_.find(name);
        return at == outcomes_.end() ? nullptr : &at->second;
    }
    /// This life begins: what came before is not remembered here.
    void begin(Instant now) {
        if (begun_) return;
        begun_ = true;
        knows_from_ = now;
    }
    void add(const Name& name, Outcome outcome, Instant now) {
        auto [at, first] = outcomes_.try_emplace(name);
        bytes_ += outcome.context.size();
        bytes_ -= at->second.context.size();
        at->second = std::move(outcome);
        if (first) order_.emplace_back(now, name);
        while (order_.size() > recent_max || (bytes_ > recent_bytes_max && order_.size() > 1)) forget_oldest();
    }
    bool knows_all_since(Instant moment) const { return begun_ && knows_from_ <= moment; }

private:
    void forget_oldest() {
        knows_from_ = order_.front().first + microseconds(1);
        auto at = outcomes_.find(order_.front().second);
        bytes_ -= at->second.context.size();
        outcomes_.erase(at);
        order_.pop_front();
    }

    std::map<Name, Outcome> outcomes_;
    std::size_t bytes_ = 0;  ///< of their contexts
    std::deque<std::pair<Instant, Name>> order_;  ///< with the moment of the first write
    bool begun_ = false;
    Instant knows_from_;
};

}  // namespace ashlar::request
