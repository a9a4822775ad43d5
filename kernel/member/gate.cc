#include "member/gate.h"

#include <algorithm>
#include <cstdint>

#include "kit/text.h"
#include "member/roster.h"

namespace ashlar::member {
namespace {

constexpr std::size_t name_max = 255;
constexpr std::size_t address_max = 300;  ///< a host name of 253 and a port
constexpr std::size_t parts_max = 1024;
constexpr std::size_t remembered_max = 256;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Kind to all that is said of it.
std::map<std::string, std::string> pieces(std::string_view parts) {
    std::map<std::string, std::string> out;
    while (!parts.empty()) {
        const std::size_t end = std::min(parts.find(';'), parts.size());
        const std::string_view piece = trimmed(parts.substr(0, end));
        parts.remove_prefix(std::min(end + 1, parts.size()));
        const std::size_t space = std::min(piece.find(' '), piece.size());
        std::string& said = out[std::string(piece.substr(0, space))];
        if (!said.empty()) said += ", ";
        said += trimmed(piece.substr(space));
    }
    return out;
}

void put_difference(std::string& out, const std::string& field, const std::string& ours, const std::string& theirs) {
    if (ours == theirs) return;
    if (!out.empty()) out += "; ";
    out += kit::text(field, " is ", ours.empty() ? "none" : ours, " here and ", theirs.empty() ? "none" : theirs,
                     " there");
}

std::string range(const wire::RosterEntry& entry) {
    return kit::text(std::uint32_t{entry.protocol_min}, " to ", std::uint32_t{entry.protocol_max});
}

}  // namespace

std::string printable(View text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return out;
}

bool well_formed(const wire::RosterEntry& entry) {
    for (const std::string* text : {&entry.name, &entry.datacentre, &entry.rack})
        if (text->size() > name_max) return false;
    for (const std::string* text : {&entry.clients_at, &entry.link_at, &entry.background_at})
        if (text->size() > address_max) return false;
    return entry.node != NodeId{} && !entry.background_at.empty() && entry.parts.size() <= parts_max &&
           entry.accuses.size() <= accuses_max && entry.heartbeat < heartbeat_end &&
           entry.protocol_min <= entry.protocol_max && std::is_sorted(entry.accuses.begin(), entry.accuses.end());
}

std::string difference(const wire::RosterEntry& ours, const wire::RosterEntry& theirs) {
    std::string out;
    if (theirs.protocol_max < ours.protocol_min || theirs.protocol_min > ours.protocol_max)
        put_difference(out, "protocol", range(ours), range(theirs));
    if (ours.parts == theirs.parts) return out;
    auto here = pieces(ours.parts), there = pieces(theirs.parts);
    const std::size_t before = out.size();
    for (const auto& [kind, said] : here) put_difference(out, kind, said, there[kind]);
    for (const auto& [kind, said] : there)
        if (!here.contains(kind)) put_difference(out, kind, "", said);
    if (out.size() == before) put_difference(out, "the list of plugins", ours.parts, theirs.parts);
    return out;
}

Gate::Gate(Log& log, Meter& meter)
    : log_(log),
      refusals_(meter.counter("member_entries_refused")),
      malformed_(meter.counter("member_entries_malformed")) {}

Gate::Answer Gate::judge(const wire::RosterEntry& ours, const wire::RosterEntry& theirs, View cluster) {
    if (!well_formed(theirs)) {
        malformed_.add();
        return Answer::refused;
    }
    std::string why = difference(ours, theirs);
    if (why.empty()) {
        refused_.erase(theirs.node);
        return Answer::welcome;
    }
    refusals_.add();
    const std::string who = kit::text("node ", printable(theirs.name), " (", kit::hex16(theirs.node.value), ") at ",
                                      printable(theirs.background_at));
    newest_refusal_ = kit::text(who, ": ", printable(why));
    auto found = refused_.find(theirs.node);
    if (found != refused_.end() && found->second == why) return Answer::refused;
    if (found == refused_.end() && refused_.size() >= remembered_max) return Answer::refused;
    log_.write(LogLevel::error, kit::text(who, " is refused in cluster ", cluster, ": ", printable(why)));
    refused_[theirs.node] = std::move(why);
    return Answer::refused_anew;
}

}  // namespace ashlar::member
