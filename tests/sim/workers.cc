#include "workers.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace ashlar::sim {
namespace {

constexpr std::uint64_t idle = UINT64_MAX;

struct Record {
    enum class State : std::uint8_t { untouched, well, wrong };
    State state = State::untouched;
    std::uint64_t orders = 0, acked = 0, checks = 0, crashes = 0, frames = 0, differing = 0, trace = 0;
};

/// What the processes share. Lock-free, for a process may die anywhere.
struct Board {
    std::atomic<std::uint64_t> next;
    std::atomic<std::uint64_t> done;
    std::atomic<std::uint64_t> failed;
};

/// One process, as its parent sees it.
struct Worker {
    pid_t pid = 0;
    std::atomic<std::uint64_t>* at = nullptr;  ///< the seed under way, counted from 0, or idle
    std::uint64_t seen = idle;
    std::int64_t since = 0;
};

template <class T>
T* shared(std::size_t count) {
    void* memory = mmap(nullptr, std::max<std::size_t>(1, count * sizeof(T)), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("mmap");
        std::exit(2);
    }
    return static_cast<T*>(memory);
}

std::int64_t now_s() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

class Crew {
public:
    Crew(const Batch& batch, const std::function<Verdict(const Plan&)>& run_one)
        : batch_(batch),
          run_one_(run_one),
          board_(new (shared<Board>(1)) Board{}),
          records_(shared<Record>(batch.seeds)),
          workers_(std::min<std::uint64_t>(batch.jobs, batch.seeds)) {
        auto* at = shared<std::atomic<std::uint64_t>>(workers_.size());
        for (std::size_t i = 0; i < workers_.size(); ++i)
            workers_[i].at = new (at + i) std::atomic<std::uint64_t>(idle);
    }

    Sums run() {
        std::int64_t began = now_s();
        std::int64_t said = began;
        for (Worker& worker : workers_) begin(worker);
        while (alive() != 0) {
            timespec pause{0, 20'000'000};
            nanosleep(&pause, nullptr);
            for (Worker& worker : workers_) look_at(worker);
            if (now_s() - said < batch_.progress_every_s) continue;
            said = now_s();
            say_progress(said - began);
        }
        return sums();
    }

private:
    std::size_t alive() const {
        return static_cast<std::size_t>(
            std::count_if(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.pid != 0; }));
    }

    void begin(Worker& worker) {
        std::fflush(nullptr);
        worker.seen = idle;
        worker.since = now_s();
        worker.pid = fork();
        if (worker.pid < 0) {
            std::perror("fork");
            std::exit(2);
        }
        if (worker.pid != 0) return;
        for (;;) {
            std::uint64_t mine = board_->next.fetch_add(1);
            if (mine >= batch_.seeds) break;
            worker.at->store(mine);
            take(mine);
            worker.at->store(idle);
        }
        std::fflush(nullptr);
        _exit(0);
    }

    void take(std::uint64_t number) {
        Plan plan = batch_.plan;
        plan.seed += number;
        Verdict verdict = run_one_(plan);
        std::fflush(stdout);
        records_[number] = Record{verdict.complaint ? Record::State::wrong : Record::State::well,
                                  verdict.orders,
                                  verdict.acked,
                                  verdict.checks,
                                  verdict.crashes,
                                  verdict.frames,
                                  verdict.differing,
                                  verdict.trace_hash};
        ++board_->done;
        if (verdict.complaint) ++board_->failed;
    }

    void look_at(Worker& worker) {
        if (worker.pid == 0) return;
        std::uint64_t at = worker.at->load();
        if (at != worker.seen) {
            worker.seen = at;
            worker.since = now_s();
        }
        bool stuck = at != idle && now_s() - worker.since > batch_.patience_s;
        if (stuck) kill(worker.pid, SIGKILL);
        int status = 0;
        if (waitpid(worker.pid, &status, stuck ? 0 : WNOHANG) != worker.pid) return;
        worker.pid = 0;
        if (!stuck && WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
        at = worker.at->exchange(idle);
        if (at != idle) lose(at, stuck ? "has no end" : "ended its process", status);
        begin(worker);
    }

    void lose(std::uint64_t number, const char* what, int status) {
        records_[number] = Record{};
        records_[number].state = Record::State::wrong;
        ++board_->done;
        ++board_->failed;
        std::printf("seed %llu: %s (status %d)\n", static_cast<unsigned long long>(batch_.plan.seed + number), what,
                    status);
        std::fflush(stdout);
    }

    void say_progress(std::int64_t took) {
        auto done = static_cast<unsigned long long>(board_->done.load());
        std::printf("... %llu of %llu seeds in %lld s, %.1f a second, %llu failed\n", done,
                    static_cast<unsigned long long>(batch_.seeds), static_cast<long long>(took),
                    static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(1, took)),
                    static_cast<unsigned long long>(board_->failed.load()));
        for (const Worker& worker : workers_) {
            if (worker.pid == 0 || worker.seen == idle || now_s() - worker.since < batch_.progress_every_s) continue;
            std::printf("    seed %llu is under way for %lld s\n",
                        static_cast<unsigned long long>(batch_.plan.seed + worker.seen),
                        static_cast<long long>(now_s() - worker.since));
        }
        std::fflush(stdout);
    }

    Sums sums() const {
        Sums out;
        for (std::uint64_t i = 0; i < batch_.seeds; ++i) {
            const Record& record = records_[i];
            ++out.ran;
            if (record.state != Record::State::well) out.failed.push_back(batch_.plan.seed + i);
            out.orders += record.orders;
            out.acked += record.acked;
            out.checks += record.checks;
            out.crashes += record.crashes;
            out.frames += record.frames;
            out.differing += record.differing;
            out.traces = out.traces * 31 + record.trace;
        }
        return out;
    }

    const Batch& batch_;
    const std::function<Verdict(const Plan&)>& run_one_;
    Board* board_;
    Record* records_;
    std::vector<Worker> workers_;
};

}  // namespace

Sums run_batch(const Batch& batch, const std::function<Verdict(const Plan&)>& run_one) {
    return Crew(batch, run_one).run();
}

}  // namespace ashlar::sim
