// scan: entries for a person, or as JSON lines with all that is known of each.
#include <algorithm>

#include "forms.h"
#include "json_forms.h"
#include "pages.h"

namespace ashlar::cli {
namespace {

constexpr std::size_t terminal_bytes = 80;

void print_entry(const Scan& scan, const thrift::ScanEntry& entry, Session& session) {
    if (session.json) {
        auto document = json_document();
        add_bytes(document, "key", entry.key);
        if (!scan.keys_only) document["values"] = json_versions(entry.values);
        if (!scan.keys_only) document["context"] = to_base64(entry.context);
        session.document(document);
        return;
    }
    std::string line = session.shown(entry.key);
    if (!scan.keys_only) {
        // A terminal gets a glance; a pipe gets every byte, escaped so that a line stays a line.
        for (const auto& version : entry.values) {
            line += '\t';
            line +=
                session.out.to_terminal() ? session.shown(version.value, terminal_bytes) : session.shown(version.value);
        }
    }
    session.out.line(line);
}

}  // namespace

Exit run(const Scan& scan, Session& session) {
    thrift::ScanRequest request;
    request.__set_table(scan.table);
    if (scan.page) request.__set_page(*scan.page);
    if (!scan.prefix.empty()) request.__set_prefix(scan.prefix);
    if (scan.reverse) request.__set_reverse(true);
    if (scan.keys_only) request.__set_keys_only(true);
    request.__set_options(scan.options);
    // The node cuts what is over its page bound; a page never holds more than is still wanted.
    constexpr std::uint64_t call_max = 1000;
    std::uint64_t left = scan.limit;
    request.__set_limit(static_cast<std::int32_t>(std::min(scan.limit, call_max)));
    std::string next;
    bool more = false;
    auto walked = each_page(session, request, [&](const thrift::ScanResponse& page) {
        more = page.__isset.page;
        next = page.page;
        for (const auto& entry : page.entries) {
            print_entry(scan, entry, session);
        }
        left -= std::min<std::uint64_t>(left, page.entries.size());
        if (scan.limit != 0) request.__set_limit(static_cast<std::int32_t>(std::min(left, call_max)));
        return !session.out.gone() && (scan.limit == 0 || left > 0);
    });
    if (!walked) return session.fail(walked.failure());
    if (more && !session.out.gone()) {
        session.out.remark("(more: --page " + to_base64(next) + ", or --limit 0 for all)");
    }
    return Exit::ok;
}

}  // namespace ashlar::cli
