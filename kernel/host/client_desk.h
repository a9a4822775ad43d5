// Takes the frames of clients: decodes, judges what needs no node, and hands the rest to it as orders.
//
// Loop only. get, put, remove and exists in the binary protocol take the hand-written path, everything else the
// generated one. hello and ring are answered at once from what the node knows.
#pragma once

#include <functional>

#include "host/client_codec.h"
#include "host/connection.h"
#include "host/frame_taker.h"
#include "host/open_calls.h"
#include "host/stepper.h"

namespace ashlar::host {

/// What hello and ring tell. Asked on the loop, valid until the node's next step.
struct ClientLooks {
    std::function<HelloFacts()> hello;
    std::function<const Ring&()> ring;
    std::function<std::vector<std::string>()> addresses;
};

class ClientDesk final : public FrameTaker {
public:
    ClientDesk(OpenCalls& calls, Stepper& stepper, ClientLooks looks, DeadlineRules rules)
        : calls_(calls), stepper_(stepper), looks_(std::move(looks)), rules_(rules) {}

    bool take(Connection& from, View payload) override;
    void forget(port::Ticket ticket) override { calls_.close(ticket); }

private:
    bool take_hot(Connection& from, const MessageHead& head, port::Call call, const ReplyTo& to);
    bool take_any(Connection& from, View payload, ClientMethod method, const ReplyTo& to);
    bool take_hello(Connection& from, View payload, const ReplyTo& to);
    bool take_ring(Connection& from, View payload, const ReplyTo& to);
    void hand_over(Connection& from, const ReplyTo& to, const WireWishes& wishes, Result<void> verdict,
                   port::Order& order);

    OpenCalls& calls_;
    Stepper& stepper_;
    ClientLooks looks_;
    DeadlineRules rules_;
};

}  // namespace ashlar::host
