#include "errands.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ashlar_constants.h"
#include "forms.h"

namespace ashlar::cli {
namespace {

using Client = thrift::AshlarAdminClient;

constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{500};
/// At the longest pause, ten seconds.
constexpr int silent_polls_max = 20;

/// Nothing it began is still to come: also what a scrub found is refilled, or will not be.
bool is_over(const thrift::ErrandReport& report) {
    if (report.state == "running") return false;
    return std::none_of(report.scrub.bad.begin(), report.scrub.bad.end(),
                        [](const thrift::BadBlock& bad) { return bad.healing == "refilling"; });
}

}  // namespace

Outcome<Done> Errands::gather() {
    Failure last = failed("");
    for (const Endpoint& endpoint : session_.admin_route.endpoints) {
        Route route = session_.admin_route;
        route.endpoints = {endpoint};
        Asked asked;
        asked.link = std::make_unique<Link<Client>>(route);
        auto status = asked.link->ask(Repeat::never, [](Client& client) {
            thrift::StatusResponse out;
            client.status(out, thrift::StatusRequest());
            return out;
        });
        if (!status) {
            last = status.failure();
            session_.out.complain(escape(last.sentence));
            continue;
        }
        asked.status = *status;
        bool known = std::any_of(asked_.begin(), asked_.end(),
                                 [&](const Asked& other) { return other.status.node == asked.status.node; });
        if (!known) asked_.push_back(std::move(asked));
    }
    if (!asked_.empty()) return Done{};
    last.sentence = "no node was reached";
    return last;
}

std::vector<std::string> Errands::left_out(const std::string& datacentre, bool alive) const {
    std::vector<std::string> out;
    for (const thrift::NodeStanding& node : asked_.front().status.nodes) {
        if (!node.member || (alive && node.state == "down")) continue;
        if (!datacentre.empty() && node.datacentre != datacentre) continue;
        if (std::none_of(asked_.begin(), asked_.end(),
                         [&](const Asked& asked) { return asked.status.node == node.node; }))
            out.push_back(node.name);
    }
    return out;
}

bool Errands::poll(Asked& asked) {
    thrift::ErrandsRequest request;
    request.__set_errand(asked.report.errand);
    auto answer = asked.link->ask(Repeat::never, [&](Client& client) {
        thrift::ErrandsResponse out;
        client.errands(out, request);
        return out;
    });
    if (!answer) {
        const bool gone = answer.failure().error_code == thrift::g_ashlar_constants.ERROR_NOT_FOUND;
        if (!gone && ++asked.silent_polls < silent_polls_max) return false;
        asked.lost = answer.failure();
        return true;
    }
    asked.silent_polls = 0;
    if (!answer->errands.empty()) asked.report = answer->errands.front();
    return is_over(asked.report);
}

void Errands::draw() const {
    std::string line;
    for (const Asked& asked : asked_) {
        if (!asked.begun) continue;
        line +=
            (line.empty() ? "" : "   ") + asked.status.name + ": " + (asked.lost ? "lost" : progress_of(asked.report));
    }
    session_.out.progress(escape(line).substr(0, session_.out.width()));
}

void Errands::follow() {
    auto pause = first_pause;
    for (;;) {
        bool all = true;
        for (Asked& asked : asked_) {
            if (asked.begun && !asked.over) asked.over = poll(asked);
            all = all && (!asked.begun || asked.over);
        }
        if (all) break;
        draw();
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
    session_.out.progress("");
}

std::string progress_of(const thrift::ErrandReport& report) {
    if (report.kind == "scrub") {
        if (report.state != "running") {
            const auto waiting = std::count_if(report.scrub.bad.begin(), report.scrub.bad.end(),
                                               [](const thrift::BadBlock& bad) { return bad.healing == "refilling"; });
            return waiting == 0 ? report.state : std::to_string(waiting) + " bad blocks to be refilled";
        }
        return byte_size(static_cast<double>(report.scrub.bytes)) + " of about " +
               byte_size(static_cast<double>(std::max(report.scrub.bytes, report.scrub.bytes_in_all)));
    }
    return std::to_string(report.repair.partitions_done) + " of " + std::to_string(report.repair.partitions) +
           " partitions";
}

}  // namespace ashlar::cli
