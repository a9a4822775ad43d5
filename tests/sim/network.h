// The network between simulated machines: carries frames by address and goes wrong as asked.
//
// Two roads. A link keeps order per ordered pair and loses nothing silently: what vanishes (a cut, a machine that is
// down) is followed by link_lost() at whoever said it, at once when the other side refuses, after a silence of up to
// three seconds when nobody answers. The background delays, loses, doubles, damages and overtakes. Which of it, and how
// often, is the storm's; who is cut from whom is told by whoever plays fate. Deterministic from its seed. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agenda.h"
#include "port/event.h"
#include "storm.h"
#include "trace.h"

namespace ashlar::sim {

class Network {
public:
    /// A machine, as the network sees it.
    class Socket {
    public:
        virtual NodeId node_id() const = 0;
        virtual bool listening() const = 0;
        /// Counts starts and ends: what was on its way to an earlier life does not reach a later one.
        virtual std::uint64_t life() const = 0;
        /// Until then it takes nothing in, though it is there.
        virtual Instant paused_until() const = 0;
        virtual void arrived(port::Road road, const Bytes& frame) = 0;
        virtual void link_lost(NodeId peer) = 0;

    protected:
        ~Socket() = default;
    };

    Network(Agenda& agenda, Trace& trace, const Storm& storm, std::uint64_t seed)
        : agenda_(agenda), trace_(trace), storm_(storm), random_(seed) {}

    /// Its place, from 0.
    std::size_t attach(Socket& socket);
    static std::string link_address(std::size_t place);
    static std::string background_address(std::size_t place);

    /// For the trace.
    std::string name_of(NodeId node) const;
    /// Whether a link would take more. Of the background nothing is ever told.
    bool has_room(std::size_t from, View to);
    void send(std::size_t from, View to, port::Road road, Bytes frame);

    /// One direction. What is under way vanishes.
    void cut(std::size_t from, std::size_t to, bool cut);
    void slow(std::size_t from, std::size_t to, Duration by);
    /// The machine went down: whoever has a link to it will learn so.
    void went_down(std::size_t place);
    /// From now on only delays.
    void heal();
    std::uint64_t carried() const { return carried_; }

private:
    /// One direction between two machines.
    struct Way {
        bool cut = false;
        Duration slow_by{0};
        // Of the link.
        bool broken = false;  ///< what is said now vanishes, until whoever says it has heard so
        std::uint64_t connection = 0;
        std::uint64_t vanished = 0;  ///< what was said on earlier connections than this does not arrive
        Instant last_arrival{0};
        std::uint64_t under_way = 0;  ///< bytes
        bool used = false;            ///< since it was last made
    };
    Way& way(std::size_t from, std::size_t to) { return ways_[from * sockets_.size() + to]; }
    void send_link(std::size_t from, std::size_t to, Bytes frame);
    void send_background(std::size_t from, std::size_t to, Bytes frame);
    void carry(std::size_t to, port::Road road, std::uint64_t life, const Bytes& frame);
    /// `from` will be told, after a while, that its link to `to` is lost.
    void lose(std::size_t from, std::size_t to, Duration silence);
    /// What is under way vanishes.
    static void drop(Way& way);
    Duration silence();
    Duration delay(Duration most);
    void damage(Bytes& frame);

    Agenda& agenda_;
    Trace& trace_;
    const Storm& storm_;
    SeededRandom random_;
    std::vector<Socket*> sockets_;
    std::vector<Way> ways_;
    bool healed_ = false;
    std::uint64_t carried_ = 0;
};

}  // namespace ashlar::sim
