// A connection to the first endpoint that answers: framed binary Thrift, one call at a time or pipelined.
//
// Connects at the first call. An endpoint that cannot be reached is passed over for the next; a call that broke
// half-way is sent again elsewhere only when it is a read, since a write may have taken effect.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TTransport.h>

#include "endpoint.h"
#include "failure_text.h"
#include "outcome.h"

namespace ashlar::cli {

enum class Repeat : bool { never, elsewhere };

/// Which endpoints, and how long to wait for each.
struct Route {
    std::vector<Endpoint> endpoints;
    std::string flag;             ///< what to name in advice: "--endpoints" or "--admin"
    std::int64_t timeout_ms = 0;  ///< of one call as the user asked; 0: the server's own
};

/// The endpoint walk and the socket, without the calls.
class Wire {
public:
    explicit Wire(Route route) : route_(std::move(route)) {}

    /// Connected after success. Starts at the endpoint that worked last.
    Outcome<Done> connect();
    void close();
    bool connected() const { return transport_ != nullptr; }
    std::shared_ptr<apache::thrift::protocol::TProtocol> protocol() const { return protocol_; }
    const Endpoint& where() const { return route_.endpoints[at_]; }
    std::size_t endpoints() const { return route_.endpoints.size(); }
    /// Closes; the next connect begins with the next endpoint.
    void turn();

private:
    Route route_;
    std::size_t at_ = 0;
    std::shared_ptr<apache::thrift::transport::TTransport> transport_;
    std::shared_ptr<apache::thrift::protocol::TProtocol> protocol_;
};

template <class Client>
class Link {
public:
    explicit Link(Route route) : wire_(std::move(route)) {}

    /// Runs call(client) and gives its answer; every exception ends here.
    template <class Call>
    auto ask(Repeat repeat, Call call) -> Outcome<decltype(call(std::declval<Client&>()))> {
        for (std::size_t others = wire_.endpoints() - 1;; --others) {
            if (auto ready = connect(); !ready) return ready.failure();
            Endpoint asked = wire_.where();
            try {
                auto answer = call(*client_);
                if (answer.status != 0) return answer;
                close();
                return failed(asked.text() + " gave an empty answer: something between it and here drops its failures");
            } catch (const thrift::StoreError& error) {
                return refused(error);
            } catch (const apache::thrift::TException& problem) {
                Failure out = broken(problem, asked);
                client_.reset();
                if (out.exit != Exit::unreachable) {
                    wire_.close();
                    return out;
                }
                wire_.turn();
                if (others == 0 || repeat == Repeat::never) return out;
            }
        }
    }

    Outcome<Done> connect() {
        if (client_ && wire_.connected()) return Done{};
        if (auto ready = wire_.connect(); !ready) return ready.failure();
        client_ = std::make_unique<Client>(wire_.protocol());
        return Done{};
    }
    void close() {
        client_.reset();
        wire_.close();
    }
    const Endpoint& where() const { return wire_.where(); }

private:
    Wire wire_;
    std::unique_ptr<Client> client_;
};

/// Thrift's library prints its own diagnostics; ours are better and once is enough.
void silence_thrift();

}  // namespace ashlar::cli
