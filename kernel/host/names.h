// Host names as addresses, looked up on a thread of its own: the system's resolver blocks for as long as it likes, and
// nothing else shall wait for it.
//
// One question at a time; names_max names and questions_max waiting questions, beyond which none is taken. An answer is
// used for half a minute, then asked for anew, and used until the new one is there; a name without an address is asked
// for again after two seconds. Whoever finds that an address does not answer says so, and gets the name's next.
// Loop only; the thread starts with the first question, and a question without an answer holds up no end.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ashlar/result.h"
#include "ashlar/types.h"
#include "host/reactor.h"

namespace ashlar::host {

class Names {
public:
    static constexpr std::size_t names_max = 512;
    static constexpr std::size_t questions_max = 64;

    /// The addresses of a name, best first, at least one; or why there are none. Called on the thread; one that hangs
    /// may outlive Names.
    using LookUp = std::function<Result<std::vector<std::string>>(const std::string& name)>;

    Names(Reactor& reactor, LookUp look_up);
    ~Names();
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;

    /// `answered` is called on the loop when answers have come.
    void begin(std::function<void()> answered) { answered_ = std::move(answered); }
    /// An IP address. Fails with unavailable: not known yet, or there is none; it is being asked for.
    Result<std::string> find(const std::string& name, Instant now);
    /// The address that find() gave does not answer.
    void doubt(const std::string& name, Instant now);

private:
    /// Shared with the thread.
    struct Desk;
    struct Known {
        std::vector<std::string> addresses;
        std::string why;       ///< there is none
        std::size_t turn = 0;  ///< which address is next
        Instant used;
        Instant answered;
        bool is_asked = false;
    };

    void ask(const std::string& name, Known& known);
    bool start();
    void take_answers();
    void await();
    bool make_room();

    Reactor& reactor_;
    LookUp look_up_;
    std::function<void()> answered_;
    std::shared_ptr<Desk> desk_;
    boost::asio::posix::stream_descriptor bell_;
    std::map<std::string, Known> names_;
    bool is_begun_ = false;
};

/// Of the system: files, name servers, whatever it is told to ask.
Result<std::vector<std::string>> look_up(const std::string& name);

}  // namespace ashlar::host
