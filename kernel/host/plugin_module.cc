#include "host/plugin_module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include "host/setting_value.h"
#include "kit/text.h"

namespace ashlar::host {
namespace {

constexpr const char* symbol_name = "ashlar_plugin";
constexpr std::uint32_t settings_max = 1000;

const char* contract_of(PluginKind kind) {
    switch (kind) {
        case PluginKind::partitioner:
            return fingerprint::partitioner;
        case PluginKind::replicator:
            return fingerprint::replicator;
        case PluginKind::failure_detector:
            return fingerprint::failure_detector;
        case PluginKind::conflict_resolver:
            return fingerprint::conflict_resolver;
        case PluginKind::storage_engine:
            return fingerprint::storage_engine;
    }
    return "";
}

/// Gathers mismatches, each with both values.
class Comparison {
public:
    void field(std::string_view name, std::string_view module_has, std::string_view needed) {
        if (module_has != needed)
            add(kit::text(name, ": the module has ", module_has, ", this ashlard needs ", needed));
    }
    void field(std::string_view name, const char* module_has, std::string_view needed) {
        field(name, module_has == nullptr ? std::string_view("nothing") : std::string_view(module_has), needed);
    }
    void present(std::string_view name, bool is_present) {
        if (!is_present) add(kit::text(name, ": missing"));
    }
    void add(std::string_view complaint) {
        if (!words_.empty()) words_ += "; ";
        words_ += complaint;
    }
    Result<void> verdict() const {
        if (words_.empty()) return {};
        return fail(Code::unsupported, words_);
    }

private:
    std::string words_;
};

bool is_setting_name(const char* name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    return name != nullptr && *name != '\0' &&
           std::string_view(name).find_first_not_of(letters) == std::string_view::npos;
}

void check_settings(const Descriptor& descriptor, Comparison& compare) {
    if (descriptor.settings_count > settings_max) {
        compare.add(kit::text("settings_count: ", descriptor.settings_count, ", at most ", settings_max));
        return;
    }
    compare.present("settings", descriptor.settings_count == 0 || descriptor.settings != nullptr);
    for (std::uint32_t i = 0; descriptor.settings != nullptr && i < descriptor.settings_count; ++i) {
        const SettingSpec& spec = descriptor.settings[i];
        if (!is_setting_name(spec.name) || spec.default_value == nullptr || spec.sentence == nullptr) {
            compare.add(kit::text("setting ", i, ": has no name of [a-z0-9_.], no default or no sentence"));
            continue;
        }
        if (auto value = parse_setting(spec, spec.default_value); !value)
            compare.add(kit::text("default of setting ", spec.name, ": ", value.error().detail));
    }
}

Error refused(const std::string& path, std::string_view why) {
    return fail(Code::unsupported, kit::text("plugin ", path, " is refused: ", why));
}

}  // namespace

std::string_view kind_name(PluginKind kind) {
    switch (kind) {
        case PluginKind::partitioner:
            return "partitioner";
        case PluginKind::replicator:
            return "replicator";
        case PluginKind::failure_detector:
            return "failure_detector";
        case PluginKind::conflict_resolver:
            return "conflict_resolver";
        case PluginKind::storage_engine:
            return "storage_engine";
    }
    return "";
}

PluginKind kind_of(std::string_view name) {
    for (PluginKind kind : all_kinds)
        if (kind_name(kind) == name) return kind;
    return PluginKind{0};
}

Result<void> check_ownership(const std::string& path, bool is_directory) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0)
        return fail(errno == ENOENT ? Code::not_found : Code::io, kit::text(path, ": ", std::strerror(errno)));
    if (is_directory ? !S_ISDIR(facts.st_mode) : !S_ISREG(facts.st_mode))
        return fail(Code::unsupported, kit::text(path, " is not a ", is_directory ? "directory" : "plain file"));
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(Code::not_authorized,
                    kit::text(path, " may be changed by ", (facts.st_mode & S_IWOTH) != 0 ? "anybody" : "its group",
                              ", and whoever changes it runs as this process: chmod go-w ", path));
    if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
        return fail(Code::not_authorized, kit::text(path, " belongs to user ", facts.st_uid,
                                                    "; it must be root's or user ", ::geteuid(), "'s"));
    return {};
}

Result<void> check_descriptor(const Descriptor* descriptor, std::size_t symbol_bytes, PluginKind kind,
                              const std::string& name) {
    Comparison compare;
    // The first three fields stand still for ever; the rest is read only when they say that it is laid out as here.
    constexpr std::size_t head_bytes = offsetof(Descriptor, size) + sizeof(Descriptor::size);
    if (symbol_bytes < head_bytes) {
        compare.field("size of the symbol", kit::text(symbol_bytes, " bytes"), kit::text(sizeof(Descriptor), " bytes"));
        return compare.verdict();
    }
    compare.field("magic", kit::hex16(descriptor->magic), kit::hex16(descriptor_magic));
    if (!compare.verdict()) return compare.verdict();
    compare.field("layout", kit::text(descriptor->layout), kit::text(descriptor_layout));
    compare.field("size", kit::text(descriptor->size), kit::text(sizeof(Descriptor)));
    if (symbol_bytes < sizeof(Descriptor))
        compare.field("size of the symbol", kit::text(symbol_bytes, " bytes"), kit::text(sizeof(Descriptor), " bytes"));
    if (!compare.verdict()) return compare.verdict();

    compare.field("contract", descriptor->contract, contract_of(kind));
    compare.field("compiler", descriptor->compiler, fingerprint::compiler);
    std::string_view its_kind = kind_name(descriptor->kind);
    compare.field(
        "kind",
        its_kind.empty() ? kit::text("number ", static_cast<std::uint32_t>(descriptor->kind)) : std::string(its_kind),
        kind_name(kind));
    compare.field("name", descriptor->name, name);
    compare.present("version", descriptor->version != nullptr);
    compare.present("summary", descriptor->summary != nullptr);
    compare.present("create", descriptor->create != nullptr);
    compare.present("destroy", descriptor->destroy != nullptr);
    // Settings have the shape of the contract; without it they cannot be read.
    if (!compare.verdict()) return compare.verdict();
    check_settings(*descriptor, compare);
    return compare.verdict();
}

Result<const Descriptor*> load_module(const std::string& path, PluginKind kind, const std::string& name) {
    if (auto fine = check_ownership(path, false); !fine) return refused(path, fine.error().detail);
    try {
        // The throwing calls of Boost.DLL keep the loader's own message; the others lose it.
        boost::dll::shared_library module(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        if (!module.has(symbol_name)) return refused(path, kit::text("it does not export ", symbol_name));
        const auto* descriptor = &module.get<const Descriptor>(symbol_name);
        Dl_info place{};
        void* found = nullptr;
        int known = ::dladdr1(descriptor, &place, &found, RTLD_DL_SYMENT);
        const auto* symbol = static_cast<const ElfW(Sym)*>(found);
        std::size_t bytes = known != 0 && symbol != nullptr ? static_cast<std::size_t>(symbol->st_size) : 0;
        if (auto fine = check_descriptor(descriptor, bytes, kind, name); !fine)
            return refused(path, fine.error().detail);
        return descriptor;
    } catch (const std::exception& error) {
        return refused(path, error.what());
    }
}

}  // namespace ashlar::host
