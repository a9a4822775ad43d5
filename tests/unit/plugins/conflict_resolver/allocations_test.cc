// What the hot calls take from the heap: a read into a used Reading nothing, a blind write the entry it returns.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "crdt.h"
#include "dotted_version_vector.h"
#include "last_write_wins.h"
#include "vector_clock.h"

namespace {

std::size_t taken = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++taken;
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace ashlar;

Change put(View value, std::uint64_t node) {
    Change change;
    change.value = value;
    change.dot = Dot{Actor{NodeId{node}, 1, 0}, 500};
    change.wall = WallTime{1000};
    return change;
}

template <class Resolver>
void expect_free_reads(const Resolver& resolver) {
    const Bytes value(1000, 'v');
    const Bytes a = *resolver.update("", put(value, 1)), b = *resolver.update("", put(value, 2));
    const Bytes both = *resolver.join(a, b);
    Reading reading;
    ASSERT_TRUE(resolver.read(both, WallTime{1}, reading));
    const std::size_t before = taken;
    const bool read = resolver.read(both, WallTime{1}, reading).has_value();
    EXPECT_EQ(taken, before);
    EXPECT_TRUE(read);
    EXPECT_GE(reading.values, 1u);
}

TEST(Allocations, ReadingTakesNone) {
    expect_free_reads(dotted_version_vector::DottedVersionVector());
    expect_free_reads(last_write_wins::LastWriteWins());
    expect_free_reads(vector_clock::VectorClock(10));
    expect_free_reads(crdt::Crdt(1 << 20));
}

TEST(Allocations, ABlindWriteTakesTheEntryAlone) {
    const dotted_version_vector::DottedVersionVector dotted;
    const last_write_wins::LastWriteWins latest;
    const Bytes value(1000, 'v');
    const Change change = put(value, 1);
    for (const ConflictResolver* resolver : {static_cast<const ConflictResolver*>(&dotted), {&latest}}) {
        const std::size_t before = taken;
        const bool made = resolver->update("", change).has_value();
        EXPECT_EQ(taken - before, 1u);
        EXPECT_TRUE(made);
    }
}

TEST(Allocations, ARefusedClaimTakesLittle) {
    // Ten bytes that claim 2^62 versions.
    Bytes bytes;
    kit::Writer out(bytes);
    kit::write_head(out, dotted_version_vector::head);
    out.varint(0);
    out.varint(std::uint64_t{1} << 62);
    const std::size_t before = taken;
    EXPECT_FALSE(kit::open_entry(bytes));
    EXPECT_FALSE(kit::is_entry(bytes));
    EXPECT_EQ(taken, before);
}

}  // namespace
