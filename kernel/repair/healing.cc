#include "repair/healing.h"

#include "kit/text.h"
#include "port/hint.h"

namespace ashlar::repair {
namespace {

constexpr Duration absence_pause = seconds(1);
/// Each time this node becomes another actor, of which it has 65,535: many blocks go together.
constexpr Duration heal_pause = seconds(10);

}  // namespace

void Healing::pump(const port::Turn& turn) {
    if (turn.now.steady < look_at_) return;
    look_at_ = turn.now.steady + absence_pause;
    // A block may have held tokens of others too, of which no round of this node's brings anything.
    if (gaps_.any()) gaps_.keep_to(turn, owned_());
    problem_.clear();
    std::vector<BadBlock> wanted;
    for (BadBlock& block : engine_.bad_blocks()) {
        const Name name{block.file, block.offset};
        const std::string why = refused_.contains(name) ? "the engine does not give it up" : why_left(block);
        if (why.empty()) {
            wanted.push_back(std::move(block));
            continue;
        }
        problem_ = kit::text("a damaged block of ", block.file, " at ", block.offset, " stays as it is, for ", why);
        if (said_.insert(name).second) log_.write(LogLevel::error, problem_);
    }
    if (!wanted.empty() && !opening_ && heal_at_ <= turn.now.steady) heal(turn, std::move(wanted));
}

bool Healing::will_give_up(const BadBlock& block) const {
    for (const BadBlock& known : engine_.bad_blocks())
        if (known.file == block.file && known.offset == block.offset)
            return !refused_.contains(Name{block.file, block.offset}) && why_left(known).empty();
    return false;
}

std::string Healing::why_left(const BadBlock& block) const {
    if (!elsewhere_(block.tokens)) return "no other node owns what it held";
    // Hints that are lost are writes that nobody knows to be missing.
    if (block.tokens.holds(port::hint_token))
        return "hints may be in it, which only this node knows of; should they all be paid, empty the data directory "
               "and let the others fill this node again";
    return {};
}

void Healing::heal(const port::Turn& turn, std::vector<BadBlock> blocks) {
    opening_ = true;
    heal_at_ = turn.now.steady + heal_pause;
    base::TokenRanges tokens;
    for (const BadBlock& block : blocks) base::add(tokens, block.tokens);
    gaps_.forget(turn, tokens, [this, blocks = std::move(blocks)](const port::Turn&, const Result<void>& outcome) {
        opening_ = false;
        if (!outcome)
            return log_.write(LogLevel::error, "damaged blocks are not healed yet: " + outcome.error().detail);
        for (const BadBlock& block : blocks) give_up(block);
    });
}

void Healing::give_up(const BadBlock& block) {
    auto done = engine_.give_up(block);
    if (!done && done.error().code != Code::not_found) {
        refused_.emplace(block.file, block.offset);
        return log_.write(LogLevel::error, kit::text("a damaged block is not given up: ", done.error().detail));
    }
    given_up_.add();
    given_.emplace(block.file, block.offset);
    log_.write(LogLevel::warn, kit::text(block.file, " at ", block.offset, " is damaged (", block.detail,
                                         "): the block is given up, and what it held is fetched from the other "
                                         "replicas; until then this node does not answer for it"));
}

}  // namespace ashlar::repair
