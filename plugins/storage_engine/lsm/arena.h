// Memory that only grows and is let go as one: the nodes and entries of a memtable.
//
// One thread allocates. What was allocated stays put, so readers on other threads may hold pointers into it
// as long as the arena lives.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace ashlar::lsm {

class Arena {
public:
    explicit Arena(std::size_t piece_bytes) : piece_bytes_(piece_bytes) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Aligned for pointers and 64-bit integers.
    char* take(std::size_t bytes) {
        bytes = (bytes + 7) & ~std::size_t{7};
        if (bytes > left_) return take_from_new(bytes);
        char* out = at_;
        at_ += bytes;
        left_ -= bytes;
        return out;
    }
    std::size_t bytes() const { return held_ - left_; }

private:
    char* take_from_new(std::size_t bytes) {
        if (bytes > piece_bytes_ / 4) {  // a piece of its own, so that the current one is not wasted
            pieces_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
            held_ += bytes;
            return pieces_.back().get();
        }
        held_ += piece_bytes_;
        left_ = piece_bytes_ - bytes;
        pieces_.push_back(std::make_unique_for_overwrite<char[]>(piece_bytes_));
        at_ = pieces_.back().get() + bytes;
        return pieces_.back().get();
    }

    std::size_t piece_bytes_;
    std::vector<std::unique_ptr<char[]>> pieces_;
    char* at_ = nullptr;
    std::size_t left_ = 0;
    std::size_t held_ = 0;
};

}  // namespace ashlar::lsm
