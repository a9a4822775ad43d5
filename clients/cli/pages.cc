#include "pages.h"

namespace ashlar::cli {

Outcome<Done> each_page(Session& session, thrift::ScanRequest& request,
                        const std::function<bool(const thrift::ScanResponse&)>& take) {
    while (true) {
        auto answer = session.data.ask(Repeat::elsewhere, [&](auto& client) {
            thrift::ScanResponse out;
            client.scan(out, request);
            return out;
        });
        if (!answer) return answer.failure();
        if (!take(*answer) || !answer->__isset.page) return Done{};
        if (request.__isset.page && request.page == answer->page) {
            return failed("the node gave the same page twice: stopped instead of turning for ever");
        }
        request.__set_page(answer->page);
    }
}

}  // namespace ashlar::cli
