#include "repair/giving.h"

#include <utility>

#include "kit/hash.h"

namespace ashlar::repair {

void Giving::end(const port::Turn& turn, const Result<void>& outcome) {
    const Done done = std::move(done_);
    done(turn, outcome);
}

void Giving::go_on(const port::Turn& turn) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    if (last_page_ || pieces_.empty()) return end(turn, {});
    auto work = std::make_unique<EntryScan>(
        tools_.engine.snapshot(), tools_.joiner,
        PageOrder{task_->table, task_->keep, pieces_, after_, tools_.window(peer_)});
    EntryScan* scan = work.get();
    tools_.works.start(turn, port::Lane::read, std::move(work),
                       [self = shared_from_this(), scan](const port::Turn& later, const Result<void>& outcome) {
                           if (!outcome) return self->end(later, outcome);
                           self->scanned(later, *scan);
                       });
}

void Giving::scanned(const port::Turn& turn, EntryScan& scan) {
    if (task_->stopped) return end(turn, fail(Code::closed, "the round was stopped"));
    task_->tally.entries_too_large += scan.too_large;
    last_page_ = !scan.more;
    after_ = scan.end;
    std::vector<Line> lines = std::move(scan.lines);
    if (seen_ != nullptr) {
        std::erase_if(lines, [this](const Line& line) {
            auto known = seen_->find(std::pair(line.token, line.key));
            return known != seen_->end() && known->second == kit::hash64(line.entry);
        });
    }
    if (lines.empty()) return go_on(turn);
    wire::EntriesGive give;
    give.epoch = task_->epoch;
    give.table = task_->table;
    give.lines = views_of(lines);
    const std::size_t bytes = bytes_of(lines);
    // A page above what the background road carries is one entry (entry_scan.h).
    const port::Road road = bytes > background_most ? port::Road::link : port::Road::background;
    tools_.questions.ask(turn, peer_, road, give,
                         [self = shared_from_this(), entries = lines.size(), bytes](const port::Turn& later,
                                                                                    const wire::Message* message) {
                             const auto* answer =
                                 message == nullptr ? nullptr : std::get_if<wire::EntriesTaken>(message);
                             if (answer == nullptr)
                                 return self->end(later, fail(Code::timed_out, "a replica did not answer"));
                             self->taken(later, *answer, entries, bytes);
                         });
}

void Giving::taken(const port::Turn& turn, const wire::EntriesTaken& answer, std::size_t entries, std::size_t bytes) {
    if (!answer.fault.none()) return end(turn, answer.fault.error());
    task_->tally.entries_given += entries;
    task_->tally.bytes_given += bytes;
    const Duration pause = tools_.answered(peer_, entries, answer.load_milli);
    if (pause.us == 0) return go_on(turn);
    tools_.questions.later(turn, pause, [self = shared_from_this()](const port::Turn& later) { self->go_on(later); });
}

}  // namespace ashlar::repair
