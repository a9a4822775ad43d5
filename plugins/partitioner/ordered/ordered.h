// Tokens in the order of keys, so that a scan in key order is a walk along the ring.
//
// token = the first eight bytes of the key as a number; keys that share them share a token and are told apart behind it
// (entries are ordered by token, table, key). So a range of keys is a range of tokens, and a partition a range of keys.
// The price: keys are spread as unevenly as people choose them. Cuts start equal over the alphabet the operator names;
// with measured loads a plan halves heavy claims and deals claims by weight. Keys with eight equal first bytes cannot
// be parted: a cut is a token, not a key.
//
// A plan keeps all claims it can; deal.h says who gets the others. Pure, any thread, no state but the settings.
// Source: order-preserving partitioning as in Lakshman and Malik, "Cassandra", LADIS 2009, section 5.1.
#pragma once

#include "ashlar/partitioner.h"
#include "cuts.h"

namespace ashlar::ordered {

class Ordered final : public Partitioner {
public:
    Ordered(std::uint32_t claims, Alphabet alphabet) : claims_(claims), alphabet_(alphabet) {}

    Token token(View key) const noexcept override { return token_of(key); }
    Result<Ring> plan(const PlanRequest& request) const noexcept override;

private:
    std::uint32_t claims_;  ///< to begin with
    Alphabet alphabet_;
};

}  // namespace ashlar::ordered
