#include "node/errands.h"

#include <algorithm>
#include <utility>

#include "kit/text.h"

namespace ashlar::node {
namespace {

void refuse(const port::Turn& turn, port::Ticket ticket, Error error) {
    port::Refusal refusal;
    refusal.error = std::move(error);
    turn.effects.refuse(ticket, refusal);
}

}  // namespace

Errands::Kept* Errands::find(std::uint64_t number) {
    auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.errand.number == number; });
    return found == kept_.end() ? nullptr : &*found;
}

Errands::Kept* Errands::begin(const port::Turn& turn, port::Ticket ticket, Errand::Kind kind) {
    auto running = [](const Kept& kept) { return kept.errand.state == Errand::State::running; };
    if (static_cast<std::size_t>(std::count_if(kept_.begin(), kept_.end(), running)) >= remembered) {
        refuse(
            turn, ticket,
            fail(Code::overloaded, kit::text(remembered, " errands are under way here: wait for one, or cancel it")));
        return nullptr;
    }
    Kept& kept = kept_.emplace_back();
    // The second it began in, so that no later life of this node gives the number again.
    last_ = std::max(last_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(turn.now.wall.us, 0) / 1'000'000));
    kept.errand.number = last_;
    kept.errand.kind = kind;
    kept.errand.began = turn.now.steady;
    return &kept;
}

void Errands::end(const port::Turn& turn, Kept& kept, const Result<void>& outcome) {
    Errand& errand = kept.errand;
    errand.ended = turn.now.steady;
    kept.work = nullptr;
    if (errand.state == Errand::State::running && !outcome) {
        errand.state = Errand::State::failed;
        errand.error = outcome.error();
    } else if (errand.state == Errand::State::running) {
        errand.state = Errand::State::done;
    }
    auto over = [](const Kept& other) { return other.errand.state != Errand::State::running; };
    if (static_cast<std::size_t>(std::count_if(kept_.begin(), kept_.end(), over)) > remembered)
        kept_.erase(std::find_if(kept_.begin(), kept_.end(), over));
}

void Errands::scrub(const port::Turn& turn, port::Ticket ticket) {
    for (const Kept& kept : kept_)
        if (kept.work != nullptr) return turn.effects.errand_begun(ticket, kept.errand.number);
    Kept* kept = begin(turn, ticket, Errand::Kind::scrub);
    if (kept == nullptr) return;
    const std::uint64_t number = kept->errand.number;
    auto work = upkeep_.scrub(
        turn, [this, number](const port::Turn& later, const Result<void>& outcome, const ScrubWork& scrub) {
            Kept* ended = find(number);
            if (ended == nullptr) return;
            ScrubReport& report = ended->errand.scrub;
            report.blocks = scrub.blocks;
            report.bytes = scrub.bytes;
            for (const BadBlock& bad : scrub.bad) report.bad.push_back({bad, Healing::kept});
            end(later, *ended, outcome);
        });
    if (!work) {
        kept_.pop_back();
        return refuse(turn, ticket, work.error());
    }
    kept->work = *work;
    const EngineStats stats = engine_.stats();
    kept->errand.scrub.bytes_in_all = stats.disk_bytes + stats.log_bytes;
    turn.effects.errand_begun(ticket, number);
}

Result<repair::RepairOrder> Errands::order_of(const port::AdminOrder& asked) const {
    const Ring& ring = *catalogue_.ring();
    repair::RepairOrder out;
    if (ring.claims.empty()) return fail(Code::unavailable, "there is no ring yet, and so nobody to compare with");
    if (ring.member(catalogue_.self()) == nullptr)
        return fail(Code::unavailable, "this node is not in the ring and owns nothing that could be compared");
    if (!asked.table.name.empty()) {
        const request::ServedTable* table = catalogue_.find(asked.table.name);
        if (table == nullptr) return fail(Code::not_found, kit::text("there is no table '", asked.table.name, "'"));
        out.table = table->table->id;
    }
    if (asked.tokens.first > asked.tokens.last)
        return fail(Code::invalid_request, kit::text("the range ends at ", kit::hex16(asked.tokens.last),
                                                     ", before it begins at ", kit::hex16(asked.tokens.first)));
    if (!asked.datacentre.empty() && asked.datacentre != catalogue_.seat().datacentre)
        return fail(Code::invalid_request, kit::text("this node stands in data centre ", catalogue_.seat().datacentre,
                                                     " and compares with replicas of ", asked.datacentre,
                                                     " only as one of them: ask one there"));
    out.tokens = asked.tokens;
    out.datacentre = asked.datacentre;
    out.as_first = asked.as_first;
    out.dry_run = asked.dry_run;
    return out;
}

