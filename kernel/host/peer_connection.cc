#include "host/peer_connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/peer_greeting.h"
#include "host/peer_link.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// A frame that has grown so long is closed and the next begins: the other side acts on a frame when it is whole.
constexpr std::size_t frame_enough = 1 << 20;
/// Buffers up to this size are kept.
constexpr std::size_t keep_bytes = 256 * 1024;

void let_go(Bytes& buffer) {
    Bytes().swap(buffer);
}

}  // namespace

PeerConnection::PeerConnection(PeerLink& link, tcp::socket socket, std::string address)
    : link_(link),
      socket_(std::move(socket)),
      address_(std::move(address)),
      writer_(link.self().sender, link.cluster()) {
    moments_.opened = moments_.heard = moments_.said = link_.now();
    is_.connected = true;
}

PeerConnection::PeerConnection(PeerLink& link, NodeId expected, std::string address)
    : link_(link),
      socket_(link.io()),
      address_(std::move(address)),
      peer_{expected, 0},
      writer_(link.self().sender, link.cluster()) {
    moments_.opened = moments_.heard = moments_.said = link_.now();
    is_.dialled = true;
}

void PeerConnection::start() {
    set_up();
    await_input();
}

void PeerConnection::dial(const ListenAddress& to) {
    error_code error;
    tcp::endpoint there(boost::asio::ip::make_address(to.host, error), to.port);
    socket_.async_connect(there, [self = shared_from_this()](const error_code& refused) {
        if (self->is_.closed) return;
        if (refused) return self->close("dial_failed", kit::text("cannot be reached: ", refused.message()));
        self->is_.connected = true;
        self->set_up();
        self->out_ = greeting_frame(self->link_.self());
        self->send();
        self->await_input();
    });
}

void PeerConnection::set_up() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
    // What the other side's kernel does not confirm: it is gone, though our own kernel would try for minutes.
    auto unconfirmed_ms = static_cast<int>(2 * link_.limits().silence.us / 1000);
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unconfirmed_ms, sizeof unconfirmed_ms);
}

bool PeerConnection::say(const wire::Message& message) {
    // What is said before the greeting is one frame, whose protocol is not known yet.
    auto room = [this] {
        std::size_t limit = link_.limits().queue_bytes;
        std::size_t left = limit - std::min(limit, waiting());
        return std::min(left, wire::head_bytes + wire::frame_bytes_max);
    };
    if (is_.closed) return false;
    if (!writer_.add(message, room())) {
        if (!is_.greeted || writer_.empty()) return false;
        cut();
        if (!writer_.add(message, room())) return false;
    }
    if (is_.greeted && writer_.bytes() >= frame_enough) cut();
    touch();
    return true;
}

void PeerConnection::hand_over(PeerConnection& to) {
    if (is_.greeted || writer_.empty()) return;
    Bytes frame;
    writer_.speak(to.protocol_);
    writer_.take(frame);
    if (!to.writer_.empty()) to.cut();
    to.out_ += frame;
    link_.counters().frames_out.add();
    to.touch();
}

void PeerConnection::cut() {
    if (out_.empty()) {
        writer_.take(out_);
    } else {
        Bytes frame;
        writer_.take(frame);
        out_ += frame;
    }
    link_.counters().frames_out.add();
}

void PeerConnection::touch() {
    if (is_.dirty) return;
    is_.dirty = true;
    link_.at_turn_end(shared_from_this());
}

void PeerConnection::turn_ended() {
    is_.dirty = false;
    if (!is_.closed && is_.connected && !is_.writing) send();
}

void PeerConnection::send() {
    for (;;) {
        if (waiting() == 0) {
            out_.clear();
            sent_ = 0;
            if (!is_.greeted || writer_.empty()) break;
            cut();
        }
        ssize_t n = ::send(socket_.native_handle(), out_.data() + sent_, waiting(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return await_output();
        if (n < 0) return close("closed_error", kit::text("the link broke: ", std::strerror(errno)));
        sent_ += static_cast<std::size_t>(n);
        moments_.said = link_.now();
        link_.counters().bytes_out.add(n);
    }
    if (out_.capacity() > keep_bytes) let_go(out_);
}

void PeerConnection::await_output() {
    // What has left makes room for what comes.
    if (sent_ > out_.size() / 2) {
        out_.erase(0, sent_);
        sent_ = 0;
    }
    is_.writing = true;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
        self->is_.writing = false;
        if (self->is_.closed) return;
        if (error) return self->close("closed_error", kit::text("the link broke: ", error.message()));
        self->send();
    });
}

void PeerConnection::await_input() {
    if (is_.closed) return;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        if (self->is_.closed) return;
        if (error) return self->close("closed_error", kit::text("the link broke: ", error.message()));
        self->read_ready();
    });
}

