// Any bytes as an entry: refused or canonical, and every resolver agrees with its own check about them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crdt.h"
#include "dotted_version_vector.h"
#include "kit/entry.h"
#include "last_write_wins.h"
#include "state.h"
#include "vector_clock.h"

namespace {

using namespace ashlar;

void expect(bool truth) {
    if (!truth) std::abort();
}

void try_resolver(const ConflictResolver& resolver, View bytes) {
    Reading reading;
    const bool fine = resolver.check(bytes).has_value();
    const bool readable = resolver.read(bytes, WallTime{1}, reading).has_value();
    const Result<Bytes> joined = resolver.join(bytes, bytes);
    expect(joined.has_value() == fine && (readable || !fine));
    const Result<Bytes> settled = resolver.settle(bytes, Keep{WallTime{1}, WallTime{0}});
    if (!fine) return;
    expect(*joined == bytes && settled && resolver.check(*settled));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View bytes(reinterpret_cast<const char*>(data), size);
    const auto parts = kit::open_entry(bytes);
    expect(parts.has_value() == kit::is_entry(bytes));
    if (parts) expect(kit::write_entry(parts->head, parts->context, parts->versions) == bytes);
    static const dotted_version_vector::DottedVersionVector dotted;
    static const last_write_wins::LastWriteWins latest;
    static const vector_clock::VectorClock clocks(3);
    static const crdt::Crdt merging(1 << 20);
    // The same body under each head, so that every resolver gets to see it.
    if (size < 6) return 0;
    Bytes headed(bytes);
    for (const auto& [head, resolver] :
         {std::pair<kit::EntryHead, const ConflictResolver*>{dotted_version_vector::head, &dotted},
          {last_write_wins::head, &latest},
          {crdt::head, &merging},
          {vector_clock::head, &clocks}}) {
        Bytes opening;
        kit::Writer out(opening);
        kit::write_head(out, head);
        headed.replace(0, 6, opening);
        try_resolver(*resolver, headed);
    }
    return 0;
}
