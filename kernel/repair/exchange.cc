#include "repair/exchange.h"

#include <algorithm>
#include <utility>

#include "kit/text.h"

namespace ashlar::repair {
namespace {

/// How often it is looked who is up, and whether something is due for this node.
constexpr Duration look_pause = seconds(1);
/// Of a partition that was just compared in haste.
constexpr Duration haste_pause = seconds(1);
/// Rounds under way: one that waits for a peer leaves room for another.
constexpr std::size_t rounds_most = 2;

}  // namespace

Exchange::Exchange(const Ground& ground, Surroundings& surroundings, std::uint64_t first_ref)
    : limits_(ground.limits),
      log_(ground.log),
      surroundings_(surroundings),
      questions_(ground.members, first_ref),
      tools_{ground.forest, ground.sums,    ground.engine, ground.joiner,
             ground.works,  ground.members, surroundings,  questions_},
      permits_(ground.engine, ground.log, ground.limits.tombstone_grace),
      answering_(tools_, permits_, ages_),
      counters_{ground.meter.counter("repair_rounds"),          ground.meter.counter("repair_rounds_failed"),
                ground.meter.counter("repair_keys_differing"),  ground.meter.counter("repair_entries_given"),
                ground.meter.counter("repair_bytes_given"),     ground.meter.counter("repair_entries_fetched"),
                ground.meter.counter("repair_bytes_fetched")} {}

Duration Exchange::interval() const {
    return Duration{std::max<std::int64_t>(limits_.convergence_target.us / 3, 1)};
}

bool Exchange::is_first(const Age& age, View datacentre) const {
    const Ring& ring = surroundings_.ring();
    for (const NodeId owner : age.owners) {
        if (owner == tools_.members.self().node) return true;
        const Member* member = ring.member(owner);
        if (!datacentre.empty() && member != nullptr && member->datacentre != datacentre) continue;
        if (tools_.members.state(owner) != PeerState::down) return false;
    }
    return false;
}

void Exchange::hasten(const port::Turn& turn, TableId table, const TokenRange& tokens) {
    ages_.hasten(table, tokens, turn.now.steady);
    check_at_ = turn.now.steady;
}

/// The partitions this node owns, by the ring of now.
void Exchange::take_stock(const port::Turn& turn) {
    const Ring& ring = surroundings_.ring();
    epoch_ = ring.epoch;
    tables_ = surroundings_.tables();
    std::map<Ages::Place, Age> owned;
    // A member alone has nobody to agree with.
    for (std::size_t i = 0; i < ring.claims.size() && ring.members.size() > 1; ++i) {
        for (const ComparedTable& table : tables_) {
            Age age;
            age.tokens = ring.range_of(i);
            age.owners = surroundings_.owners(table.id, age.tokens.first);
            if (std::find(age.owners.begin(), age.owners.end(), tools_.members.self().node) != age.owners.end())
                owned.emplace(Ages::Place{table.id, age.tokens.first}, std::move(age));
        }
    }
    ages_.replace(std::move(owned), turn.now.steady);
    // What was proven of another epoch's owners is no proof of these, and its rounds end at the fence.
    proofs_.clear();
    for (auto& [name, running] : running_) running.round->stop();
    check_at_ = turn.now.steady;
}

void Exchange::pump(const port::Turn& turn) {
    if (stopped_) return;
    pumped_at_ = turn.now.steady;
    questions_.pump(turn);
    if (epoch_ != surroundings_.ring().epoch) take_stock(turn);
    if (look_at_ <= turn.now.steady) {
        look_at_ = turn.now.steady + look_pause;
        check_at_ = std::min(check_at_, turn.now.steady);
        oldest_ = ages_.oldest(turn.now.steady);
        hasten_missed(turn);
        for (const TokenRange& gap : surroundings_.lacking()) ages_.hasten(TableId{}, gap, turn.now.steady);
    }
    begin_rounds(turn);
}

Instant Exchange::due() const {
    if (stopped_) return port::never;
    Instant due = std::min(questions_.due(), look_at_);
    if (running_.size() < rounds_most) due = std::min(due, check_at_);
    return due;
}

void Exchange::hasten_missed(const port::Turn& turn) {
    const Instant promised{turn.now.steady.us - limits_.convergence_target.us};
    const bool member = surroundings_.ring().member(tools_.members.self().node) != nullptr;
    for (const auto& [table, token] : surroundings_.missed()) {
        ages_.hasten(table, TokenRange{token, token}, turn.now.steady);
        // Who owns none of it, or no longer, leads no round of it and hears of none. Its owners have compared it by the
        // time they promise, or tell themselves that they have not.
        if (member && ages_.find(table, TokenRange{token, token}) == nullptr)
            surroundings_.compared(turn, table, TokenRange{token, token}, promised);
    }
}

void Exchange::begin_rounds(const port::Turn& turn) {
    while (running_.size() < rounds_most) {
        if (auto job = orders_.next()) {
            begin(turn, job->place, &*job);
            continue;
        }
        if (turn.now.steady < check_at_) return;
        const bool hastened_only = !limits_.repair_window.covers(turn.now.wall);
        auto place = ages_.next(turn.now.steady, interval(), hastened_only, [this](const Age& age) { return age.hastened || is_first(age, {}); });
        if (!place) {
            check_at_ = look_at_;
            return;
        }
        begin(turn, *place, nullptr);
    }
}

RoundOrder Exchange::round_order(const port::Turn& turn, const Ages::Place& place, const Age& age, const Job* job) const {
    RoundOrder order;
    order.table = place.first;
    order.tokens = job == nullptr ? age.tokens : job->tokens;
    order.epoch = epoch_;
    order.keep = Keep{turn.now.wall, permits_.known(place.first, order.tokens)};
    order.dry_run = job != nullptr && job->dry_run;
    const Ring& ring = surroundings_.ring();
    for (const NodeId owner : age.owners) {
        const Member* member = ring.member(owner);
        const bool wanted = job == nullptr || job->datacentre.empty() ||
                            (member != nullptr && member->datacentre == job->datacentre);
        if (owner != tools_.members.self().node && wanted) order.others.push_back(owner);
    }
    const bool forgets = std::any_of(tables_.begin(), tables_.end(), [&place](const ComparedTable& table) {
        return table.id == place.first && table.forgets;
    });
    if (job != nullptr || !forgets) return order;
    for (const Member& member : ring.members)
        if (std::find(age.owners.begin(), age.owners.end(), member.node) == age.owners.end())
            order.strangers.push_back(member.node);
    return order;
}

void Exchange::begin(const port::Turn& turn, const Ages::Place& place, const Job* job) {
    Age* age = ages_.find(place);
    if (age == nullptr) {
        RepairReport tally;
        tally.problem = "this node does not own the partition any more";
        if (job != nullptr) orders_.done(turn, job->order, false, false, tally);
        return;
    }
    const RoundOrder order = round_order(turn, place, *age, job);
    const std::uint64_t name = ++names_;
    Running& running = running_[name];
    running.place = place;
    running.tokens = order.tokens;
    running.epoch = epoch_;
    running.began = turn.now.steady;
    running.openings = surroundings_.openings();
    if (job != nullptr) running.order = job->order;
    running.whole = order.tokens == age->tokens && order.others.size() + 1 == age->owners.size() && !order.dry_run;
    if (job == nullptr) age->running = true;
    auto round = std::make_shared<Round>(tools_, order, [this, name](const port::Turn& later, const RoundOutcome& outcome) {
        ended(later, name, outcome);
    });
    running.round = round;
    round->begin(turn);
}

void Exchange::ended(const port::Turn& turn, std::uint64_t name, const RoundOutcome& outcome) {
    auto at = running_.find(name);
    if (at == running_.end()) return;
    const Running running = std::move(at->second);
    running_.erase(at);
    count(outcome);
    if (outcome.newer_permit.us != 0) permits_.adopt(turn, running.place.first, running.tokens, outcome.newer_permit);
    Age* age = ages_.find(running.place);
    if (age != nullptr && running.epoch == epoch_) {
        if (!running.order) age->running = false;
        if (running.whole) conclude(turn, running, *age, outcome);
    }
    if (running.order) orders_.done(turn, *running.order, outcome.answered, outcome.equal, outcome.tally);
}

void Exchange::conclude(const port::Turn& turn, const Running& running, Age& age, const RoundOutcome& outcome) {
    age.waiting_tombstones = outcome.tombstones;
    age.waiting_for.assign(outcome.withheld_by.begin(), outcome.withheld_by.end());
    if (!outcome.answered) {
        const bool soon = outcome.newer_permit.us != 0;
        age.not_before = turn.now.steady + (soon ? std::min(haste_pause, interval()) : interval());
        return;
    }
    const TokenRange& tokens = age.tokens;
    const TableId table = running.place.first;
    ages_.equal(age, running.began);
    // Who came in haste meanwhile may have seen what this round has not.
    age.hastened = age.hastened && running.began <= age.hastened_at;
    age.not_before = turn.now.steady + std::min(haste_pause, interval());
    Proofs& proofs = proofs_.try_emplace(table, limits_.tombstone_grace).first->second;
    for (const auto& [piece, clock] : outcome.proven)
        proofs.prove(piece, WallTime{clock.us - limits_.tombstone_grace.us}, turn.now.steady);
    const WallTime permit = proofs.permit(tokens, turn.now.steady);
    if (permit.us > 0) permits_.adopt(turn, table, tokens, permit);
    wire::RoundEnd end;
    end.epoch = epoch_;
    end.table = table;
    end.tokens = tokens;
    end.age = turn.now.steady - running.began;
    end.forget_before = permits_.known(table, tokens);
    for (const NodeId owner : age.owners)
        if (owner != tools_.members.self().node)
            (void)turn.effects.send(tools_.members.peer(owner, port::Road::background), port::Road::background, end);
    surroundings_.compared(turn, table, tokens, running.began);
    surroundings_.filled(turn, table, tokens, running.openings);
}

void Exchange::round_end(const port::Turn& turn, NodeId from, const wire::RoundEnd& end) {
    if (!surroundings_.admit(turn, from, end.table, end.epoch)) return;
    Age* age = ages_.find(Ages::Place{end.table, end.tokens.first});
    if (age == nullptr || age->tokens != end.tokens || end.age.us < 0) return;
    // Only owners begin rounds; who proves nothing may permit nothing.
    if (std::find(age->owners.begin(), age->owners.end(), from) == age->owners.end()) return;
    ages_.equal(*age, Instant{turn.now.steady.us - end.age.us});
    if (end.forget_before.us > 0) permits_.adopt(turn, end.table, end.tokens, end.forget_before);
}

void Exchange::count(const RoundOutcome& outcome) {
    ++so_far_.rounds;
    counters_.rounds.add();
    if (outcome.equal) ++so_far_.rounds_equal;
    if (!outcome.answered) {
        ++so_far_.rounds_failed;
        counters_.failed.add();
        so_far_.problem = outcome.tally.problem;
    }
    const RepairReport& tally = outcome.tally;
    so_far_.entries_given += tally.entries_given;
    so_far_.bytes_given += tally.bytes_given;
    so_far_.entries_fetched += tally.entries_fetched;
    so_far_.bytes_fetched += tally.bytes_fetched;
    counters_.differing.add(static_cast<std::int64_t>(tally.keys_differing));
    counters_.given.add(static_cast<std::int64_t>(tally.entries_given));
    counters_.given_bytes.add(static_cast<std::int64_t>(tally.bytes_given));
    counters_.fetched.add(static_cast<std::int64_t>(tally.entries_fetched));
    counters_.fetched_bytes.add(static_cast<std::int64_t>(tally.bytes_fetched));
    if (tally.entries_too_large != 0) log_.write(LogLevel::error, "replicas stay different: " + tally.problem);
}

Result<std::uint64_t> Exchange::order(const port::Turn& turn, const RepairOrder& order, OrderDone then) {
    if (stopped_) return fail(Code::closed, "this node is stopping");
    if (epoch_ != surroundings_.ring().epoch) take_stock(turn);
    const bool known = order.table.value == 0 || std::any_of(tables_.begin(), tables_.end(),
                                                             [&](const ComparedTable& t) { return t.id == order.table; });
    if (!known) return fail(Code::not_found, kit::text("there is no table ", order.table.value));
    const Member* self = surroundings_.ring().member(tools_.members.self().node);
    const bool here = order.datacentre.empty() || (self != nullptr && self->datacentre == order.datacentre);
    std::vector<Job> jobs;
    for (const auto& [place, age] : ages_.all()) {
        if (!here || (order.table.value != 0 && place.first != order.table)) continue;
        if (age.tokens.last < order.tokens.first || order.tokens.last < age.tokens.first) continue;
        if (order.as_first && !is_first(age, order.datacentre)) continue;
        jobs.push_back(Job{0, place,
                           {std::max(age.tokens.first, order.tokens.first), std::min(age.tokens.last, order.tokens.last)},
                           order.datacentre, order.dry_run});
    }
    return orders_.open(turn, std::move(jobs), std::move(then));
}

Convergence Exchange::convergence() const {
    Convergence out = so_far_;
    ages_.tell(out, pumped_at_);
    return out;
}

bool Exchange::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* end = std::get_if<wire::RoundEnd>(&message)) {
        if (!stopped_) round_end(turn, from.node, *end);
        return true;
    }
    return answering_.hear(turn, from, message) || questions_.hear(turn, from, message);
}

void Exchange::stop(const port::Turn& turn) {
    stopped_ = true;
    answering_.close();
    for (auto& [name, running] : running_) running.round->stop();
    questions_.stop();
    orders_.close(turn);
}

}  // namespace ashlar::repair
