#include "repair/answering.h"

#include <algorithm>
#include <utility>

#include "kit/text.h"

namespace ashlar::repair {
namespace {

constexpr std::size_t under_way_most = 64;

/// A list by tokens has the sums of few enough.
wire::SumAnswer answer_of(const SumReport& report) {
    wire::SumAnswer answer;
    for (const Content& piece : report.pieces)
        answer.pieces.push_back(wire::PieceSum{piece.sum.low, piece.sum.high, piece.keys});
    for (const TokenContent& token : report.tokens)
        answer.tokens.push_back(wire::TokenSum{token.token, token.content.sum.low, token.content.sum.high});
    answer.through = report.through;
    return answer;
}

}  // namespace

bool Answering::hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message) {
    if (const auto* sums = std::get_if<wire::SumAsk>(&message))
        sum(turn, from.node, *sums);
    else if (const auto* page = std::get_if<wire::FetchAsk>(&message))
        fetch(turn, from.node, *page);
    else if (const auto* give = std::get_if<wire::EntriesGive>(&message))
        take(turn, from.node, *give);
    else
        return false;
    return true;
}

void Answering::say(const port::Turn& turn, NodeId to, port::Road road, const wire::Message& message) {
    // An answer that finds no room is as good as lost: the question comes again.
    (void)turn.effects.send(tools_.members.peer(to, road), road, message);
}

Result<void> Answering::admit(const port::Turn& turn, NodeId from, TableId table, Epoch epoch) const {
    if (closed_) return fail(Code::closed, "this node is stopping");
    if (under_way_ >= under_way_most)
        return fail(Code::overloaded, kit::text(under_way_, " asks of anti-entropy are under way"));
    return tools_.surroundings.admit(turn, from, table, epoch);
}

Result<void> Answering::check_pieces(const std::vector<TokenRange>& pieces) {
    bool sorted = !pieces.empty();
    for (std::size_t i = 0; i < pieces.size() && sorted; ++i)
        sorted = pieces[i].first <= pieces[i].last && (i == 0 || pieces[i - 1].last < pieces[i].first);
    return sorted ? Result<void>() : Result<void>(fail(Code::invalid_request, "pieces must be sorted, and some"));
}

void Answering::sum(const port::Turn& turn, NodeId from, const wire::SumAsk& ask) {
    auto admitted = admit(turn, from, ask.table, ask.epoch);
    if (admitted) admitted = check_pieces(ask.pieces);
    wire::SumAnswer answer;
    answer.ref = ask.ref;
    answer.load_milli = tools_.members.self().load_milli;
    if (!admitted) {
        answer.fault = wire::Fault::of(admitted.error());
        return say(turn, from, port::Road::background, answer);
    }
    const TokenRange tokens{ask.pieces.front().first, ask.pieces.back().last};
    answer.forget_before = permits_.known(ask.table, tokens);
    if (answer.forget_before > ask.forget_before) return say(turn, from, port::Road::background, answer);
    ++under_way_;
    SumOrder order{ask.table, Keep{ask.as_of, ask.forget_before}, ask.by_token, ask.pieces};
    tools_.sums.ask(turn, std::move(order),
                    [this, from, ask](const port::Turn& later, const Result<SumReport>& report) {
                        if (report) return summed(later, from, ask, *report);
                        --under_way_;
                        wire::SumAnswer refusal;
                        refusal.ref = ask.ref;
                        refusal.fault = wire::Fault::of(report.error());
                        refusal.load_milli = tools_.members.self().load_milli;
                        say(later, from, port::Road::background, refusal);
                    });
}

