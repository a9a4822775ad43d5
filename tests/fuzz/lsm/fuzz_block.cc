// Any bytes as a block, an index, facts or a footer of a table file: never a crash, never memory beyond the claim.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "block.h"
#include "kit/bytes.h"
#include "table_format.h"

namespace {

using namespace ashlar;
using namespace ashlar::lsm;

void expect(bool truth) {
    if (!truth) std::abort();
}

void read_raw(View raw) {
    BlockItems items;
    View value;
    (void)find_in_block(raw, EntryKey{}, value);
    (void)find_in_block(raw, EntryKey{~Token{0}, TableId{~0u}, raw.substr(0, 40)}, value);
    if (!items.load(raw)) return;
    for (std::size_t i = 0; i < items.size(); ++i) (void)find_in_block(raw, items.key(i), value);
}

/// A block built from the input holds what was put in, and nothing else.
void build_and_find(View bytes) {
    kit::Reader in(bytes);
    std::map<std::pair<Token, Bytes>, Bytes> entries;
    while (in.left() > 2 && entries.size() < 100) {
        Token token = in.u8() % 8;
        Bytes key(in.bytes(in.u8() % 12));
        entries[{token, key}] = Bytes(in.bytes(in.u8() % 64));
    }
    BlockBuilder builder;
    for (const auto& [key, value] : entries) builder.add({key.first, TableId{1}, key.second}, value);
    Bytes raw(builder.finish());
    Bytes sealed;
    seal_block(sealed, raw, true, 5);
    auto opened = open_block(sealed, 5);
    expect(opened && *opened == raw && !open_block(sealed, 6));
    BlockItems items;
    expect(items.load(raw) && items.size() == entries.size());
    std::size_t i = 0;
    for (const auto& [key, value] : entries) {
        View found;
        expect(find_in_block(raw, {key.first, TableId{1}, key.second}, found) == Seen::present && found == value);
        expect(items.value(i) == value && items.key(i).key == key.second);
        ++i;
        expect(entries.count({key.first, key.second + '\0'}) != 0 ||
               find_in_block(raw, {key.first, TableId{1}, key.second + '\0'}, found) == Seen::absent);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View bytes(reinterpret_cast<const char*>(data), size);
    read_raw(bytes);
    build_and_find(bytes);
    // The seal's checksum keeps a fuzzer out, so it is put right first.
    Bytes sealed(bytes);
    kit::Writer(sealed).u64(kit::hash64(bytes, 5));
    if (auto raw = open_block(sealed, 5)) read_raw(*raw);
    (void)open_block(bytes, 5).has_value();

    BlockIndex index;
    if (index.decode(bytes, size * 16)) {
        for (std::size_t i = 0; i < index.size(); ++i) expect(index.place(i).bytes >= seal_bytes);
        expect(index.find(EntryKey{0, TableId{}, {}}) <= index.size());
    }
    kit::Reader in(bytes);
    TableFacts facts = decode_facts(in);
    if (in.done()) {
        Bytes again;
        kit::Writer out(again);
        encode_facts(out, facts);
        expect(again == bytes);
    }
    (void)decode_footer(bytes, "table").has_value();
    return 0;
}
