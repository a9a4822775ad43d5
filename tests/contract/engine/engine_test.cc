#include "engine_test.h"

namespace ashlar::contract {

void join_into(Content& model, const Key& key, const Slot& slot) {
    auto [held, fresh] = model.try_emplace(key, encode(slot));
    if (!fresh) held->second = SlotJoiner().join(TableId{key.table}, held->second, encode(slot)).value();
}

void fill(Rig& rig, Content& model, std::uint64_t keys, std::uint64_t rounds, std::size_t length,
          std::uint64_t first_stamp, std::uint64_t first_key) {
    std::uint64_t stamp = first_stamp;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        for (std::uint64_t n = 0; n < keys; ++n, ++stamp) {
            Slot slot = slot_of(stamp, length, static_cast<std::uint8_t>(stamp % 3));
            Key key = key_of(first_key + n);
            ASSERT_OK(rig.put_patiently({{key, slot}})) << rig.log();
            join_into(model, key, slot);
        }
        ASSERT_OK(rig.sync());
        ASSERT_OK(rig.maintain());
    }
}

}  // namespace ashlar::contract
