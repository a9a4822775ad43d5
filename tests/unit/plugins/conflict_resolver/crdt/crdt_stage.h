// Operations as a client writes them, and entries as nodes make, join and read them: the stage of this folder's tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "codec.h"
#include "crdt.h"
#include "kit/bytes.h"
#include "operation.h"

namespace ashlar::crdt {

using Names = std::vector<View>;

/// Operations as a client writes them.
class Steps {
public:
    Steps& increment(std::int64_t n, const Names& at = {}) { return begin(at, 1).number(n); }
    Steps& add(View element, const Names& at = {}) { return begin(at, 2).blob(element); }
    Steps& remove(View element, const Names& at = {}) { return begin(at, 3).blob(element); }
    Steps& assign(View value, const Names& at = {}) { return begin(at, 4).blob(value); }
    Steps& clear(const Names& at) { return begin(at, 5); }
    Bytes bytes() const {
        Bytes out("\xcd"
                  "crdt\x01");
        kit::Writer(out).varint(count_);
        return out + steps_;
    }

private:
    Steps& begin(const Names& at, std::uint8_t verb) {
        ++count_;
        steps_ += encoded_path(at);
        kit::Writer(steps_).u8(verb);
        return *this;
    }
    Steps& number(std::int64_t n) {
        kit::Writer(steps_).varint(zigzag(n));
        return *this;
    }
    Steps& blob(View bytes) {
        kit::Writer(steps_).blob(bytes);
        return *this;
    }
    Bytes steps_;
    std::uint64_t count_ = 0;
};

class CrdtStage : public ::testing::Test {
protected:
    /// A node's next write on top of what it holds; all that it made before is in there.
    Change change(std::uint64_t node, View value, View context = {}) {
        Change out;
        out.value = value;
        out.context = context;
        out.dot = Dot{Actor{NodeId{node}, 1, 0}, ++counters_[node]};
        out.complete_through = out.dot.counter - 1;
        out.wall = WallTime{++wall_};
        return out;
    }
    Bytes apply(View held, std::uint64_t node, const Steps& steps) {
        const Bytes value = steps.bytes();
        return made(held, change(node, value));
    }
    Bytes made(View held, const Change& change) {
        auto made = resolver.update(held, change);
        if (!made) {
            ADD_FAILURE() << made.error().detail;
            return Bytes(held);
        }
        EXPECT_TRUE(resolver.check(*made));
        if (!held.empty()) {
            EXPECT_EQ(join(held, *made), *made) << "an update never loses what it built on";
        }
        return *made;
    }
    Bytes join(View a, View b) {
        auto joined = resolver.join(a, b);
        EXPECT_TRUE(joined);
        EXPECT_EQ(*joined, *resolver.join(b, a));
        return joined ? *joined : Bytes();
    }
    std::vector<std::string> values(View entry) {
        Reading reading;
        EXPECT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        std::vector<std::string> out;
        for (std::uint32_t i = 0; i < reading.values; ++i) out.emplace_back(reading.versions[i].value);
        return out;
    }
    std::string value(View entry) {
        const auto all = values(entry);
        return all.size() == 1 ? all[0] : "(" + std::to_string(all.size()) + " values)";
    }
    Bytes context_of(View entry) {
        Reading reading;
        EXPECT_TRUE(resolver.read(entry, WallTime{wall_}, reading));
        return reading.context;
    }
    Error refusal(View held, const Change& change) {
        auto made = resolver.update(held, change);
        EXPECT_FALSE(made);
        return made ? Error{} : made.error();
    }

    Crdt resolver{1 << 20};
    std::map<std::uint64_t, std::uint64_t> counters_;
    std::int64_t wall_ = 1'000'000;
};

}  // namespace ashlar::crdt
