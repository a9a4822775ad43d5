// How anti-entropy meets the rooms beside it: ring, fence, hints and durability, each asked where it is.
//
// Holds nothing. Loop only.
#pragma once

#include "handoff/hints.h"
#include "repair/gaps.h"
#include "repair/surroundings.h"
#include "request/catalogue.h"
#include "request/fence.h"
#include "request/stamps.h"
#include "request/sync_queue.h"

namespace ashlar::node {

class CommonGround final : public repair::Surroundings {
public:
    CommonGround(request::Catalogue& catalogue, const request::Fence& fence, request::Stamps& stamps,
                 request::SyncQueue& syncs, handoff::Hints& hints, repair::Gaps& gaps)
        : catalogue_(catalogue), fence_(fence), stamps_(stamps), syncs_(syncs), hints_(hints), gaps_(gaps) {}

    const Ring& ring() const override { return *catalogue_.ring(); }
    std::vector<repair::ComparedTable> tables() const override;
    std::vector<NodeId> owners(TableId table, Token token) override;
    Result<void> admit(const port::Turn& turn, NodeId from, TableId table, Epoch epoch) override;
    Result<void> check(const port::Turn& turn, TableId table, View entry) override;
    void after_sync(std::function<void(const port::Turn&)> then) override { syncs_.after_all(std::move(then)); }
    bool owes_nothing() const override { return hints_.owes_nothing(); }
    std::vector<std::pair<TableId, Token>> missed() const override { return hints_.missed(); }
    void compared(const port::Turn&, TableId table, const TokenRange& tokens, Instant began) override {
        hints_.forget_missed(table, tokens, began);
    }
    const base::TokenRanges& lacking() const override { return gaps_.open(); }
    std::uint32_t openings() const override { return gaps_.openings(); }
    void filled(const port::Turn& turn, TableId table, const TokenRange& tokens, std::uint32_t openings) override {
        gaps_.filled(turn, table, tokens, openings, catalogue_.owned_in(tokens));
    }

private:
    request::Catalogue& catalogue_;
    const request::Fence& fence_;
    request::Stamps& stamps_;
    request::SyncQueue& syncs_;
    handoff::Hints& hints_;
    repair::Gaps& gaps_;
    Reading reading_;  ///< memory used again
};

}  // namespace ashlar::node
