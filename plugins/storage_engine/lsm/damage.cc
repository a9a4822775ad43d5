#include "damage.h"

#include <algorithm>
#include <optional>

#include "kit/text.h"

namespace ashlar::lsm {
namespace {

/// The block that begins at an offset.
std::optional<std::size_t> block_at(const Table& table, std::uint64_t offset) {
    const BlockIndex& index = table.index();
    for (std::size_t i = 0; i < index.size(); ++i)
        if (index.place(i).offset == offset) return i;
    return std::nullopt;
}

TokenRange all_tokens(const Table& table) {
    return TokenRange{table.facts().first.token, table.facts().last.token};
}

bool is_hidden(const Version& version, const Table& table, const TokenRange& tokens) {
    const EntryKey low{tokens.first, {}, {}}, high{tokens.last, TableId{~0u}, {}};
    return version.hidden->holds_all(low, high, table.facts().through);
}

void add_bad_blocks(const Version& version, const Table& table, std::vector<BadBlock>& out) {
    if (table.broken()) {
        if (!is_hidden(version, table, all_tokens(table)))
            out.push_back(BadBlock{table.name(), 0, all_tokens(table), table.broken()->detail});
        return;
    }
    for (std::size_t i : table.bad_blocks()) {
        const TokenRange tokens = tokens_of_block(table, i);
        if (!is_hidden(version, table, tokens))
            out.push_back(BadBlock{table.name(), table.index().place(i).offset, tokens, "its checksum does not hold"});
    }
}

}  // namespace

TokenRange tokens_of_block(const Table& table, std::size_t i) {
    const Token first = i == 0 ? table.facts().first.token : table.index().last_token(i - 1);
    return TokenRange{first, table.index().last_token(i)};
}

std::vector<BadBlock> bad_blocks_of(const Version& version) {
    std::vector<BadBlock> out;
    for (const auto& level : version.levels)
        for (const TablePtr& table : level)
            if (table->damaged()) add_bad_blocks(version, *table, out);
    return out;
}

void forgive(const Version& version, const Table& table) {
    std::vector<BadBlock> left;
    add_bad_blocks(version, table, left);
    table.forgive();
    if (!left.empty()) table.mark_damaged();
}

Result<TablePtr> table_of(const Version& version, const BadBlock& bad) {
    for (const auto& level : version.levels)
        for (const TablePtr& table : level)
            if (table->name() == bad.file) return table;
    return fail(Code::not_found, kit::text(bad.file, " is no table file that is in use"));
}

Result<Hide> hide_for(const Table& table, const BadBlock& bad, const Permits& permits, Sequence planned) {
    TokenRange tokens = all_tokens(table);
    if (!table.broken()) {
        auto block = block_at(table, bad.offset);
        if (!block) return fail(Code::not_found, kit::text(bad.file, " has no block of data at ", bad.offset));
        tokens = tokens_of_block(table, *block);
    }
    if (tokens.first < bad.tokens.first || bad.tokens.last < tokens.last)
        return fail(Code::invalid_request,
                    kit::text("the block at ", bad.offset, " of ", bad.file, " holds more tokens than are given up"));
    Sequence newest = std::max(table.facts().through, planned);
    for (const auto& [id, ranges] : permits.tables())
        for (const Permits::Permit& permit : ranges)
            if (permit.tokens.first <= tokens.last && tokens.first <= permit.tokens.last)
                newest = std::max(newest, permit.given);
    return Hide{newest + 1, tokens, TableId{}};
}

}  // namespace ashlar::lsm
