// A joiner whose entries are sets of letters: "ab" joined with "bc" is "abc". A letter in upper case is a tombstone,
// which leaves when it may. And short forms the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "ashlar/host.h"
#include "ashlar/storage_engine.h"
#include "kit/text.h"

namespace ashlar::lsm {

class LetterJoiner final : public Joiner {
public:
    Result<Bytes> join(TableId, View a, View b) const noexcept override {
        if (a.find('!') != View::npos || b.find('!') != View::npos) return fail(Code::corrupt, "not an entry");
        Bytes both(a);
        both.append(b);
        std::sort(both.begin(), both.end());
        both.erase(std::unique(both.begin(), both.end()), both.end());
        return both;
    }
    Result<Bytes> settle(TableId, View entry, const Keep& keep) const noexcept override {
        Bytes out(entry);
        if (keep.forget_before.us != 0) std::erase_if(out, [](char c) { return c >= 'A' && c <= 'Z'; });
        return out;
    }
};

inline EntryKey at(Token token, View key, std::uint32_t table = 1) {
    return EntryKey{token, TableId{table}, key};
}

/// Tokens spread over the ring.
inline Token spread(std::uint64_t n) {
    return n * 0x9e3779b97f4a7c15u;
}

template <class T>
testing::AssertionResult fine(const Result<T>& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "code " << static_cast<int>(result.error().code) << ": "
                                       << result.error().detail;
}

}  // namespace ashlar::lsm
