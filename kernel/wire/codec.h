// Messages as bytes. docs/wire.md has the tables.
//
// Each message has one description (message_fields.h) that serves both directions, so writing and reading cannot drift
// apart. Decoding refuses what is not canonical, what is too long and what is unknown; it takes memory in
// proportion to the bytes that are there, whatever they claim. Within one protocol the bytes are exact: a kind that is
// not known and a byte behind the last field are refused, for no node says them to one that does not know them. The
// greeting alone, which is read before a protocol is agreed on, may have fields behind those that are known; they are
// passed over. Pure, any thread.
#pragma once

#include "kit/bytes.h"
#include "wire/message.h"

namespace ashlar::wire {

/// A message that claims more members than this in a roster or a list is refused.
inline constexpr std::size_t members_max = 4096;
/// The same for entries of a page and siblings of an answer (limits.page_entries' ceiling).
inline constexpr std::size_t lines_max = 100'000;
/// Pieces of a table in one question.
inline constexpr std::size_t pieces_max = 65'536;
/// Nodes that one relay hands a write on to.
inline constexpr std::size_t onward_max = 256;

/// So many bytes encode() will append.
std::size_t encoded_bytes(const Message& message);
/// Appends type and fields.
void encode(const Message& message, Bytes& out);
/// False: no known message, or damaged. Views borrow from `bytes`.
bool decode(View bytes, Message& message);
/// For logs and metrics.
const char* name_of(const Message& message);

}  // namespace ashlar::wire
