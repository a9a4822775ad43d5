#include "pipeline.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "ashlar_constants.h"
#include "forms.h"

namespace ashlar::cli::import {
namespace {

constexpr int attempts_max = 8;
constexpr std::int64_t first_pause_ms = 50, pause_max_ms = 2000;
constexpr std::size_t example_bytes = 80;

/// Lets the sending half of a call pass through Link::ask, which looks at the status of answers.
struct Sent {
    std::int32_t status = 1;
};

std::vector<std::size_t> all_of(const Batch& batch) {
    std::vector<std::size_t> out(batch.records.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

Failure item_failure(const thrift::MultiPutItem& item) {
    Failure out = failed(item.detail);
    out.error_code = item.error_code;
    return out;
}

}  // namespace

std::int64_t now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t seconds_left(std::int64_t expires_us, std::int64_t now) {
    if (expires_us <= now) return 1;
    return (expires_us - now + 999'999) / 1'000'000;
}

thrift::MultiPutRequest Pipeline::request_of(const Batch& batch, const std::vector<std::size_t>& which) const {
    thrift::MultiPutRequest out;
    out.__set_table(habits_.table);
    out.__set_options(habits_.options);
    for (std::size_t index : which) {
        const Record& record = batch.records[index];
        thrift::PutItem& item = out.items.emplace_back();
        item.__set_key(record.key);
        item.__set_value(record.values.front().bytes);
        item.__set_overwrite(true);
        if (record.values.front().expires_us) {
            item.__set_ttl_s(seconds_left(*record.values.front().expires_us, now_us()));
        } else if (habits_.ttl_s) {
            item.__set_ttl_s(*habits_.ttl_s);
        }
    }
    return out;
}

Outcome<Done> Pipeline::send(Batch batch) {
    bool alone = !batch.records.empty() && batch.records.front().values.size() > 1;
    while (in_flight_.size() >= (alone ? 1 : habits_.in_flight_max)) {
        if (auto done = settle_one(); !done) return done;
    }
    for (const Record& record : batch.records) keys_.insert(record.key);
    in_flight_.push_back({std::move(batch), {}, {}});
    Batch& sent = in_flight_.back().batch;
    sent.stored.assign(sent.records.size(), false);
    if (sent.records.empty()) return Done{};
    auto request = request_of(sent, all_of(sent));
    auto result = session_.data.ask(Repeat::never, [&](auto& client) {
        client.send_multi_put(request);
        return Sent{};
    });
    if (!result) return result.failure();
    return alone ? drain() : Outcome<Done>(Done{});
}

Outcome<Done> Pipeline::drain() {
    while (!in_flight_.empty()) {
        if (auto done = settle_one(); !done) return done;
    }
    return Done{};
}

Outcome<Done> Pipeline::settle_one() {
    Flight flight = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (auto done = receive(flight, all_of(flight.batch)); !done) return done;
    if (!flight.again.empty()) {
        // The connection answers in order: what is in flight must be heard before anything is asked again.
        for (Flight& later : in_flight_) {
            if (auto done = receive(later, all_of(later.batch)); !done) return done;
        }
        std::deque<Flight> heard = std::move(in_flight_);
        in_flight_.clear();
        heard.push_front(std::move(flight));
        for (Flight& one : heard) {
            if (auto done = send_again(one); !done) return done;
            if (auto done = settled_(one.batch); !done) return done;
        }
        keys_.clear();
        return Done{};
    }
    for (std::size_t i = 0; i < flight.batch.records.size(); ++i) {
        const Record& record = flight.batch.records[i];
        if (flight.batch.stored[i] && record.values.size() > 1) {
            if (auto done = store_siblings(record); !done) return done;
        }
        keys_.erase(keys_.find(record.key));
    }
    return settled_(flight.batch);
}

Outcome<Done> Pipeline::receive(Flight& flight, const std::vector<std::size_t>& which) {
    if (which.empty()) return Done{};
    auto answer = session_.data.ask(Repeat::never, [](auto& client) {
        thrift::MultiPutResponse out;
        client.recv_multi_put(out);
        return out;
    });
    if (answer) return judge(flight, which, *answer);
    if (!is_passing(answer.failure().error_code)) return answer.failure();
    flight.again = which;
    flight.why = answer.failure().sentence;
    flight.not_before_ms = answer.failure().retry_after_ms.value_or(0);
    return Done{};
}

Outcome<Done> Pipeline::judge(Flight& flight, const std::vector<std::size_t>& which,
                              const thrift::MultiPutResponse& answer) {
    if (answer.items.size() != which.size()) {
        return failed("the node answered for " + std::to_string(answer.items.size()) + " of " +
                      std::to_string(which.size()) + " records");
    }
    flight.again.clear();
    flight.not_before_ms = 0;
    for (std::size_t i = 0; i < which.size(); ++i) {
        const thrift::MultiPutItem& item = answer.items[i];
        if (item.status == thrift::g_ashlar_constants.STATUS_OK) {
            flight.batch.stored[which[i]] = true;
            ++flight.batch.tally.stored;
            continue;
        }
        if (is_lasting(item.error_code)) return item_failure(item);
        std::string example = preview(flight.batch.records[which[i]].key, example_bytes) + ": " + item.detail;
        if (is_passing(item.error_code)) {
            flight.again.push_back(which[i]);
            flight.why = item.detail;
            if (item.__isset.retry_after_ms)
                flight.not_before_ms = std::max<std::int64_t>(flight.not_before_ms, item.retry_after_ms);
        } else if (item.error_code == thrift::g_ashlar_constants.ERROR_INVALID_REQUEST) {
            flight.batch.tally.refuse("refused by the node", example);
        } else {
            flight.batch.tally.fail(std::string(error_name(item.error_code)), example);
        }
    }
    return Done{};
}

Outcome<Done> Pipeline::send_again(Flight& flight) {
    std::int64_t pause_ms = first_pause_ms;
    for (int attempt = 1; !flight.again.empty() && attempt < attempts_max; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp(flight.not_before_ms, pause_ms, pause_max_ms)));
        pause_ms = std::min(pause_ms * 2, pause_max_ms);
        std::vector<std::size_t> which = flight.again;
        auto request = request_of(flight.batch, which);
        auto sent = session_.data.ask(Repeat::never, [&](auto& client) {
            client.send_multi_put(request);
            return Sent{};
        });
        if (!sent) return sent.failure();
        if (auto done = receive(flight, which); !done) return done;
    }
    for (std::size_t index : flight.again) {
        flight.batch.tally.fail("not taken after " + std::to_string(attempts_max) + " attempts",
                                preview(flight.batch.records[index].key, example_bytes) + ": " + flight.why);
    }
    for (std::size_t i = 0; i < flight.batch.records.size(); ++i) {
        if (!flight.batch.stored[i] || flight.batch.records[i].values.size() < 2) continue;
        if (auto done = store_siblings(flight.batch.records[i]); !done) return done;
    }
    return Done{};
}

/// The first value replaced what was there; the others stand beside it.
Outcome<Done> Pipeline::store_siblings(const Record& record) {
    for (std::size_t i = 1; i < record.values.size(); ++i) {
        thrift::PutRequest request;
        request.__set_table(habits_.table);
        request.__set_key(record.key);
        request.__set_value(record.values[i].bytes);
        request.__set_options(habits_.options);
        if (record.values[i].expires_us) request.__set_ttl_s(seconds_left(*record.values[i].expires_us, now_us()));
        auto answer = session_.data.ask(Repeat::never, [&](auto& client) {
            thrift::PutResponse out;
            client.put(out, request);
            return out;
        });
        if (!answer) return answer.failure();
    }
    return Done{};
}

}  // namespace ashlar::cli::import
