// Questions to other nodes that wait for an answer: asked again when none comes, given up after a few times.
//
// Every question of anti-entropy may be answered twice without harm. A peer that says it has no room is asked again
// after a pause. Bounded by the rounds under way, each of which asks few at a time. Loop only.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "kit/bytes.h"
#include "member/members.h"
#include "wire/codec.h"

namespace ashlar::repair {

class Questions {
public:
    /// Hears the answer, whose views are valid during the call; or nullptr: there is none.
    using Then = std::function<void(const port::Turn&, const wire::Message*)>;

    /// `first_ref` is drawn at each start, so that an answer to an earlier life is none.
    Questions(member::Members& members, std::uint64_t first_ref) : members_(members), refs_(first_ref) {}

    /// Gives the question its ref.
    template <class Ask>
    void ask(const port::Turn& turn, NodeId to, port::Road road, Ask question, Then then) {
        question.ref = wire::Ref{++refs_};
        Open open;
        open.to = to;
        open.road = road;
        open.patience = patience_of(question);
        wire::encode(question, open.bytes);
        open.then = std::move(then);
        put(turn, question.ref.value, std::move(open));
    }
    /// Calls back after a while.
    void later(const port::Turn& turn, Duration pause, std::function<void(const port::Turn&)> then) {
        pauses_.emplace(turn.now.steady + pause, std::move(then));
    }
    /// True if it was an answer, though it may be to nothing that is still asked.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    void pump(const port::Turn& turn);
    Instant due() const;
    /// Nobody is called back any more.
    void stop();

private:
    struct Open {
        NodeId to;
        port::Road road = port::Road::background;
        Bytes bytes;
        Duration patience;
        Instant again;
        unsigned tries = 0;
        Then then;
    };
    static Duration patience_of(const wire::SumAsk&) { return seconds(10); }  // it may scan all it has
    template <class Ask>
    static Duration patience_of(const Ask&) {
        return seconds(3);
    }
    void put(const port::Turn& turn, std::uint64_t ref, Open open);
    void send(const port::Turn& turn, Open& open);

    member::Members& members_;
    std::uint64_t refs_;
    std::map<std::uint64_t, Open> open_;
    std::multimap<Instant, std::function<void(const port::Turn&)>> pauses_;
};

}  // namespace ashlar::repair
