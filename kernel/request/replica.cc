#include "request/replica.h"

#include <array>
#include <utility>

#include "port/hint.h"

namespace ashlar::request {
namespace {

ReadAnswer answer_of(const Result<Found>& found, bool complete) {
    ReadAnswer answer;
    answer.complete = complete;
    if (!found) {
        answer.ok = false;
        answer.error = found.error();
    } else if (found->state == Found::State::present) {
        answer.entry = found->entry();
    } else if (found->state == Found::State::needs_disk) {
        answer.ok = false;
        answer.error = fail(Code::io, "the storage engine's snapshot asked for the disk it stands on");
    }
    return answer;
}

class LookUp final : public Work {
public:
    LookUp(std::shared_ptr<const Snapshot> snapshot, const EntryKey& key)
        : snapshot_(std::move(snapshot)), token_(key.token), table_(key.table), key_(key.key) {}
    void run() noexcept override { found_ = snapshot_->get(EntryKey{token_, table_, key_}); }
    Result<void> finish() noexcept override { return {}; }
    const Result<Found>& found() const { return found_; }

private:
    std::shared_ptr<const Snapshot> snapshot_;
    Token token_;
    TableId table_;
    Bytes key_;
    Result<Found> found_ = Found{};
};

}  // namespace

void Replica::durable(const port::Turn& turn, base::SlotId name, const Result<void>& outcome) {
    WriteAnswer answer;
    answer.ok = answer.synced = outcome.has_value();
    if (!outcome) answer.error = outcome.error();
    listener_.write_done(turn, name, answer);
}

std::optional<ReadAnswer> Replica::read(const port::Turn& turn, const ReadAsk& ask) {
    found_ = engine_.get(ask.key);
    if (!found_ || found_->state != Found::State::needs_disk) return answer_of(found_, ask.complete);
    if (!ask.may_wait) return std::nullopt;
    auto work = std::make_unique<LookUp>(engine_.snapshot(), ask.key);
    LookUp* look_up = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, look_up, name = ask.name, complete = ask.complete](const port::Turn& later, const Result<void>&) {
                     listener_.read_done(later, name, answer_of(look_up->found(), complete));
                 });
    return std::nullopt;
}

Result<Sequence> Replica::apply(const WriteAsk& ask) {
    Write write{ask.key, ask.entry};
    return engine_.apply(std::span<const Write>(&write, 1));
}

Result<Sequence> Replica::apply_hinted(const WriteAsk& ask) {
    const std::size_t bytes = ask.key.key.size() + ask.entry.size();
    if (auto room = hints_.admit(ask.absent, bytes); !room) return room.error();
    const auto record = port::HintWrite::owed(port::HintKey{ask.absent, ask.key}, engine_.applied() + 1);
    const std::array<Write, 2> writes{Write{ask.key, ask.entry}, record.write()};
    auto applied = engine_.apply(writes);
    if (applied) hints_.kept(ask.absent, bytes);
    return applied;
}

std::optional<WriteAnswer> Replica::write(const port::Turn& turn, const WriteAsk& ask) {
    auto applied = ask.absent.value == 0 ? apply(ask) : apply_hinted(ask);
    if (!applied) return WriteAnswer{false, applied.error(), false};
    applied_ = *applied;
    return confirm(turn, ask.name, *applied, ask.sync);
}

std::optional<WriteAnswer> Replica::confirm(const port::Turn& turn, base::SlotId name, Sequence sequence, Sync sync) {
    if (sequence <= syncs_.synced()) return WriteAnswer{true, {}, true};
    if (sync == Sync::always) {
        syncs_.wait(*this, name, sequence);
        return std::nullopt;
    }
    syncs_.note(turn, sync);
    return WriteAnswer{true, {}, false};
}

}  // namespace ashlar::request
