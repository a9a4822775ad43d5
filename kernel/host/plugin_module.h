// One shared module: loaded, its descriptor read and checked field by field before anything else of it is used.
//
// Main thread, before the first socket. A module that does not fit is refused with every mismatch named and both
// values shown; it stays mapped (unloading what may have left pointers behind is never safe) but is never called.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ashlar/plugin.h"
#include "ashlar/result.h"

namespace ashlar::host {

/// "storage_engine"; empty for a number that is no kind.
std::string_view kind_name(PluginKind kind);
/// The kind of a name, or nothing (PluginKind{0}).
PluginKind kind_of(std::string_view name);
inline constexpr PluginKind all_kinds[] = {PluginKind::partitioner, PluginKind::replicator,
                                           PluginKind::failure_detector, PluginKind::conflict_resolver,
                                           PluginKind::storage_engine};

/// Refuses a directory or file that anybody but root and this user could change.
Result<void> check_ownership(const std::string& path, bool is_directory);

/// Loads `path` and answers its descriptor if it is a plugin of this kind and name that this ashlard can run.
Result<const Descriptor*> load_module(const std::string& path, PluginKind kind, const std::string& name);

/// The checks alone; `symbol_bytes` is how much memory the symbol has.
Result<void> check_descriptor(const Descriptor* descriptor, std::size_t symbol_bytes, PluginKind kind,
                              const std::string& name);

}  // namespace ashlar::host
