// A table page by page, the way scan and export walk it.
#pragma once

#include <functional>

#include "session.h"

namespace ashlar::cli {

/// Asks for page after page and hands each to `take`, which says whether to go on; it may
/// change the request for the next page (its limit). Ends after the last page.
/// Pages are reads: a node lost half-way is asked again elsewhere, so no entry is skipped or doubled.
Outcome<Done> each_page(Session& session, thrift::ScanRequest& request,
                        const std::function<bool(const thrift::ScanResponse&)>& take);

}  // namespace ashlar::cli
