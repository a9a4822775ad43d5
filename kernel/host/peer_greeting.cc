#include "host/peer_greeting.h"

#include <algorithm>

#include "kit/bytes.h"
#include "kit/text.h"

namespace ashlar::host {

Bytes greeting_frame(const PeerSelf& self) {
    wire::FrameWriter writer(self.sender, wire::cluster_mark(self.greeting.cluster), self.greeting.protocol_min);
    writer.add(self.greeting);
    Bytes out;
    writer.take(out);
    return out;
}

Result<Greeted> read_greeting(View frame) {
    constexpr std::size_t mark_at = wire::head_bytes + 1;
    if (frame.size() < wire::head_bytes + wire::stamp_bytes) return fail(Code::corrupt, "a frame without a stamp");
    auto mark = kit::load<std::uint64_t>(frame.data() + mark_at);
    auto reader = wire::FrameReader::open_any(frame, mark);
    if (!reader) return reader.error();
    wire::Message message;
    if (!reader->next(message) || !std::holds_alternative<wire::Greeting>(message))
        return fail(Code::corrupt, "the first frame is no greeting");
    Greeted out{reader->sender(), std::get<wire::Greeting>(message)};
    if (reader->next(message) || reader->bad()) return fail(Code::corrupt, "a greeting with more behind it");
    if (wire::cluster_mark(out.greeting.cluster) != mark)
        return fail(Code::corrupt, "a greeting whose frame names another cluster than its text");
    return out;
}

Difference difference(const PeerSelf& ours, const Greeted& theirs) {
    const wire::Greeting& a = ours.greeting;
    const wire::Greeting& b = theirs.greeting;
    std::string who = kit::text("node '", b.name, "' (", kit::hex16(theirs.sender.node.value), ") ");
    if (a.cluster != b.cluster)
        return {"refused_cluster", kit::text(who, "is of cluster '", b.cluster, "', this node of '", a.cluster, "'")};
    if (std::max(a.protocol_min, b.protocol_min) > std::min(a.protocol_max, b.protocol_max))
        return {"refused_protocol",
                kit::text(who, "speaks protocols ", unsigned{b.protocol_min}, " to ", unsigned{b.protocol_max},
                          ", this node ", unsigned{a.protocol_min}, " to ", unsigned{a.protocol_max})};
    if (a.parts != b.parts) return {"refused_parts", kit::text(who, "runs '", b.parts, "', this node '", a.parts, "'")};
    if (ours.sender.node == theirs.sender.node) return {"refused_self", kit::text(who, "is this node itself")};
    return {};
}

std::string other_cluster(const PeerSelf& ours, View frame) {
    if (frame.size() <= wire::head_bytes + greeting_bytes_max)
        if (auto theirs = read_greeting(frame); theirs && theirs->greeting.cluster != ours.greeting.cluster)
            return difference(ours, *theirs).sentence;
    return kit::text("a frame of another cluster than '", ours.greeting.cluster, "': compare cluster.name");
}

std::uint8_t common_protocol(const wire::Greeting& ours, const wire::Greeting& theirs) {
    return std::min(ours.protocol_max, theirs.protocol_max);
}

}  // namespace ashlar::host