void Answering::summed(const port::Turn& turn, NodeId from, const wire::SumAsk& ask, const SumReport& report) {
    wire::SumAnswer answer = answer_of(report);
    answer.ref = ask.ref;
    answer.forget_before = ask.forget_before;
    answer.clear = tools_.surroundings.owes_nothing();
    answer.wall = turn.now.wall;
    answer.load_milli = tools_.members.self().load_milli;
    if (!ask.proof) {
        --under_way_;
        return say(turn, from, port::Road::background, answer);
    }
    tools_.told = std::max(tools_.told, answer.wall);
    const std::vector<NodeId> owners = tools_.surroundings.owners(ask.table, ask.pieces.front().first);
    const bool owner = std::find(owners.begin(), owners.end(), tools_.members.self().node) != owners.end();
    std::uint64_t keys = 0;
    for (const Content& piece : report.pieces) keys += piece.keys;
    if (owner) note_waiting(ask.table, {ask.pieces.front().first, ask.pieces.back().last}, report);
    if (!owner && !owners.empty() && answer.clear && keys != 0) let_go(ask.table, ask.pieces);
    tools_.surroundings.after_sync([this, from, answer = std::move(answer)](const port::Turn& later) {
        --under_way_;
        say(later, from, port::Road::background, answer);
    });
}

/// Who begins the rounds of a partition tells nobody how many of its tombstones wait; each owner sees it by itself.
void Answering::note_waiting(TableId table, const TokenRange& tokens, const SumReport& report) {
    Age* age = ages_.find(table, tokens);
    if (age == nullptr || age->tokens != tokens) return;
    age->waiting_tombstones = 0;
    for (const Content& piece : report.pieces) age->waiting_tombstones += piece.tombstones;
}

void Answering::let_go(TableId table, const std::vector<TokenRange>& pieces) {
    Retirement retirement;
    retirement.table = table;
    retirement.tokens = {pieces.front().first, pieces.back().last};
    retirement.whole = true;
    if (tools_.engine.retire(retirement)) tools_.forest.mark_range(table, retirement.tokens);
}

void Answering::fetch(const port::Turn& turn, NodeId from, const wire::FetchAsk& ask) {
    auto admitted = admit(turn, from, ask.table, ask.epoch);
    if (admitted) admitted = check_pieces(ask.pieces);
    if (!admitted) {
        wire::FetchAnswer refusal;
        refusal.ref = ask.ref;
        refusal.fault = wire::Fault::of(admitted.error());
        refusal.load_milli = tools_.members.self().load_milli;
        return say(turn, from, port::Road::background, refusal);
    }
    ++under_way_;
    PageOrder order{ask.table, Keep{ask.as_of, ask.forget_before}, ask.pieces,
                    PageEnd{ask.resume, ask.after_token, Bytes(ask.after_key)}, ask.entries_max};
    auto work = std::make_unique<EntryScan>(tools_.engine.snapshot(), tools_.joiner, std::move(order));
    EntryScan* scan = work.get();
    tools_.works.start(turn, port::Lane::read, std::move(work),
                       [this, from, ref = ask.ref, scan](const port::Turn& later, const Result<void>& outcome) {
                           --under_way_;
                           wire::FetchAnswer answer;
                           answer.ref = ref;
                           if (!outcome) answer.fault = wire::Fault::of(outcome.error());
                           if (outcome) answer.lines = views_of(scan->lines);
                           answer.more = scan->more;
                           answer.through = scan->end.token;
                           answer.through_key = scan->end.key;
                           answer.too_large = scan->too_large;
                           answer.load_milli = tools_.members.self().load_milli;
                           const bool large = bytes_of(scan->lines) > background_most;
                           say(later, from, large ? port::Road::link : port::Road::background, answer);
                       });
}

void Answering::take(const port::Turn& turn, NodeId from, const wire::EntriesGive& give) {
    Result<void> joined = admit(turn, from, give.table, give.epoch);
    std::vector<Write> writes;
    for (const wire::ScanLine& line : give.lines) {
        if (joined) joined = tools_.surroundings.check(turn, give.table, line.entry);
        writes.push_back(Write{EntryKey{line.token, give.table, line.key}, line.entry});
    }
    if (joined && !writes.empty()) {
        if (auto applied = tools_.engine.apply(writes); !applied) joined = applied.error();
    }
    const std::uint32_t load = tools_.members.self().load_milli;
    if (!joined)
        return say(turn, from, port::Road::background,
                   wire::EntriesTaken{give.ref, wire::Fault::of(joined.error()), load});
    ++under_way_;
    tools_.surroundings.after_sync([this, from, ref = give.ref](const port::Turn& later) {
        --under_way_;
        say(later, from, port::Road::background, wire::EntriesTaken{ref, {}, tools_.members.self().load_milli});
    });
}

}  // namespace ashlar::repair
