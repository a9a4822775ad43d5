#include "host/flags.h"

#include "kit/text.h"

namespace ashlar::host {

const char* const usage =
    "usage: ashlard [options]\n"
    "  --config FILE            read FILE and conf.d/*.yaml beside it (default: /etc/ashlar/ashlar.yaml if it exists)\n"
    "  --set SECTION.KEY=VALUE  override one setting; may be repeated\n"
    "  --plugins DIR            the same as --set plugins.directory=DIR\n"
    "  --ready-file FILE        write the ready line to FILE once the node serves\n"
    "  --check-config FILE      say ok, or every mistake as file:line: reason (exit 2)\n"
    "  --explain                print the manual of all settings, those of the installed plugins included\n"
    "  --print-default-config   print a configuration file in which every default stands\n"
    "  --version, --help\n"
    "Settings may also stand in the environment as ASHLAR_SECTION_KEY.\n"
    "Exit: 0 clean stop, 1 failure, 2 bad configuration or usage.\n";

Result<Flags> parse_flags(const std::vector<std::string>& arguments) {
    Flags flags;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        std::string value;
        std::size_t equals = name.find('=');
        bool joined = name.starts_with("--") && equals != std::string::npos;
        if (joined) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        auto act = [&](Flags::Act chosen) { flags.act = chosen; };
        if (name == "--explain")
            act(Flags::Act::explain);
        else if (name == "--print-default-config")
            act(Flags::Act::print_default_config);
        else if (name == "--version")
            act(Flags::Act::version);
        else if (name == "--help" || name == "-h")
            act(Flags::Act::help);
        else {
            bool known = name == "--config" || name == "--check-config" || name == "--set" || name == "--plugins" ||
                         name == "--ready-file";
            if (!known)
                return fail(Code::invalid_request,
                            kit::text("unknown argument '", arguments[i], "'; ashlard --help lists all"));
            if (!joined && i + 1 >= arguments.size())
                return fail(Code::invalid_request, kit::text(name, " wants a value"));
            if (!joined) value = arguments[++i];
            if (name == "--set")
                flags.set.push_back(value);
            else if (name == "--plugins")
                flags.set.push_back("plugins.directory=" + value);
            else if (name == "--ready-file")
                flags.ready_file = value;
            else
                flags.config_file = value;
            if (name == "--check-config") act(Flags::Act::check_config);
        }
    }
    return flags;
}

}  // namespace ashlar::host
