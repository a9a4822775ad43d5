// import: a file's records into a table, in order, with progress, a memory of how far it got, and a full account.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include "ashlar_constants.h"
#include "forms.h"
#include "import/control.h"
#include "import/csv.h"
#include "import/input.h"
#include "import/json_lines.h"
#include "import/pipeline.h"
#include "import/progress.h"
#include "import/state.h"
#include "json_forms.h"

namespace ashlar::cli {
namespace {

using namespace import;

constexpr std::size_t batch_records = 128;
constexpr std::size_t batch_bytes = 1024 * 1024;
constexpr std::size_t example_bytes = 80;

volatile std::sig_atomic_t interrupted = 0;

/// Ends the reading at the next record; what is in flight is still heard and noted.
void on_interrupt(int) {
    interrupted = 1;
}

void watch_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESTART | SA_RESETHAND;  // a second one ends the program at once
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

/// One run of the verb.
class Run {
public:
    Run(const Import& wanted, Session& session) : wanted_(wanted), session_(session), progress_(session.out) {}
    ~Run() {
        if (acked_ >= 0) ::close(acked_);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    Exit go() {
        watch_interrupts();
        auto ready = prepare();
        if (!ready) return session_.fail(ready.failure());
        auto moved = move();
        progress_.clear();
        return report(moved);
    }

private:
    Outcome<Done> prepare();
    Outcome<Done> resume(const std::string& identity);
    Outcome<Done> open_reader();
    Outcome<Done> move();
    Outcome<Done> add(Found found, Batch& batch, Pipeline& pipeline);
    Outcome<Done> settled(Batch& batch);
    Exit report(const Outcome<Done>& moved);
    void print_json(const Outcome<Done>& moved);

    const Import& wanted_;
    Session& session_;
    Progress progress_;
    std::unique_ptr<Input> input_;
    std::unique_ptr<Lines> lines_;
    std::unique_ptr<Reader> reader_;
    std::string format_, state_file_;
    State state_;              ///< tally: of this run and those it goes on from
    std::int64_t before_ = 0;  ///< records of earlier runs
    std::size_t batch_max_ = batch_records, entry_bytes_max_ = 0;
    int acked_ = -1;
    bool clean_ = true;  ///< no record failed so far: the state may advance
};

Outcome<Done> Run::prepare() {
    auto input = Input::open(wanted_.file);
    if (!input) return input.failure();
    input_ = std::move(*input);
    format_ = wanted_.format.empty() ? guess_format(wanted_.file) : wanted_.format;
    if (format_.empty())
        return misused("the name " + wanted_.file + " does not say its format: add --format json, csv or control");

    auto hello = session_.data.ask(Repeat::elsewhere, [](auto& client) {
        thrift::HelloRequest request;
        request.__set_client("ashlar " ASHLAR_VERSION);
        request.__set_api_version(thrift::g_ashlar_constants.API_VERSION);
        thrift::HelloResponse out;
        client.hello(out, request);
        return out;
    });
    if (!hello) return hello.failure();
    entry_bytes_max_ = static_cast<std::size_t>(std::max(0, hello->entry_bytes_max));
    batch_max_ = wanted_.batch > 0 ? wanted_.batch : batch_records;
    if (hello->batch_max > 0) batch_max_ = std::min(batch_max_, static_cast<std::size_t>(hello->batch_max));

    if (!wanted_.acked_file.empty()) {
        acked_ = ::open(wanted_.acked_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (acked_ < 0) return failed("cannot open " + wanted_.acked_file + ": " + std::strerror(errno));
    }
    if (auto done = resume(hello->cluster); !done) return done;
    return open_reader();
}

Outcome<Done> Run::resume(const std::string& cluster) {
    if (!input_->regular()) return Done{};
    auto identity = input_->identity();
    if (!identity) return identity.failure();
    state_.identity = *identity + " as " + format_ + " key " + wanted_.key_field + " value " + wanted_.value_column +
                      " delimiter " + wanted_.delimiter + " prefix " + to_hex(wanted_.key_prefix) + " into " + cluster +
                      "/" + wanted_.table;
    state_file_ = wanted_.state_file.empty() ? wanted_.file + ".ashlar-import" : wanted_.state_file;
    if (!wanted_.resume) return Done{};
    auto noted = load_state(state_file_);
    if (!noted) return noted.failure();
    if (!*noted) return Done{};
    if ((*noted)->identity != state_.identity) {
        session_.out.remark("(" + state_file_ + " is about another import or an older file: starting over)");
        return Done{};
    }
    state_ = **noted;
    before_ = state_.tally.records();
    if (auto done = input_->seek(state_.offset); !done) return done;
    session_.out.remark("going on after record " + grouped(before_) + ", line " +
                        grouped(static_cast<std::int64_t>(state_.line)) + " (--no-resume starts over)");
    return Done{};
}

Outcome<Done> Run::open_reader() {
    lines_ = std::make_unique<Lines>(input_->source(), wanted_.record_bytes_max, state_.offset, state_.line);
    if (format_ == "json") reader_ = std::make_unique<JsonLines>(*lines_, wanted_.key_field);
    if (format_ == "control") reader_ = std::make_unique<ControlParagraphs>(*lines_);
    if (format_ == "csv") {
        auto rows =
            std::make_unique<CsvRows>(*lines_, CsvColumns{wanted_.key_field, wanted_.value_column, wanted_.delimiter});
        auto flaw = state_.offset > 0 ? rows->open(state_.csv_header) : rows->open();
        if (flaw) return failed(wanted_.file + ": " + (lines_->trouble().empty() ? *flaw : lines_->trouble()));
        state_.csv_header = rows->header();
        reader_ = std::move(rows);
    }
    progress_.start(input_->size(), state_.offset);
    return Done{};
}

Outcome<Done> Run::move() {
    Habits habits{wanted_.table, wanted_.options, wanted_.ttl_s};
    Pipeline pipeline(session_, habits, [this](Batch& batch) { return settled(batch); });
    Batch batch;
    while (interrupted == 0) {
        Found found = reader_->next();
        bool end = found.kind == Found::Kind::end;
        if (!end) {
            if (auto done = add(std::move(found), batch, pipeline); !done) return done;
        }
        batch.end_offset = lines_->offset();
        batch.end_line = lines_->number();
        bool full = batch.records.size() >= batch_max_ || batch.bytes >= batch_bytes;
        bool alone = !batch.records.empty() && batch.records.back().values.size() > 1;
        if (!end && !full && !alone) continue;
        if (auto done = pipeline.send(std::exchange(batch, {})); !done) return done;
        if (end) break;
    }
    if (auto done = pipeline.drain(); !done) return done;
    if (!lines_->trouble().empty()) return failed("cannot read " + wanted_.file + ": " + lines_->trouble());
    if (interrupted != 0) return failed("interrupted: run the same command again to go on from here");
    return Done{};
}

/// Puts a record into the batch, after sending what must go before it.
Outcome<Done> Run::add(Found found, Batch& batch, Pipeline& pipeline) {
    auto place = [&] { return "line " + std::to_string(found.line); };
    if (found.kind == Found::Kind::refused) {
        batch.tally.refuse(found.refusal.reason,
                           place() + (found.refusal.detail.empty() ? "" : ": " + found.refusal.detail));
        return Done{};
    }
    Record& record = found.record;
    if (record.key.empty()) {
        batch.tally.refuse("empty key", place());
        return Done{};
    }
    record.key.insert(0, wanted_.key_prefix);
    std::size_t largest = 0;
    bool expired = true;
    std::int64_t now = now_us();
    for (const Value& value : record.values) {
        largest = std::max(largest, value.bytes.size());
        expired = expired && value.expires_us && *value.expires_us <= now;
    }
    if (entry_bytes_max_ > 0 && record.key.size() + largest > entry_bytes_max_) {
        batch.tally.refuse("entry over the limit of " + std::to_string(entry_bytes_max_) + " bytes",
                           preview(record.key, example_bytes) + ": key " + std::to_string(record.key.size()) +
                               " + value " + std::to_string(largest) + " bytes, " + place());
        return Done{};
    }
    if (expired) {
        batch.tally.refuse("already expired", preview(record.key, example_bytes) + ", " + place());
        return Done{};
    }
    bool twice = pipeline.holds(record.key);
    for (const Record& other : batch.records) twice = twice || other.key == record.key;
    bool alone = record.values.size() > 1 && !batch.records.empty();
    if (twice || alone) {
        if (auto done = pipeline.send(std::exchange(batch, {})); !done) return done;
        if (auto done = twice ? pipeline.drain() : Outcome<Done>(Done{}); !done) return done;
    }
    batch.bytes += record.key.size() + largest;
    batch.records.push_back(std::move(record));
    return Done{};
}

Outcome<Done> Run::settled(Batch& batch) {
    if (acked_ >= 0) {
        std::string keys;
        for (std::size_t i = 0; i < batch.records.size(); ++i) {
            if (batch.stored[i]) keys += session_.shown(batch.records[i].key) + "\n";
        }
        // Written before the state: a record may be listed twice after a crash, never missed.
        if (!keys.empty() && ::write(acked_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
            return failed("cannot write " + wanted_.acked_file + ": " + std::strerror(errno));
        }
    }
    bool failing = Tally::total(batch.tally.failed) > 0;
    if (failing && clean_ && !state_file_.empty()) static_cast<void>(save_state(state_file_, state_));
    clean_ = clean_ && !failing;
    state_.tally.merge(batch.tally);
    if (clean_) {
        state_.offset = batch.end_offset;
        state_.line = batch.end_line;
    }
    if (progress_.show(batch.end_offset, state_.tally) && clean_ && !state_file_.empty()) {
        if (auto saved = save_state(state_file_, state_); !saved) {
            session_.out.remark("(cannot note how far it got, so a later run starts over: " + saved.failure().sentence +
                                ")");
            state_file_.clear();
        }
    }
    return Done{};
}

Exit Run::report(const Outcome<Done>& moved) {
    bool complete = static_cast<bool>(moved) && clean_;
    if (!state_file_.empty() && complete) static_cast<void>(::unlink(state_file_.c_str()));
    if (!state_file_.empty() && !complete && clean_) static_cast<void>(save_state(state_file_, state_));
    const Tally& tally = state_.tally;
    if (session_.json) {
        print_json(moved);
    } else {
        Output& out = session_.out;
        out.line(out.paint(Colour::bold, "stored  " + grouped(tally.stored)) + " records of " + wanted_.file +
                 " in table " + escape(wanted_.table) +
                 (before_ > 0 ? ", " + grouped(before_) + " of all in earlier runs" : "") + " (" +
                 progress_.summary(tally.records() - before_) + ")");
        auto list = [&](const char* word, const Reasons& reasons, Colour colour) {
            std::int64_t total = Tally::total(reasons);
            out.line(out.paint(total > 0 ? colour : Colour::plain, std::string(word) + grouped(total)));
            for (const auto& [name, reason] : reasons) {
                out.line("  " + grouped(reason.count) + " x " + escape(name) + " (" + escape(reason.example) + ")");
            }
        };
        list("refused ", tally.refused, Colour::yellow);
        list("failed  ", tally.failed, Colour::red);
    }
    if (!moved) {
        session_.out.complain(escape(moved.failure().sentence));
        return moved.failure().exit;
    }
    if (!tally.failed.empty()) {
        session_.out.complain("some records failed: run the same command again to retry from the first of them");
        return Exit::failed;
    }
    return wanted_.strict && !tally.refused.empty() ? Exit::failed : Exit::ok;
}

void Run::print_json(const Outcome<Done>& moved) {
    auto document = json_document();
    document["file"] = wanted_.file;
    document["format"] = format_;
    document["table"] = wanted_.table;
    document["complete"] = static_cast<bool>(moved) && clean_;
    document["records"] = state_.tally.records();
    document["records_of_earlier_runs"] = before_;
    document["stored"] = state_.tally.stored;
    document["refused"] = json_reasons(state_.tally.refused);
    document["failed"] = json_reasons(state_.tally.failed);
    document["seconds"] = progress_.seconds();
    document["records_per_second"] = progress_.rate(state_.tally.records() - before_);
    if (!moved) document["error"] = json_failure(moved.failure()).at("error");
    session_.document(document);
}

}  // namespace

Exit run(const Import& wanted, Session& session) {
    return Run(wanted, session).go();
}

}  // namespace ashlar::cli