void PeerConnection::read_ready() {
    Bytes& scratch = link_.scratch();
    ssize_t n = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return await_input();
    if (n < 0) return close("closed_error", kit::text("the link broke: ", std::strerror(errno)));
    if (n == 0) return close("closed_by_peer", is_.greeted ? "the link was closed there" : "closed without a greeting");
    moments_.heard = link_.now();
    link_.counters().bytes_in.add(n);
    consume(View(scratch.data(), static_cast<std::size_t>(n)));
    if (is_.closed) return;
    account();
    if (!is_.closed) await_input();
}

void PeerConnection::consume(View received) {
    if (in_.empty()) {
        std::size_t taken = take_frames(received);
        if (!is_.closed) in_.assign(received.substr(taken));
        return;
    }
    in_.append(received);
    std::size_t taken = take_frames(in_);
    if (is_.closed || taken == 0) return;
    in_.erase(0, taken);
    if (in_.empty() && in_.capacity() > keep_bytes) let_go(in_);
}

std::size_t PeerConnection::take_frames(View data) {
    std::size_t taken = 0;
    while (!is_.closed && data.size() - taken >= wire::head_bytes) {
        View rest = data.substr(taken);
        auto length = wire::body_length(rest, is_.greeted ? wire::frame_bytes_max : greeting_bytes_max);
        if (!length) {
            refuse(length.error());
            break;
        }
        std::size_t whole = wire::head_bytes + *length;
        if (rest.size() < whole) break;
        link_.counters().frames_in.add();
        take_frame(rest.substr(0, whole));
        taken += whole;
    }
    return taken;
}

void PeerConnection::take_frame(View frame) {
    if (!is_.greeted) return take_greeting(frame);
    auto reader = wire::FrameReader::open(frame, link_.cluster());
    if (!reader) return refuse(reader.error());
    if (reader->sender() != peer_) return refuse(fail(Code::corrupt, "a frame of another node than the greeting's"));
    wire::Message& message = link_.message();
    while (!is_.closed && reader->next(message)) {
        if (std::holds_alternative<wire::Greeting>(message)) return refuse(fail(Code::corrupt, "a second greeting"));
        link_.heard(peer_, message);
    }
    if (!is_.closed && reader->bad())
        refuse(fail(Code::corrupt, "a frame whose checksum holds does not hold messages"));
}

void PeerConnection::take_greeting(View frame) {
    auto theirs = read_greeting(frame);
    if (!theirs) return refuse(theirs.error());
    // Told in any case, so that both sides can say what differs.
    if (!is_.dialled) {
        out_ = greeting_frame(link_.self());
        send();
        if (is_.closed) return;
    }
    if (Difference found = difference(link_.self(), *theirs); found.reason != nullptr)
        return close(found.reason, found.sentence);
    if (is_.dialled && theirs->sender.node != peer_.node)
        return close("refused_another_node", kit::text("node ", kit::hex16(theirs->sender.node.value), " is where ",
                                                       kit::hex16(peer_.node.value), " was thought to be"));
    peer_ = theirs->sender;
    is_.greeted = true;
    protocol_ = common_protocol(link_.self().greeting, theirs->greeting);
    writer_.speak(protocol_);
    link_.greeted(*this, theirs->greeting);
    touch();
}

void PeerConnection::refuse(const Error& error) {
    close(error.code == Code::not_authorized ? "refused_cluster"
          : error.code == Code::unsupported  ? "refused_protocol"
                                             : "refused_malformed",
          error.detail);
}

Instant PeerConnection::sweep(Instant now) {
    const PeerLimits& limits = link_.limits();
    if (!is_.greeted) {
        Instant end = moments_.opened + limits.handshake;
        if (now < end) return end;
        close(is_.connected ? "closed_no_greeting" : "dial_failed",
              is_.connected ? "no greeting in time" : "cannot be reached: no answer");
        return now;
    }
    Instant lost = moments_.heard + limits.silence;
    if (now >= lost) {
        close("closed_silent", "nothing was heard for too long");
        return now;
    }
    if (now - moments_.said >= limits.heartbeat) {
        // With words that wait to leave, a sign of life behind them would add nothing.
        if (waiting() == 0) {
            writer_.begin();
            send();
        }
        moments_.said = now;
    }
    return std::min(lost, moments_.said + limits.heartbeat);
}

void PeerConnection::forgive(Instant now) {
    moments_.heard = now;
    if (!is_.greeted) moments_.opened = now;
}

void PeerConnection::account() {
    std::size_t held = in_.capacity();
    link_.account(held, accounted_);
    accounted_ = held;
    if (link_.unread_met() && in_.size() > keep_bytes)
        close("closed_buffers_full", "frames that are not whole take more than their bound of memory");
}

void PeerConnection::close(const char* reason, const std::string& sentence) {
    if (is_.closed) return;
    is_.closed = true;
    error_code ignored;
    socket_.close(ignored);
    link_.account(0, accounted_);
    accounted_ = 0;
    link_.closed(*this, reason, sentence);
}

}  // namespace ashlar::host
