// What others say on the background road, as a node's roster hears it: the input is a run of messages, each a blob
// behind a byte that tells who speaks. Whatever comes, the node stays itself, the roster in bounds, and what the node
// says in turn is short and can be read.
#include <cstdlib>
#include <map>
#include <string>

#include "heartbeat.h"
#include "kit/bytes.h"
#include "member/gate.h"
#include "member/members.h"
#include "member/roster.h"
#include "wire/codec.h"

using namespace ashlar;

namespace {

class Nowhere final : public Log, public Meter {
public:
    void write(LogLevel, View line) noexcept override {
        for (char c : line)
            if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
    Counter& counter(View name) noexcept override { return counters_[std::string(name)]; }

private:
    std::map<std::string, Counter> counters_;
};

class Steps final : public Random {
public:
    std::uint64_t next() noexcept override { return state_ = state_ * 6364136223846793005u + 1442695040888963407u; }

private:
    std::uint64_t state_ = 1;
};

class Ears final : public port::Effects {
public:
    void reply(port::Ticket, const port::Reply&) override { std::abort(); }
    void refuse(port::Ticket, const port::Refusal&) override { std::abort(); }
    void table_done(port::Ticket, const port::Table&) override { std::abort(); }
    void errand_begun(port::Ticket, std::uint64_t) override { std::abort(); }
    void key_explained(port::Ticket, const port::Explanation&) override { std::abort(); }
    bool send(const port::Peer& to, port::Road, const wire::Message& message) override {
        if (to.address.empty()) std::abort();
        bytes_.clear();
        wire::encode(message, bytes_);
        wire::Message back;
        if (bytes_.size() > 64 * 1024 || !wire::decode(bytes_, back)) std::abort();
        return true;
    }
    void run(port::Lane, port::WorkId, Work&) override { std::abort(); }
    void wake_at(Instant) override { std::abort(); }
    void stopped() override { std::abort(); }

private:
    Bytes bytes_;
};

wire::RosterEntry myself() {
    wire::RosterEntry self;
    self.node = NodeId{1};
    self.incarnation = 1;
    self.name = "n1";
    self.background_at = "n1:7";
    return self;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kit::Reader in(View(reinterpret_cast<const char*>(data), size));
    Nowhere nowhere;
    Steps steps;
    Ears ears;
    heartbeat::Heartbeat detector{heartbeat::Patience{}};
    member::Rules rules;
    rules.seeds = {"n2:7"};
    member::Members members(detector, steps, nowhere, nowhere, rules, myself());
    Now now{Instant{seconds(10).us}, WallTime{0}};
    while (in.left() != 0) {
        const std::uint8_t who = in.u8();
        View bytes = in.blob();
        if (!in.ok()) break;
        wire::Message message;
        if (wire::decode(bytes, message))
            members.hear(port::Turn{now, ears}, wire::Sender{NodeId{who % 4u}, who / 64u}, message);
        now.steady = now.steady + milliseconds(who);
        members.pump(port::Turn{now, ears});
        const wire::RosterEntry& self = members.self();
        if (self.node != NodeId{1} || self.incarnation != 1 || self.heartbeat >= member::heartbeat_end) std::abort();
        if (members.state(NodeId{1}) != PeerState::alive || members.standings().size() > wire::members_max)
            std::abort();
    }
    return 0;
}
