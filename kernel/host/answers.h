// Writes the node's answers into the connections they belong to. Loop only; views need to last for the call.
#pragma once

#include "host/open_calls.h"

namespace ashlar::port {
struct Explanation;
}

namespace ashlar::host {

class Answers {
public:
    explicit Answers(OpenCalls& calls) : calls_(calls) {}

    void reply(port::Ticket ticket, const port::Reply& reply);
    void refuse(port::Ticket ticket, const port::Refusal& refusal);
    void table_done(port::Ticket ticket, const port::Table& table);
    void errand_begun(port::Ticket ticket, std::uint64_t errand);
    void key_explained(port::Ticket ticket, const port::Explanation& explanation);

private:
    template <class Write>
    void answer(port::Ticket ticket, Write write);
    OpenCalls& calls_;
};

}  // namespace ashlar::host
