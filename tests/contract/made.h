// A plugin made through its descriptor, as the loader makes one, for the contract suites. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "ashlar/plugin.h"
#include "engine/rig.h"
#include "faulty_disk.h"
#include "plain_host.h"

namespace ashlar::contract {

/// For plugins that join nothing.
class NoJoiner final : public Joiner {
public:
    Result<Bytes> join(TableId, View, View) const noexcept override {
        return fail(Code::unsupported, "no joiner here");
    }
    Result<Bytes> settle(TableId, View, const Keep&) const noexcept override {
        return fail(Code::unsupported, "no joiner here");
    }
};

template <class Contract>
class Made {
public:
    explicit Made(const Descriptor& descriptor, const Overrides& overrides = {})
        : descriptor_(descriptor), settings_(fill_settings(descriptor, overrides)) {
        instance_ = static_cast<Contract*>(descriptor.create(&host_, &settings_, &error_));
    }
    ~Made() {
        if (instance_ != nullptr) descriptor_.destroy(instance_);
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    bool made() const { return instance_ != nullptr; }
    const Error& error() const { return error_; }
    Contract& operator*() const { return *instance_; }
    Contract* operator->() const { return instance_; }

private:
    const Descriptor& descriptor_;
    sim::FaultyDisk disk_;
    NoJoiner joiner_;
    sim::PlainHost host_{disk_, joiner_};
    Settings settings_;
    Error error_;
    Contract* instance_ = nullptr;
};

}  // namespace ashlar::contract
