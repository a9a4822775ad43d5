// The plugins this node runs, made from the configuration, in the order they depend on each other: first those
// that decide, then the joiner made of the resolvers, and last, when the ledger allows it, the storage engine.
//
// Main thread, before the loop. Fails with the plugin's own words.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ashlar/conflict_resolver.h"
#include "ashlar/failure_detector.h"
#include "ashlar/partitioner.h"
#include "ashlar/replicator.h"
#include "ashlar/storage_engine.h"
#include "host/plugin_instance.h"
#include "host/setup.h"
#include "node/node.h"
#include "node/tag_joiner.h"

namespace ashlar::host {

class PluginSet {
public:
    static Result<std::unique_ptr<PluginSet>> make(const Setup& setup, Log& log, Meter& meter, Random& seeds);
    /// `disk` is the engine's own and outlives this.
    Result<void> make_engine(Disk& disk);

    /// What the engine keeps over a restart, by its capabilities.
    node::EngineKeeps engine_keeps() const;
    Partitioner& partitioner() { return **partitioner_; }
    /// Fills in the plugins.
    void fill(node::Parts& parts) const;

private:
    PluginSet(const Setup& setup, Log& log, Meter& meter, Random& seeds)
        : setup_(setup), log_(log), meter_(meter), seeds_(seeds) {}
    Result<void> make_deciders();
    template <class Contract>
    Result<PluginInstance<Contract>> make_one(PluginKind kind, const std::string& name, Disk* disk);

    const Setup& setup_;
    Log& log_;
    Meter& meter_;
    Random& seeds_;
    std::optional<PluginInstance<Partitioner>> partitioner_;
    std::optional<PluginInstance<Replicator>> replicator_;
    std::optional<PluginInstance<FailureDetector>> detector_;
    std::map<std::string, PluginInstance<ConflictResolver>> resolvers_;
    std::unique_ptr<node::TagJoiner> joiner_;
    std::optional<PluginInstance<StorageEngine>> engine_;
};

}  // namespace ashlar::host
