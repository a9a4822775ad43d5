#include "host/plugin_set.h"

#include "host/plugin_module.h"
#include "kit/text.h"

namespace ashlar::host {

template <class Contract>
Result<PluginInstance<Contract>> PluginSet::make_one(PluginKind kind, const std::string& name, Disk* disk) {
    auto descriptor = setup_.shelf.find(kind, name);
    if (!descriptor) return descriptor.error();
    std::string section = kit::text(kind_name(kind), ".", name);
    auto world = std::make_unique<PluginWorld>(log_, section, meter_, seeds_.next(), disk,
                                               disk != nullptr ? joiner_.get() : nullptr);
    return PluginInstance<Contract>::make(**descriptor, std::move(world), setup_.config.section(section));
}

Result<std::unique_ptr<PluginSet>> PluginSet::make(const Setup& setup, Log& log, Meter& meter, Random& seeds) {
    std::unique_ptr<PluginSet> set(new PluginSet(setup, log, meter, seeds));
    if (auto made = set->make_deciders(); !made) return made.error();
    return set;
}

Result<void> PluginSet::make_deciders() {
    auto used = [&](const char* kind) { return setup_.config.section(kind).text("use"); };
    auto partitioner = make_one<Partitioner>(PluginKind::partitioner, used("partitioner"), nullptr);
    if (!partitioner) return partitioner.error();
    partitioner_.emplace(std::move(*partitioner));
    auto replicator = make_one<Replicator>(PluginKind::replicator, used("replicator"), nullptr);
    if (!replicator) return replicator.error();
    replicator_.emplace(std::move(*replicator));
    auto detector = make_one<FailureDetector>(PluginKind::failure_detector, used("failure_detector"), nullptr);
    if (!detector) return detector.error();
    detector_.emplace(std::move(*detector));
    std::map<std::string, ConflictResolver*> resolvers;
    for (const std::string& name : setup_.resolvers) {
        auto resolver = make_one<ConflictResolver>(PluginKind::conflict_resolver, name, nullptr);
        if (!resolver) return resolver.error();
        resolvers[name] = resolvers_.emplace(name, std::move(*resolver)).first->second.get();
    }
    joiner_ = std::make_unique<node::TagJoiner>(resolvers);
    return {};
}

Result<void> PluginSet::make_engine(Disk& disk) {
    auto engine =
        make_one<StorageEngine>(PluginKind::storage_engine, setup_.config.section("storage_engine").text("use"), &disk);
    if (!engine) return engine.error();
    engine_.emplace(std::move(*engine));
    return {};
}

node::EngineKeeps PluginSet::engine_keeps() const {
    const std::string& name = setup_.config.section("storage_engine").text("use");
    const Descriptor& engine = **setup_.shelf.find(PluginKind::storage_engine, name);
    return (engine.capabilities & persistent) != 0 ? node::EngineKeeps::all : node::EngineKeeps::nothing;
}

void PluginSet::fill(node::Parts& parts) const {
    parts.partitioner = partitioner_->get();
    parts.replicator = replicator_->get();
    parts.detector = detector_->get();
    for (const auto& [name, resolver] : resolvers_) {
        parts.resolvers[name] = resolver.get();
        parts.resolver_capabilities[name] = (*setup_.shelf.find(PluginKind::conflict_resolver, name))->capabilities;
    }
    parts.engine = engine_->get();
    parts.engine_name = setup_.config.section("storage_engine").text("use");
    parts.default_resolver = setup_.config.section("conflict_resolver").text("use");
}

}  // namespace ashlar::host
