// What a verb works with: the connections, standard output, and how the user wants to see bytes.
//
// A verb is a function from its command and a session to an exit code; it reports its own failures with fail().
#pragma once

#include <string>
#include <string_view>

#include "Ashlar.h"
#include "AshlarAdmin.h"
#include "commands.h"
#include "link.h"
#include "output.h"

namespace boost::json {
class object;
}

namespace ashlar::cli {

class Session {
public:
    Session(const Common& common, Output& out)
        : out(out),
          json(common.json),
          hex(common.hex),
          admin_route(common.admin),
          data(common.clients),
          admin(common.admin) {}

    /// Says why (as JSON on standard output too, with --json) and gives the exit code.
    Exit fail(const Failure& failure);
    /// One JSON document on a line.
    void document(const boost::json::object& object);
    /// A key or value for a person: hex or escaped text.
    std::string shown(std::string_view bytes) const;
    std::string shown(std::string_view bytes, std::size_t most) const;

    Output& out;
    const bool json;
    const bool hex;
    const Route admin_route;  ///< for what goes to every node it names
    Link<thrift::AshlarClient> data;
    Link<thrift::AshlarAdminClient> admin;
};

Exit run(const Get& get, Session& session);
Exit run(const Put& put, Session& session);
Exit run(const Update& update, Session& session);
Exit run(const Remove& remove, Session& session);
Exit run(const Exists& exists, Session& session);
Exit run(const Scan& scan, Session& session);
Exit run(const Export& wanted, Session& session);
Exit run(const Import& import, Session& session);
Exit run(const KeyExplain& explain, Session& session);
Exit run(const Status& status, Session& session);
Exit run(const PluginList& list, Session& session);
Exit run(const PluginCard& card, Session& session);
Exit run(const TableCreate& create, Session& session);
Exit run(const TableList& list, Session& session);
Exit run(const TableShow& show, Session& session);
Exit run(const TableDrop& drop, Session& session);
Exit run(const ConfigShow& show, Session& session);
Exit run(const ConfigCheck& check, Session& session);
Exit run(const Scrub& scrub, Session& session);
Exit run(const Repair& repair, Session& session);
Exit run(const ErrandList& list, Session& session);
Exit run(const ErrandWatch& watch, Session& session);
Exit run(const ErrandCancel& cancel, Session& session);
Exit run(const Playground& wanted, Session& session);

}  // namespace ashlar::cli
