#include "node/tag_joiner.h"

#include "kit/entry.h"
#include "kit/text.h"
#include "port/hint.h"

namespace ashlar::node {

TagJoiner::TagJoiner(const std::map<std::string, ConflictResolver*>& resolvers) {
    for (const auto& [name, resolver] : resolvers) by_tag_[kit::resolver_tag(name)] = resolver;
}

Result<const ConflictResolver*> TagJoiner::resolver_of(TableId table, View entry) const {
    auto at = by_tag_.find(kit::tag_of(entry));
    if (at != by_tag_.end()) return at->second;
    return fail(Code::corrupt, kit::text("an entry of table ", table.value, " (", entry.size(),
                                         " bytes) was made by no conflict resolver that is loaded"));
}

Result<Bytes> TagJoiner::join(TableId table, View a, View b) const noexcept {
    if (table == port::hint_table) return port::join_hints(a, b);
    auto resolver = resolver_of(table, a);
    if (!resolver) return resolver.error();
    if (kit::tag_of(a) != kit::tag_of(b)) {
        return fail(Code::corrupt,
                    kit::text("two entries of one key of table ", table.value, " have different conflict resolvers"));
    }
    return (*resolver)->join(a, b);
}

Result<Bytes> TagJoiner::settle(TableId table, View entry, const Keep& keep) const noexcept {
    if (table == port::hint_table) {
        auto hint = port::decode_hint(entry);
        if (!hint) return hint.error();
        return hint->open() ? Bytes(entry) : Bytes();
    }
    auto resolver = resolver_of(table, entry);
    if (!resolver) return resolver.error();
    return (*resolver)->settle(entry, keep);
}

}  // namespace ashlar::node
