#include "request/quorum.h"

#include <utility>

namespace ashlar::request {

void Quorum::init(std::shared_ptr<const ring::Needs> needs, std::uint32_t replicas, Epoch epoch) {
    needs_ = std::move(needs);
    tallies_.assign(needs_->groups.size(), Tally{});
    achieved_ = port::Achieved{};
    achieved_.needed = needs_->needed;
    achieved_.replicas = replicas;
    achieved_.epoch = epoch;
}

void Quorum::add(const Answer& answer) {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        const Need& need = needs_->groups[i];
        if (!need.datacentre.empty() && need.datacentre != answer.datacentre) continue;
        // A hint is a promise to deliver, not a replica: only level any takes it for an answer.
        bool counts = answer.ok && (!answer.hint || need.hints_count);
        ++(counts ? tallies_[i].yes : tallies_[i].no);
    }
    if (!answer.ok) return;
    if (answer.hint) ++achieved_.hints;
    ++achieved_.answered;
    if (answer.owner) ++achieved_.owners;
    if (answer.synced) ++achieved_.synced;
}

bool Quorum::enough() const {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        if (tallies_[i].yes < needs_->groups[i].count) return false;
    }
    return true;
}

bool Quorum::impossible() const {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        const Need& need = needs_->groups[i];
        std::uint32_t heard = tallies_[i].yes + tallies_[i].no;
        std::uint32_t outstanding = heard < need.of ? need.of - heard : 0;
        if (tallies_[i].yes + outstanding < need.count) return true;
    }
    return false;
}

}  // namespace ashlar::request
