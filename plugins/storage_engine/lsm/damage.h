// Blocks that cannot be read any more: which there are, and what must be hidden so that they stand in nobody's way.
//
// Pure, loop only (tokens_of_block: any thread).
#pragma once

#include <vector>

#include "ashlar/storage_engine.h"
#include "hidden.h"
#include "permits.h"
#include "version.h"

namespace ashlar::lsm {

/// What block i of a table may hold: its first token may be the last one of the block before.
TokenRange tokens_of_block(const Table& table, std::size_t i);

/// The bad blocks that reads have met and no hide covers. A file that cannot be opened is one block of all its tokens.
std::vector<BadBlock> bad_blocks_of(const Version& version);

/// Lets a file be written anew, now that some of it was hidden, unless it has other bad blocks.
void forgive(const Version& version, const Table& table);

/// The file a bad block stands in; not_found: none of the version.
Result<TablePtr> table_of(const Version& version, const BadBlock& bad);

/// Hides the block, and what is older than it or than the newest permission to forget: a tombstone in it may have
/// outlived all others, and what it covered must not be seen again (every owner was proven to hold all there was when
/// that permission was given). `planned`: rewrites under way see all up to there, and nothing of the hide. Fails as
/// StorageEngine::give_up says.
Result<Hide> hide_for(const Table& table, const BadBlock& bad, const Permits& permits, Sequence planned);

}  // namespace ashlar::lsm
