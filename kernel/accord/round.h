// One ballot on one epoch, counted: who has promised, what they had accepted, who has accepted this.
//
// A majority of the voters decides. The first round of founders needs the promise of every one of them, for it binds
// them to the list; once somebody on the list has accepted a value all of them were bound, and a majority is enough
// to finish it. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "ashlar/types.h"
#include "wire/message.h"

namespace ashlar::accord {

class Round {
public:
    Round() = default;
    /// `voters` sorted, each once.
    Round(Epoch epoch, wire::Ballot ballot, std::vector<NodeId> voters);

    bool asks(NodeId voter) const;
    /// Strangers and repetitions count for nothing.
    void promised(NodeId from, const wire::Ballot& accepted, View value);
    void accepted(NodeId from);

    /// Enough promises: a value may be put to the vote, which must be earlier() if that has one.
    bool open() const;
    /// Enough votes: the value is decided.
    bool decided() const { return accepts_ >= majority(); }
    bool has_earlier() const { return earlier_.round != 0; }
    const Bytes& earlier() const { return value_; }

    bool has_promise(NodeId voter) const { return has(voter, promise_bit); }
    bool has_vote(NodeId voter) const { return has(voter, vote_bit); }
    Epoch epoch() const { return epoch_; }
    const wire::Ballot& ballot() const { return ballot_; }
    const std::vector<NodeId>& voters() const { return voters_; }

private:
    static constexpr std::uint8_t promise_bit = 1;
    static constexpr std::uint8_t vote_bit = 2;
    std::size_t majority() const { return voters_.size() / 2 + 1; }
    bool has(NodeId voter, std::uint8_t bit) const;
    bool mark(NodeId voter, std::uint8_t bit);

    Epoch epoch_;
    wire::Ballot ballot_;
    std::vector<NodeId> voters_;
    std::vector<std::uint8_t> said_;  ///< per voter
    std::size_t promises_ = 0;
    std::size_t accepts_ = 0;
    wire::Ballot earlier_;  ///< the highest that was accepted before
    Bytes value_;           ///< its value
};

}  // namespace ashlar::accord