std::uint64_t Errands::elsewhere(const repair::RepairOrder& order) const {
    const Ring& ring = *catalogue_.ring();
    std::uint64_t out = 0;
    for (const port::Table& table : catalogue_.tables()) {
        if (order.table.value != 0 && order.table != table.id) continue;
        request::ServedTable* served = catalogue_.find(table.id);
        for (std::size_t at = ring.partition_of(order.tokens.first); at < ring.claims.size(); ++at) {
            if (ring.claims[at].first > order.tokens.last) break;
            const Walk& walk = served->placement->walk(ring.claims[at].first);
            auto owners_end = walk.nodes.begin() + static_cast<std::ptrdiff_t>(walk.owners);
            if (std::find(walk.nodes.begin(), owners_end, catalogue_.self()) == owners_end) ++out;
        }
    }
    return out;
}

void Errands::repair(const port::Turn& turn, const port::AdminOrder& asked) {
    auto order = order_of(asked);
    if (!order) return refuse(turn, asked.ticket, order.error());
    Kept* kept = begin(turn, asked.ticket, asked.dry_run ? Errand::Kind::verify : Errand::Kind::repair);
    if (kept == nullptr) return;
    Errand& errand = kept->errand;
    errand.table = asked.table.name;
    errand.tokens = asked.tokens;
    errand.datacentre = asked.datacentre;
    errand.partitions_elsewhere = elsewhere(*order);
    const std::uint64_t number = errand.number;
    auto begun = exchange_.order(turn, *order,
                                 [this, number](const port::Turn& later, const Result<repair::RepairReport>& report) {
                                     Kept* ended = find(number);
                                     if (ended == nullptr) return;
                                     if (report) ended->errand.repair = *report;
                                     end(later, *ended, report ? Result<void>{} : Result<void>(report.error()));
                                 });
    if (!begun) {
        std::erase_if(kept_, [&](const Kept& other) { return other.errand.number == number; });
        return refuse(turn, asked.ticket, begun.error());
    }
    // What has nothing to compare may have ended by now.
    if (Kept* going = find(number)) going->order = *begun;
    turn.effects.errand_begun(asked.ticket, number);
}

void Errands::cancel(const port::Turn& turn, const port::AdminOrder& asked) {
    Kept* kept = find(asked.errand);
    if (kept == nullptr)
        return refuse(turn, asked.ticket, fail(Code::not_found, kit::text("no errand ", asked.errand, " here")));
    if (kept->errand.state == Errand::State::running) {
        if (kept->errand.kind == Errand::Kind::scrub)
            return refuse(turn, asked.ticket, fail(Code::unsupported, "a scrub runs to its end"));
        if (auto report = exchange_.progress(kept->order)) kept->errand.repair = *report;
        kept->errand.state = Errand::State::cancelled;
        kept->errand.ended = turn.now.steady;
        exchange_.cancel(turn, kept->order);
    }
    turn.effects.errand_begun(asked.ticket, asked.errand);
}

Healing Errands::fate(const BadBlock& block) const {
    if (!healing_.gave_up(block)) return healing_.will_give_up(block) ? Healing::refilling : Healing::kept;
    return base::holds_any(gaps_.open(), block.tokens) ? Healing::refilling : Healing::refilled;
}

std::vector<Errand> Errands::all() const {
    std::vector<Errand> out;
    for (const Kept& kept : kept_) {
        Errand& errand = out.emplace_back(kept.errand);
        if (kept.work != nullptr) {
            errand.scrub.blocks = kept.work->blocks;
            errand.scrub.bytes = kept.work->bytes;
        } else if (errand.state == Errand::State::running) {
            if (auto report = exchange_.progress(kept.order)) errand.repair = *report;
        }
        for (ScrubReport::Bad& bad : errand.scrub.bad) bad.healing = fate(bad.block);
    }
    return out;
}

}  // namespace ashlar::node
