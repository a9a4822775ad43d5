// The grammar of the command line: builds CLI11's tree of verbs and turns what was typed into an Order.
//
// Text typed for one verb lives in a shared struct that CLI11 writes into and the verb's finish function reads. The
// verbs are added by grammar_data.cc, grammar_operator.cc and grammar_errand.cc. Only these files and arguments.cc know
// CLI11, a large header, which they take precompiled. CLI11's exceptions stop in read().
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "argument_forms.h"
#include "arguments.h"
#include "forms.h"

namespace ashlar::cli {

class Grammar {
public:
    Grammar();

    Reading read(int count, char** arguments);

private:
    using Finish = std::function<Outcome<Command>()>;

    void add_get();
    void add_put();
    void add_update();
    void add_remove();
    void add_exists();
    void add_scan();
    void add_import();
    void add_export();
    void add_key();
    void add_status();
    void add_errands();
    void add_plugin();
    void add_table();
    void add_config();
    void add_playground();

    static void table_option(CLI::App* sub, std::string& table);
    static void request_options(CLI::App* sub, TypedOptions& typed, bool writes);
    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& about, Finish finish);
    std::optional<Failure> finish_options(const TypedOptions& typed, thrift::RequestOptions& out) const;
    std::optional<Failure> finish_bytes(std::string& text, const char* what) const;
    template <class Verb>
    std::optional<Failure> finish_key(const std::string& table, const std::string& key, const TypedOptions& typed,
                                      Verb& verb) const {
        verb.table = table;
        verb.key = key;
        if (auto bad = finish_bytes(verb.key, "key")) return bad;
        return finish_options(typed, verb.options);
    }

    CLI::App app_;
    TypedCommon common_;
    Finish finish_;
};

}  // namespace ashlar::cli
