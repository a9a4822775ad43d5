// The verbs that begin long work, and follow it.
#include <memory>

#include "grammar.h"

namespace ashlar::cli {
namespace {

constexpr const char* about_nodes =
    "Goes to every node that --admin names (one or several), and says what was left out: a node compares what it owns\n"
    "itself with the other owners. Ctrl-C does not end it: see ashlar errand list.\n";

}  // namespace

void Grammar::add_errands() {
    auto repaired = std::make_shared<TypedRepair>();
    auto compared = std::make_shared<TypedRepair>();
    auto finish = [](const TypedRepair& typed, bool verify) -> Outcome<Command> {
        Repair out;
        out.verify = verify;
        if (auto bad = finish_repair(typed, out)) return *bad;
        return Command(out);
    };
    auto* repair = verb(app_, "repair", "Compare replicas now, and heal what differs",
                        [repaired, finish] { return finish(*repaired, false); });
    repair->footer(
        std::string(about_nodes) +
        "Exit 0 when every owner was compared and healed, 4 when one did not answer, 1 when something failed.");
    auto* verify = verb(app_, "verify", "Compare replicas now, and change nothing",
                        [compared, finish] { return finish(*compared, true); });
    verify->footer(
        std::string(about_nodes) +
        "Exit 0 when all replicas are equal, 1 when any differ, 4 when one did not answer. A write under way may\n"
        "show as a difference that is gone a moment later.");
    auto options = [](CLI::App* sub, const std::shared_ptr<TypedRepair>& typed) {
        sub->add_option("-t,--table", typed->table, "Only this table (default: all)");
        sub->add_option("--range", typed->range, "Only these tokens: FIRST..LAST, 16 hex digits each, both included");
        sub->add_option("--dc", typed->datacentre, "Only the replicas of this data centre, with each other");
        sub->add_flag("--no-wait", typed->no_wait, "Begin, print the errand's number, and leave");
    };
    options(repair, repaired);
    repair->add_flag("--dry-run", repaired->dry_run, "Say what differs, and change nothing");
    options(verify, compared);

    auto scrubbed = std::make_shared<bool>(false);
    auto* scrub = verb(app_, "scrub", "Read every block on the disk, and refill what is bad from replicas",
                       [scrubbed]() -> Outcome<Command> { return Command(Scrub{!*scrubbed}); });
    scrub->footer(
        "Goes to every node that --admin names. Waits until what was bad is refilled.\n"
        "Exit 0 when all is good (again), 1 when a bad block stays.");
    scrub->add_flag("--no-wait", *scrubbed, "Begin, print the errand's number, and leave");

    CLI::App* errand = app_.add_subcommand("errand", "Long work that is under way, or ended lately");
    errand->require_subcommand(1)->fallthrough();
    verb(*errand, "list", "All, on every node that --admin names",
         []() -> Outcome<Command> { return Command(ErrandList{}); });
    auto watched = std::make_shared<ErrandWatch>();
    auto* watch =
        verb(*errand, "watch", "Follow one to its end", [watched]() -> Outcome<Command> { return Command(*watched); });
    watch->add_option("errand", watched->number, "Number")->required();
    auto cancelled = std::make_shared<ErrandCancel>();
    auto* cancel = verb(*errand, "cancel", "End a repair or a comparison early",
                        [cancelled]() -> Outcome<Command> { return Command(*cancelled); });
    cancel->add_option("errand", cancelled->number, "Number")->required();
}

}  // namespace ashlar::cli
