// Cluster: what goes wrong that only anti-entropy heals: a disk that is gone or goes bad, and months of absence.
#include "cluster.h"
#include "kit/text.h"

namespace ashlar::sim {

/// One machine's disk only: what two owners acknowledged is never gone.
void Cluster::wipe() {
    Machine& machine = *posts_[unlucky_]->machine;
    // Who has voted for a first ring and forgets it before there is one is for people to help; so is who is wiped again
    // before it is home, for the id between may still be taken in, and nobody who starts anew then knows its name.
    const bool home = posts_[unlucky_]->highest.value != 0;
    if (!persistent_ || away_ || !home || !machine.up() || machine.stopping()) return;
    machine.wipe();
}

void Cluster::rot() {
    Machine& machine = *posts_[unlucky_]->machine;
    if (persistent_ && machine.rot()) model_->disk_lost();
}

/// What a node says it cannot heal, since nobody else has it or hints may be in it, its operator replaces: as soon as
/// no hint is owed, or when that seems not to come.
void Cluster::tend_disks() {
    constexpr Duration patience = seconds(30);
    Machine& machine = *posts_[unlucky_]->machine;
    if (!machine.up() || machine.stopping()) return;
    const node::Facts facts = machine.node()->facts();
    const bool complains = facts.problem.find("damaged block") != std::string::npos;
    if (!complains) complains_since_ = Instant{0};
    if (complains && complains_since_.us == 0) complains_since_ = agenda_.now();
    if (!complains || (!facts.hints.empty() && agenda_.now() - complains_since_ < patience)) return;
    complains_since_ = Instant{0};
    quiet_since_ = agenda_.now();
    machine.wipe();
}

/// Rot that nobody has met is no fault of anti-entropy: a block is read when it is needed, or scrubbed. Once it was met,
/// it is to be healed.
std::string Cluster::damage() {
    Machine& machine = *posts_[unlucky_]->machine;
    for (const BadBlock& bad : machine.bad_blocks())
        return kit::text("n", machine.place(), " has a bad block in ", bad.file, " at ", bad.offset);
    return {};
}

/// Another machine is away while months pass. They pass while nothing runs, so that no event need happen in them: all
/// stop, the wall clocks go on, and all but the one start again.
void Cluster::leave() {
    if (!persistent_ || healed_) return;
    auto count = static_cast<std::uint32_t>(posts_.size());
    away_ = (unlucky_ + 1 + static_cast<std::uint32_t>(rare_.below(count - 1))) % count;
    trace_.note(agenda_.now(), "n", *away_, " is away from now on");
    posts_[*away_]->machine->crash(static_cast<Loss>(rare_.below(3)));
    agenda_.in(Duration{static_cast<std::int64_t>(1 + rare_.below(20'000'000))}, [this] { months_pass(); });
}

void Cluster::months_pass() {
    if (healed_) return;
    for (auto& post : posts_) post->machine->crash(static_cast<Loss>(rare_.below(3)));
    for (auto& post : posts_) {
        post->walls.jumped(agenda_.now(), storm_.absence);
        post->machine->jump_clock(storm_.absence);
    }
    agenda_.in(Duration{static_cast<std::int64_t>(1 + rare_.below(20'000'000))}, [this] {
        if (!away_) return;
        std::uint32_t place = *away_;
        away_.reset();
        trace_.note(agenda_.now(), "n", place, " may come back");
        restart_later(place, seconds(5));
    });
}

}  // namespace ashlar::sim
