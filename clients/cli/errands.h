// Errands on several nodes at once: begins them, follows them to their ends, and keeps what each node said of its own.
//
// One connection per node. A node that is lost on the way is asked again for ten seconds, then given up and named.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "session.h"

namespace ashlar::cli {

/// One node that long work is begun on.
struct Asked {
    std::unique_ptr<Link<thrift::AshlarAdminClient>> link;
    thrift::StatusResponse status;
    thrift::ErrandReport report;  ///< as it was heard last
    bool begun = false;
    bool over = false;
    std::optional<Failure> lost;  ///< it could not begin, or could not be followed to its end
    int silent_polls = 0;
};

class Errands {
public:
    explicit Errands(Session& session) : session_(session) {}

    /// Connects to every node that --admin names, each once. Those that cannot be reached are told of; a failure when
    /// there is none.
    Outcome<Done> gather();
    std::vector<Asked>& nodes() { return asked_; }
    const std::vector<Asked>& nodes() const { return asked_; }
    /// Names of ring members that were not reached, as the nodes that were see them, of this data centre (empty: of
    /// all); `alive`: only those that run.
    std::vector<std::string> left_out(const std::string& datacentre, bool alive) const;

    /// call(client) begins it on one node, and answers with its number.
    template <class Call>
    void begin(Call call) {
        for (Asked& asked : asked_) {
            auto answer = asked.link->ask(Repeat::never, call);
            if (!answer) {
                asked.lost = answer.failure();
                continue;
            }
            asked.report.errand = answer->errand;
            asked.begun = true;
        }
    }
    /// Until all that was begun is over; draws how far it is on a terminal.
    void follow();

private:
    bool poll(Asked& asked);
    void draw() const;

    Session& session_;
    std::vector<Asked> asked_;
};

/// How far an errand is, in a few words: "12 of 64 partitions".
std::string progress_of(const thrift::ErrandReport& report);

}  // namespace ashlar::cli
