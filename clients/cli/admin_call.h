// One operator's call: the looks may go to any endpoint, the changes only to one.
#pragma once

#include "session.h"

namespace ashlar::cli {

template <class Answer, class Request>
Outcome<Answer> ask_admin(Session& session, Repeat repeat,
                          void (thrift::AshlarAdminClient::*call)(Answer&, const Request&), const Request& request) {
    return session.admin.ask(repeat, [&](auto& client) {
        Answer out;
        (client.*call)(out, request);
        return out;
    });
}

}  // namespace ashlar::cli
