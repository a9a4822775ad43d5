#include "session.h"

#include "forms.h"
#include "json_forms.h"

namespace ashlar::cli {

Exit Session::fail(const Failure& failure) {
    if (json) document(json_failure(failure));
    // The sentence may quote a key or come from another machine: it must not steer the terminal.
    out.complain(escape(failure.sentence));
    return failure.exit;
}

void Session::document(const boost::json::object& object) {
    out.line(boost::json::serialize(object));
}

std::string Session::shown(std::string_view bytes) const {
    return hex ? to_hex(bytes) : escape(bytes);
}

std::string Session::shown(std::string_view bytes, std::size_t most) const {
    if (!hex) return preview(bytes, most);
    return to_hex(bytes.substr(0, most)) + (bytes.size() > most ? "..." : "");
}

}  // namespace ashlar::cli
