#include "quorum_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "loopback.h"
#include "protocol.h"
#include "wire/frame.h"

namespace ashlar::bench {
namespace {

constexpr std::size_t entry_bytes = 1'060;  // value, dot, context

const std::string get_reply = bare_get_reply(), put_reply = bare_put_reply();
const std::string entry(entry_bytes, 'e');
const EntryKey entry_key{123, TableId{1}, "key:1000001"};

class QuorumLoop {
public:
    QuorumLoop(const QuorumPorts& ports, std::size_t self)
        : clients_(listen_on(ports.clients[self])), peers_(listen_on(ports.peers[self])), poll_(::epoll_create1(0)) {
        watch(clients_);
        watch(peers_);
        for (std::size_t other = 0; other < ports.peers.size(); ++other) {
            if (other != self) others_.emplace_back(wait_for(ports.peers[other]), self);
        }
    }

    void run() {
        std::vector<epoll_event> ready(256);
        for (;;) {
            int n = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
            for (int i = 0; i < n; ++i) take(ready[static_cast<std::size_t>(i)].data.fd);
            // What was gathered in this turn leaves in one frame to each, as our nodes do it.
            for (Other& other : others_) flush(other.out, other.socket);
            for (auto& [socket, out] : answers_) flush(out, socket);
        }
    }

private:
    struct Other {
        Other(int socket, std::size_t self) : socket(socket), out({NodeId{self + 1}, 1}, mark) {}
        int socket;
        wire::FrameWriter out;
    };
    struct Waiting {
        int client = -1;
        bool put = false, looked = false;
    };
    static constexpr std::uint64_t mark = 4711;

    void watch(int socket) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
    }
    int wait_for(std::uint16_t port) {
        int s = connect_to(port);
        while (s < 0) {
            ::usleep(10'000);
            s = connect_to(port);
        }
        watch(s);
        from_peers_[s];
        return s;
    }
    void take(int socket) {
        if (socket == clients_ || socket == peers_) {
            int accepted = ::accept(socket, nullptr, nullptr);
            without_delay(accepted);
            watch(accepted);
            if (socket == peers_) {
                from_peers_[accepted];
                answers_.emplace(accepted, wire::FrameWriter({NodeId{9}, 1}, mark));
            }
            return;
        }
        char bytes[65'536];
        ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
        bool peer = from_peers_.contains(socket);
        std::string& in = peer ? from_peers_[socket] : from_clients_[socket];
        if (got <= 0) {
            from_clients_.erase(socket);
            ::close(socket);
            if (peer) ::_exit(0);
            return;
        }
        in.append(bytes, static_cast<std::size_t>(got));
        std::size_t done = peer ? take_peer_frames(socket, in) : take_client_frames(socket, in);
        in.erase(0, done);
    }
    std::size_t take_client_frames(int socket, const std::string& in) {
        std::size_t at = 0;
        while (in.size() - at >= 5) {
            std::size_t length = 0;
            for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(in[at + i]);
            if (in.size() - at < length + 4) break;
            begin(socket, in[at + 4]);
            at += length + 4;
        }
        return at;
    }
    void begin(int client, char what) {
        bool put = what == 'p' || what == 'P', two = what == 'G' || what == 'P';
        if (!two) {
            if (put) write(0);
            reply(client, put);
            return;
        }
        std::uint64_t ref = ++last_;
        waiting_[ref] = {client, put, false};
        wire::ReadAsk ask;
        ask.ref = {ref};
        ask.key = entry_key;
        ask.digest = true;
        ask.left = milliseconds(5000);
        // The two others take turns.
        others_[ref % 2].out.add(ask);
    }
    void write(std::uint64_t ref) {
        wire::WriteAsk ask;
        ask.ref = {ref};
        ask.key = entry_key;
        ask.entry = entry;
        ask.left = milliseconds(5000);
        for (Other& other : others_) other.out.add(ask);
    }
    void reply(int client, bool put) {
        const std::string& bytes = put ? put_reply : get_reply;
        if (::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) from_clients_.erase(client);
    }
    std::size_t take_peer_frames(int socket, const std::string& in) {
        std::size_t at = 0;
        while (in.size() - at >= wire::head_bytes) {
            View rest(in.data() + at, in.size() - at);
            auto length = wire::body_length(rest.substr(0, wire::head_bytes));
            if (!length) ::_exit(1);
            if (rest.size() < wire::head_bytes + *length) break;
            auto frame = wire::FrameReader::open(rest.substr(0, wire::head_bytes + *length), mark);
            if (!frame) ::_exit(1);
            while (frame->next(message_)) hear(socket);
            at += wire::head_bytes + *length;
        }
        return at;
    }
    void hear(int socket) {
        if (auto* read = std::get_if<wire::ReadAsk>(&message_)) {
            wire::ReadAnswer answer;
            answer.ref = read->ref;
            answer.digest = 42;
            answers_.at(socket).add(answer);
        } else if (auto* write = std::get_if<wire::WriteAsk>(&message_)) {
            wire::WriteAnswer answer;
            answer.ref = write->ref;
            answers_.at(socket).add(answer);
        } else if (auto* looked = std::get_if<wire::ReadAnswer>(&message_)) {
            go_on(looked->ref.value);
        } else if (auto* written = std::get_if<wire::WriteAnswer>(&message_)) {
            go_on(written->ref.value);
        }
    }
    void go_on(std::uint64_t ref) {
        auto found = waiting_.find(ref);
        if (found == waiting_.end()) return;  // the second of two answers
        Waiting& order = found->second;
        if (order.put && !order.looked) {
            order.looked = true;
            write(ref);
            return;
        }
        reply(order.client, order.put);
        waiting_.erase(found);
    }
    void flush(wire::FrameWriter& out, int socket) {
        if (out.empty()) return;
        out.take(frame_);
        for (std::size_t done = 0; done < frame_.size();) {
            ssize_t n = ::send(socket, frame_.data() + done, frame_.size() - done, MSG_NOSIGNAL);
            if (n <= 0) ::_exit(0);
            done += static_cast<std::size_t>(n);
        }
    }

    int clients_, peers_, poll_;
    std::vector<Other> others_;
    std::map<int, wire::FrameWriter> answers_;  // by socket of the peer that asks
    std::unordered_map<int, std::string> from_peers_, from_clients_;
    std::unordered_map<std::uint64_t, Waiting> waiting_;
    std::uint64_t last_ = 0;
    wire::Message message_;
    Bytes frame_;
};

}  // namespace

void serve_bare_quorum(const QuorumPorts& ports, std::size_t self) {
    QuorumLoop(ports, self).run();
}

}  // namespace ashlar::bench
