#include "request/quorum.h"

#include <utility>

namespace ashlar::request {
namespace {

bool concerns(const Need& need, View datacentre) {
    return need.datacentre.empty() || need.datacentre == datacentre;
}

}  // namespace

void Quorum::init(std::shared_ptr<const ring::Needs> needs, std::uint32_t replicas, Epoch epoch, bool sloppy) {
    needs_ = std::move(needs);
    tallies_.assign(needs_->groups.size(), Tally{});
    achieved_ = port::Achieved{};
    achieved_.needed = needs_->needed;
    achieved_.replicas = replicas;
    achieved_.epoch = epoch;
    sloppy_ = sloppy;
}

/// A stand-in's hint is an answer where the request or the level says so.
bool Quorum::counts(const Need& need, View datacentre, bool hint) const {
    return concerns(need, datacentre) && (!hint || sloppy_ || need.hints_count);
}

void Quorum::ask(View datacentre, bool hint) {
    for (std::size_t i = 0; i < tallies_.size(); ++i)
        if (counts(needs_->groups[i], datacentre, hint)) ++tallies_[i].out;
}

void Quorum::add(const Answer& answer) {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        if (!counts(needs_->groups[i], answer.datacentre, answer.hint)) continue;
        if (tallies_[i].out != 0) --tallies_[i].out;
        if (answer.ok) ++tallies_[i].yes;
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

bool Quorum::wants(View datacentre) const {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        const Need& need = needs_->groups[i];
        if (concerns(need, datacentre) && tallies_[i].yes + tallies_[i].out < need.count) return true;
    }
    return false;
}

bool Quorum::impossible(std::span<const View> askable) const {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        const Need& need = needs_->groups[i];
        std::uint32_t best = tallies_[i].yes + tallies_[i].out;
        for (View datacentre : askable) best += concerns(need, datacentre) ? 1 : 0;
        if (best < need.count) return true;
    }
    return false;
}

}  // namespace ashlar::request
