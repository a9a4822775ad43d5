// Counts what this test program allocates, so that a test can say what a hot call costs.
#include <cstddef>
#include <cstdlib>
#include <new>

std::size_t allocations = 0;

void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* room = std::malloc(bytes == 0 ? 1 : bytes)) return room;
    std::abort();
}
// Sorting asks this one; replaced too, so that what free() gets always came from malloc().
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* room) noexcept {
    std::free(room);
}
void operator delete(void* room, std::size_t) noexcept {
    std::free(room);
}
