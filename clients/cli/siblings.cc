#include "siblings.h"

#include <map>

#include "forms.h"
#include "side_by_side.h"

namespace ashlar::cli {
namespace {

/// Of a value, beside others; --sibling prints it whole.
constexpr std::size_t shown_most = 240;

/// Where the writers of the siblings listen. Asked for people only; without an answer their ids must do.
std::map<std::string, std::string> addresses(Session& session) {
    std::map<std::string, std::string> out;
    auto ring = session.data.ask(Repeat::elsewhere, [](auto& client) {
        thrift::RingResponse answer;
        client.ring(answer, thrift::RingRequest());
        return answer;
    });
    if (!ring) return out;
    for (const auto& member : ring->members) out[member.node] = member.address;
    return out;
}

/// A word of a shell command, whatever is in it.
std::string quoted_word(std::string_view text) {
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace

DotParts parts_of(const std::string& dot) {
    auto first = dot.find(':');
    auto second = first == std::string::npos ? first : dot.find(':', first + 1);
    if (second == std::string::npos) return {};
    return {dot.substr(0, first), dot.substr(first + 1, second - first - 1), dot.substr(second + 1)};
}

void print_siblings(const Get& get, const thrift::GetResponse& answer, Session& session) {
    Output& out = session.out;
    const auto where = addresses(session);
    SideBySide columns({"VALUE", "BYTES", "WRITTEN", "EXPIRES", "BY NODE", "AT", "COUNTER", "DOT"});
    for (std::size_t i = 0; i < answer.values.size(); ++i) {
        const auto& version = answer.values[i];
        const DotParts dot = parts_of(version.dot);
        const auto at = where.find(dot.node);
        columns.add("SIBLING " + std::to_string(i + 1),
                    {session.shown(version.value, shown_most), std::to_string(version.value.size()),
                     utc_time(version.written_us), version.__isset.expires_us ? utc_time(version.expires_us) : "never",
                     escape(dot.node), at == where.end() ? "-" : escape(at->second), escape(dot.counter),
                     escape(version.dot)});
    }
    out.line(std::to_string(answer.values.size()) + " siblings of \"" + session.shown(get.key) +
             "\", written without knowing of each other:");
    out.line("");
    for (const std::string& line : columns.lines(out.width())) out.line(line);
    out.line("");
    const std::string context = to_base64(answer.context);
    out.line("context: " + context);
    // What a shell or the option parser might take for something else is given in hex.
    const bool plain = !session.hex && escape(get.key) == get.key && !get.key.starts_with('-');
    const std::string key = plain ? quoted_word(get.key) : "--hex " + to_hex(get.key);
    const std::string table = get.table == "default" ? "" : " -t " + escape(get.table);
    out.line("settle them all: ashlar put " + key + table + " VALUE --context " + context);
    out.line("print one, raw:  ashlar get " + key + table + " --sibling N");
}

}  // namespace ashlar::cli
