// export: a whole table as JSON lines that import reads back, siblings and expiry included.
//
// One line an entry: {"key": ..., "value": ...}, with _base64 members where the bytes are not UTF-8, "expires_us"
// when it expires, and {"siblings": [{"value": ..., "dot": ...}, ...]} instead of a value when there are several.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "forms.h"
#include "json_forms.h"
#include "pages.h"

namespace ashlar::cli {
namespace {

namespace json = boost::json;

/// Only the form that is needed: an export is for machines and may be large.
void add_lean(json::object& into, std::string_view name, std::string_view bytes) {
    if (is_utf8(bytes)) {
        into[name] = bytes;
    } else {
        into[std::string(name) + "_base64"] = to_base64(bytes);
    }
}

void add_version(json::object& into, const thrift::VersionValue& version) {
    add_lean(into, "value", version.value);
    if (version.__isset.expires_us) into["expires_us"] = version.expires_us;
}

std::string line_of(const thrift::ScanEntry& entry) {
    json::object out;
    add_lean(out, "key", entry.key);
    if (entry.values.size() == 1) {
        add_version(out, entry.values[0]);
    } else {
        json::array siblings;
        for (const auto& version : entry.values) {
            json::object one;
            add_version(one, version);
            one["dot"] = version.dot;
            siblings.push_back(std::move(one));
        }
        out["siblings"] = std::move(siblings);
    }
    return json::serialize(out) + "\n";
}

struct Closer {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

}  // namespace

Exit run(const Export& wanted, Session& session) {
    bool to_file = !wanted.file.empty() && wanted.file != "-";
    std::unique_ptr<std::FILE, Closer> file;
    auto cannot = [&] { return session.fail(failed("cannot write " + wanted.file + ": " + std::strerror(errno))); };
    // Not over an earlier export: until this one is whole, that one is all there is.
    std::string part = wanted.file + ".part";
    if (to_file) file.reset(std::fopen(part.c_str(), "wbe"));
    if (to_file && !file) return cannot();

    thrift::ScanRequest request;
    request.__set_table(wanted.table);
    if (!wanted.prefix.empty()) request.__set_prefix(wanted.prefix);
    request.__set_options(wanted.options);
    std::int64_t entries = 0, siblings = 0, bytes = 0;
    bool written = true;
    auto walked = each_page(session, request, [&](const thrift::ScanResponse& page) {
        for (const auto& entry : page.entries) {
            if (entry.values.empty()) continue;
            std::string line = line_of(entry);
            ++entries;
            siblings += entry.values.size() > 1 ? 1 : 0;
            bytes += static_cast<std::int64_t>(line.size());
            if (to_file) {
                written = written && std::fwrite(line.data(), 1, line.size(), file.get()) == line.size();
            } else {
                session.out.raw(line);
            }
        }
        session.out.progress(grouped(entries) + " entries, " + byte_size(static_cast<double>(bytes)));
        return written && !session.out.gone() && session.out.trouble().empty();
    });
    session.out.progress("");
    if (!walked) {
        if (to_file) static_cast<void>(std::remove(part.c_str()));
        return session.fail(walked.failure());
    }
    if (to_file) {
        if (!written || std::fflush(file.get()) != 0) return cannot();
        file.reset();
        if (std::rename(part.c_str(), wanted.file.c_str()) != 0) return cannot();
    }
    if (to_file && session.json) {
        auto document = json_document();
        document["table"] = wanted.table;
        document["file"] = wanted.file;
        document["entries"] = entries;
        document["with_siblings"] = siblings;
        document["bytes"] = bytes;
        session.document(document);
    } else if (!session.out.gone()) {
        session.out.remark("exported " + grouped(entries) + " entries of table " + escape(wanted.table) +
                           (siblings > 0 ? ", " + grouped(siblings) + " of them with siblings" : "") +
                           (to_file ? " to " + wanted.file : ""));
    }
    return Exit::ok;
}

}  // namespace ashlar::cli
