// Any bytes as a context: refused or canonical; merging what was read keeps all of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kit/context.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using ashlar::kit::CausalContext;
    const ashlar::View bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = CausalContext::parse(bytes);
    if (whole && size != 0 && whole->encoded() != bytes) std::abort();
    // Two contexts, one behind the other, merged both ways.
    ashlar::kit::Reader in(bytes);
    const CausalContext a = CausalContext::decode(in), b = CausalContext::decode(in);
    CausalContext ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    if (ab != ba || CausalContext::parse(ab.encoded()) != ab) std::abort();
    for (const auto& seen : a.seen())
        if (!ab.contains({seen.actor, seen.highest()})) std::abort();
    return 0;
}
