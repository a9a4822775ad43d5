#include "node/common_ground.h"

#include "ashlar/plugin.h"
#include "kit/text.h"

namespace ashlar::node {

std::vector<repair::ComparedTable> CommonGround::tables() const {
    std::vector<repair::ComparedTable> out;
    for (const port::Table& table : catalogue_.tables()) {
        const request::LoadedResolver* resolver = catalogue_.resolver(table.resolver);
        if (resolver == nullptr) continue;
        out.push_back(repair::ComparedTable{table.id, (resolver->capabilities & per_key_counters) == 0});
    }
    return out;
}

std::vector<NodeId> CommonGround::owners(TableId id, Token token) {
    request::ServedTable* table = catalogue_.find(id);
    if (table == nullptr) return {};
    const Walk& walk = table->placement->walk(token);
    return {walk.nodes.begin(), walk.nodes.begin() + static_cast<std::ptrdiff_t>(walk.owners)};
}

Result<void> CommonGround::admit(const port::Turn& turn, NodeId from, TableId table, Epoch epoch) {
    if (auto timely = fence_.admit(turn, from, epoch); !timely) return timely;
    if (catalogue_.find(table) != nullptr) return {};
    return fail(Code::not_found, kit::text("there is no table ", table.value, " in this epoch"));
}

Result<void> CommonGround::check(const port::Turn& turn, TableId id, View entry) {
    const request::ServedTable* table = catalogue_.find(id);
    if (table == nullptr) return fail(Code::not_found, kit::text("there is no table ", id.value, " in this epoch"));
    const request::LoadedResolver& resolver = table->resolver;
    if (auto fit = resolver.resolver->check(entry); !fit || !resolver.stamps_decide()) return fit;
    if (auto opened = resolver.resolver->read(entry, turn.now.wall, reading_); !opened) return opened;
    stamps_.meet(reading_, turn.now.wall);
    return {};
}

}  // namespace ashlar::node
