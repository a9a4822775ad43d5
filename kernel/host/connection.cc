#include "host/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "host/front.h"
#include "host/message_head.h"

namespace ashlar::host {
namespace {

/// So many reply bytes that the peer has not taken, and we read no more of its requests.
constexpr std::size_t unsent_pause = 1 << 20;
/// Buffers up to this size are kept while a connection is busy.
constexpr std::size_t keep_bytes = 64 * 1024;
/// A connection that was silent for so long gives its buffers back.
constexpr Duration buffers_rest = seconds(1);

void let_go(Bytes& buffer) {
    Bytes().swap(buffer);
}

}  // namespace

Connection::Connection(Front& front, boost::asio::ip::tcp::socket socket) : front_(front), socket_(std::move(socket)) {
    boost::system::error_code gone;
    address_ = socket_.remote_endpoint(gone).address();
    moments_.opened = moments_.active = front_.seams().reactor.now().steady;
}

void Connection::start() {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    await_input();
}

std::uint64_t Connection::open_slot(port::Ticket ticket) {
    slots_.push_back(Slot{ticket, false, {}});
    return first_slot_ + slots_.size() - 1;
}

Bytes& Connection::slot_buffer(std::uint64_t slot) {
    return slot == first_slot_ ? out_ : slots_[static_cast<std::size_t>(slot - first_slot_)].reply;
}

void Connection::finish_slot(std::uint64_t slot) {
    Slot& finished = slots_[static_cast<std::size_t>(slot - first_slot_)];
    finished.ready = true;
    slot_bytes_ += finished.reply.size();
    if (slot == first_slot_) {
        slots_.pop_front();
        ++first_slot_;
        for (; !slots_.empty() && slots_.front().ready; slots_.pop_front(), ++first_slot_) {
            slot_bytes_ -= slots_.front().reply.size();
            out_ += slots_.front().reply;
        }
    }
    touch();
}

void Connection::touch() {
    if (is_.dirty) return;
    is_.dirty = true;
    front_.at_turn_end(shared_from_this());
}

bool Connection::may_take() const {
    return !is_.closed && slots_.size() < front_.limits().pipeline_depth && out_.size() - sent_ < unsent_pause;
}

void Connection::await_input() {
    if (is_.reading || is_.closed || is_.ended || !may_take()) return;
    // Over the budget a connection may finish nothing new; its time limit frees what it holds.
    if (front_.seams().budget.met() && !in_.empty()) return;
    is_.reading = true;
    socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->is_.reading = false;
                           if (self->is_.closed) return;
                           if (error) return self->close("error");
                           self->read_ready();
                       });
}

void Connection::read_ready() {
    Bytes& scratch = front_.scratch();
    ssize_t n = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return await_input();
    if (n < 0) return close("error");
    if (n == 0) return end_of_input();
    moments_.active = front_.seams().reactor.now().steady;
    consume(View(scratch.data(), static_cast<std::size_t>(n)));
    account();
    await_input();
}

void Connection::consume(View received) {
    if (in_.empty()) {
        std::size_t taken = take_frames(received);
        if (is_.closed) return;
        in_.assign(received.substr(taken));
    } else {
        in_.append(received);
        std::size_t taken = take_frames(in_);
        if (is_.closed) return;
        in_.erase(0, taken);
    }
    if (in_.empty() && in_.capacity() > keep_bytes) let_go(in_);
}

std::size_t Connection::take_frames(View data) {
    std::size_t taken = 0;
    while (may_take() && taken < data.size()) {
        View rest = data.substr(taken);
        FrameCut cut = cut_frame(rest, front_.limits().frame_bytes);
        // The fifth byte tells a message from noise long before the frame is whole.
        bool noise =
            rest.size() > 4 && static_cast<std::uint8_t>(rest[4]) != 0x80 && static_cast<std::uint8_t>(rest[4]) != 0x82;
        if (cut.state == FrameCut::State::refused || noise) {
            close("malformed");
            return taken;
        }
        if (cut.state == FrameCut::State::partial) {
            if (!is_.frame_open) moments_.frame_began = moments_.active;
            is_.frame_open = true;
            return taken;
        }
        is_.frame_open = false;
        taken += cut.frame_bytes;
        if (!front_.seams().taker.take(*this, cut.payload)) {
            close("malformed");
            return taken;
        }
        is_.first_taken = true;
    }
    return taken;
}

void Connection::end_of_input() {
    is_.ended = true;
    // Half-closed: what was asked is still answered, then the connection goes.
    if (slots_.empty() && out_.empty()) return close("by_peer");
    touch();
}

void Connection::turn_ended() {
    is_.dirty = false;
    if (is_.closed) return;
    if (!is_.writing) send();
    if (is_.closed) return;
    if (!in_.empty() && may_take()) consume({});
    if (is_.closed) return;
    account();
    if (is_.ended && slots_.empty() && out_.empty()) return close("by_peer");
    if (front_.seams().budget.met() && out_.size() - sent_ + slot_bytes_ > keep_bytes) return close("buffers_full");
    await_input();
}

void Connection::send() {
    while (sent_ < out_.size()) {
        ssize_t n =
            ::send(socket_.native_handle(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return await_output();
        if (n < 0) return close("error");
        sent_ += static_cast<std::size_t>(n);
        moments_.active = front_.seams().reactor.now().steady;
    }
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > keep_bytes) let_go(out_);
}

void Connection::await_output() {
    // What has left makes room for what comes.
    if (sent_ > out_.size() / 2) {
        out_.erase(0, sent_);
        sent_ = 0;
    }
    is_.writing = true;
    moments_.stuck_since = front_.seams().reactor.now().steady;
    socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->is_.writing = false;
                           if (self->is_.closed) return;
                           if (error) return self->close("error");
                           self->touch();
                       });
}

void Connection::sweep(Instant now) {
    const FrontLimits& limits = front_.limits();
    bool quiet = slots_.empty() && out_.empty();
    // While we leave the socket unread for our own reasons, the peer's time does not run.
    if (is_.frame_open && !is_.reading && !front_.seams().budget.met()) moments_.frame_began = now;
    if (!is_.first_taken && now - moments_.opened > limits.handshake) return close("handshake_timeout");
    if (is_.frame_open && now - moments_.frame_began > limits.frame) return close("frame_timeout");
    if (is_.writing && now - moments_.stuck_since > limits.frame) return close("reply_timeout");
    if (quiet && !is_.frame_open && now - moments_.active > limits.idle) return close("idle");
    if (quiet && in_.empty() && now - moments_.active > buffers_rest) {
        let_go(in_);
        let_go(out_);
    }
    account();
    await_input();
}

void Connection::account() {
    if (is_.closed) return;
    std::size_t held = in_.capacity() + out_.capacity() + slot_bytes_;
    std::size_t& used = front_.seams().budget.used;
    used = used - accounted_ + held;
    accounted_ = held;
}

void Connection::close(const char* why) {
    if (is_.closed) return;
    is_.closed = true;
    for (const Slot& slot : slots_)
        if (!slot.ready && slot.ticket.value != 0) front_.seams().taker.forget(slot.ticket);
    boost::system::error_code ignored;
    socket_.close(ignored);
    front_.seams().budget.used -= accounted_;
    accounted_ = 0;
    front_.closed(*this, why);
}

}  // namespace ashlar::host
