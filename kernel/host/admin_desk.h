// Takes the frames of operators: looks are answered at once, changes become admin orders. Loop only.
#pragma once

#include <functional>

#include "host/admin_codec.h"
#include "host/connection.h"
#include "host/frame_taker.h"
#include "host/open_calls.h"
#include "host/stepper.h"

namespace ashlar::host {

/// What operators may look at. Asked on the loop.
struct AdminLooks {
    std::function<StatusFacts(bool counters)> status;
    std::function<const std::vector<port::Table>&()> tables;
    std::function<const std::vector<Config::Entry>&()> config;
    std::function<std::vector<PluginCardFacts>()> plugins;
    std::function<ErrandFacts()> errands;
};

class AdminDesk final : public FrameTaker {
public:
    AdminDesk(OpenCalls& calls, Stepper& stepper, AdminLooks looks)
        : calls_(calls), stepper_(stepper), looks_(std::move(looks)) {}

    bool take(Connection& from, View payload) override;
    void forget(port::Ticket ticket) override { calls_.close(ticket); }

private:
    void serve(Connection& from, AdminMethod method, const AdminRequest& request, const ReplyTo& to);
    void describe(const std::string& name, const ReplyTo& to, Bytes& out);
    void tell_errands(std::uint64_t wanted, const ReplyTo& to, Bytes& out);

    OpenCalls& calls_;
    Stepper& stepper_;
    AdminLooks looks_;
};

}  // namespace ashlar::host
