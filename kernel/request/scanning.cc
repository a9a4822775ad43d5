// Coordinator: a scan is one page from the longest run of partitions with the same owners, made on a read lane; where
// the level asks for more than this node's word, from what so many owners hold.
#include <algorithm>

#include "request/coordinator.h"
#include "request/page.h"
#include "request/scan_work.h"

namespace ashlar::request {
namespace {

std::vector<NodeId> owners_of(ring::Placement& placement, std::size_t partition) {
    const Walk& walk = placement.walk(placement.ring().claims[partition].first);
    std::vector<NodeId> out(walk.nodes.begin(), walk.nodes.begin() + static_cast<std::ptrdiff_t>(walk.owners));
    std::sort(out.begin(), out.end());
    return out;
}

/// From `from` onwards (or backwards) as far as the same nodes own it.
TokenRange run_of_owners(ring::Placement& placement, Token from, bool reverse) {
    const Ring& ring = placement.ring();
    std::size_t at = ring.partition_of(from);
    const std::vector<NodeId> owners = owners_of(placement, at);
    while (reverse ? at > 0 : at + 1 < ring.claims.size()) {
        std::size_t next = reverse ? at - 1 : at + 1;
        if (owners_of(placement, next) != owners) break;
        at = next;
    }
    return reverse ? TokenRange{ring.range_of(at).first, from} : TokenRange{from, ring.range_of(at).last};
}

/// Where the next page begins; nothing when the circle is done.
std::optional<Page> page_after(const ScanWork& work, const ScanRange& range) {
    Page page{range.table, range.reverse, work.last_token(), work.last_key()};
    if (!work.ended()) return page;
    if (range.reverse ? range.tokens.first == 0 : range.tokens.last == ~Token{0}) return std::nullopt;
    // The run is done, the circle is not: no key yet means "from this token on".
    page.token = range.reverse ? range.tokens.first - 1 : range.tokens.last + 1;
    page.key.clear();
    return page;
}

void send_page(const port::Turn& turn, const Operation& op, const LoadedResolver& resolver, const ScanWork& work,
               const ScanRange& range) {
    std::vector<Bytes> contexts(work.entries().size());
    std::vector<port::ReplyItem> items;
    items.reserve(work.entries().size());
    for (std::size_t i = 0; i < work.entries().size(); ++i) {
        const KeptAnswer& entry = work.entries()[i];
        wrap_context(op.table, resolver.tag,
                     Given{entry.context, resolver.stamps_decide() ? entry.stamp : WallTime{0}}, contexts[i]);
        items.push_back(port::ReplyItem{entry.key, entry.versions, contexts[i], {}, nullptr});
    }
    port::Reply reply;
    reply.call = port::Call::scan;
    reply.items = items;
    reply.item.achieved = op.quorum.achieved();
    Bytes next;
    if (auto page = page_after(work, range)) {
        next = encode_page(*page);
        reply.page = next;
        reply.has_page = true;
    }
    turn.effects.reply(op.ticket, reply);
}

}  // namespace

void Coordinator::begin_scan(const port::Turn& turn, ServedTable& table, const port::Order& order) {
    ScanRange range;
    range.table = table.table->id;
    range.reverse = order.reverse;
    Token from = order.reverse ? ~Token{0} : Token{0};
    if (order.has_page && !order.page.empty()) {
        auto page = decode_page(order.page, range.table, order.reverse);
        if (!page) return refuse_order(turn, order.ticket, page.error());
        from = page->token;
        range.resume = !page->key.empty();
        range.after_token = page->token;
        range.after_table = range.table;
        range.after_key = std::move(page->key);
    }
    bool by_table = order.consistency.level == Level::table_default;
    const Consistency level = by_table ? table.table->read : order.consistency;
    auto needs = table.placement->needs(level);
    if (!needs) return refuse_order(turn, order.ticket, needs.error());

    base::SlotId id = ops_.take();
    Operation& op = *ops_.find(id);
    op.call = port::Call::scan;
    op.ticket = order.ticket;
    op.table = range.table;
    op.token = from;
    op.deadline = order.deadline;
    op.strict = order.strict;
    op.stage = Stage::scanning;
    op.read_level = level;
    op.read_needs = std::move(*needs);
    std::uint32_t ceiling = gate_.limits.page_entries;
    op.gathering = std::make_unique<Gathering>();
    op.gathering->range = std::move(range);
    op.gathering->bounds = {order.limit == 0 ? ceiling : std::min(order.limit, ceiling), gate_.limits.page_bytes};
    op.gathering->prefix.assign(order.prefix);
    op.gathering->keys_only = order.keys_only;
    go(turn, id);
    park(id);
}

void Coordinator::ask_scans(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    const ServedTable* served = gate_.catalogue.find(op.table);
    if (served == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    const ServedTable& table = *served;
    op.gathering->range.tokens = run_of_owners(*table.placement, op.token, op.gathering->range.reverse);
    op.gathering->parts.clear();
    op.asks.clear();
    const Walk& walk = table.placement->walk(op.token);
    op.quorum.init(op.read_needs, walk.owners, table.placement->ring().epoch, !op.strict);
    choose_readers(walk, gate_.catalogue.self(), gate_.health, !op.strict, op.candidates);
    advance_scan(turn, id, {});
}

/// Asks owners until there are enough, then makes the page; refuses when there cannot be, with what the last one said.
void Coordinator::advance_scan(const port::Turn& turn, base::SlotId id, const Error& last) {
    Operation& op = *ops_.find(id);
    ServedTable* table = gate_.catalogue.find(op.table);
    if (table == nullptr) return refuse(turn, id, fail(Code::not_found, "the table was dropped meanwhile"));
    while (!op.quorum.enough()) {
        auto target = next_wanted(op, *table);
        if (!target) break;
        (void)ask_scan(turn, id, *target);
    }
    if (op.quorum.enough()) return make_page(turn, id);
    if (!op.quorum.impossible(askable(op))) return;
    refuse(turn, id, last.detail.empty() ? too_few(op, "hold all of the page's range") : last);
}

/// False: it cannot be reached, which is counted.
bool Coordinator::ask_scan(const port::Turn& turn, base::SlotId id, const Target& target) {
    Operation& op = *ops_.find(id);
    op.asks.push_back(Ask{target, turn.now.steady});
    op.quorum.ask(gate_.catalogue.find(op.table)->placement->datacentre_of(target.node), false);
    if (target.node == gate_.catalogue.self()) {
        scan_here(turn, id);
        return true;
    }
    const Gathering& scan = *op.gathering;
    wire::ScanAsk ask{ref_of(id),
                      op.quorum.achieved().epoch,
                      op.table,
                      scan.range.tokens,
                      scan.range.reverse,
                      scan.range.resume,
                      scan.range.after_token,
                      scan.range.after_key,
                      scan.bounds.entries,
                      static_cast<std::uint32_t>(scan.bounds.bytes),
                      op.deadline - turn.now.steady};
    if (say(turn, target.node, ask)) return true;
    count_read(op, op.asks.back(), ReadAnswer{false, {}, {}, false, 0});
    return false;
}

void Coordinator::scan_here(const port::Turn& turn, base::SlotId id) {
    const Operation& op = *ops_.find(id);
    const Gathering& scan = *op.gathering;
    const bool complete = gate_.catalogue.answers_for(*gate_.catalogue.find(op.table), scan.range.tokens);
    auto work = std::make_unique<RangeWork>(engine_.snapshot(), scan.range, scan.bounds.entries, scan.bounds.bytes);
    RangeWork* range = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, id, range, complete](const port::Turn& later, const Result<void>& outcome) {
                     if (ops_.find(id) == nullptr) return;
                     // A bad block here is none elsewhere.
                     ReadAnswer answer{outcome.has_value(), {}, {}, complete, 0};
                     if (!outcome) answer.error = outcome.error();
                     take_part(later, id, gate_.catalogue.self(), std::move(range->part), answer);
                     park(id);
                 });
}

void Coordinator::take_part(const port::Turn& turn, base::SlotId id, NodeId from, RangePart part,
                            const ReadAnswer& answer) {
    Operation& op = *ops_.find(id);
    Ask* ask = ask_of(op, from);
    if (ask == nullptr || gate_.catalogue.find(op.table) == nullptr) return;
    const bool counts = answer.ok && answer.complete;
    if (counts) op.gathering->parts.push_back(std::move(part));
    count_read(op, *ask, ReadAnswer{counts, {}, {}, counts, 0});
    if (!op.gathering->making) advance_scan(turn, id, answer.error);
}

void Coordinator::make_page(const port::Turn& turn, base::SlotId id) {
    Operation& op = *ops_.find(id);
    ServedTable& table = *gate_.catalogue.find(op.table);
    Gathering& scan = *op.gathering;
    scan.making = true;
    op.again_at = port::never;
    const ConflictResolver& resolver = *table.resolver.resolver;
    auto merged = std::make_unique<MergedCursor>(std::move(scan.parts), op.table, scan.range.reverse, resolver);
    auto work = std::make_unique<ScanWork>(std::move(merged), scan.range, resolver, turn.now.wall);
    work->bound(scan.bounds);
    work->filter(scan.prefix, scan.keys_only);
    ScanWork* page = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, id, page](const port::Turn& later, const Result<void>& outcome) {
                     Operation* waiting = ops_.find(id);
                     if (waiting == nullptr) return;
                     if (!outcome) return refuse(later, id, outcome.error());
                     const ServedTable* served = gate_.catalogue.find(waiting->table);
                     if (served == nullptr)
                         return refuse(later, id, fail(Code::not_found, "the table was dropped meanwhile"));
                     send_page(later, *waiting, served->resolver, *page, waiting->gathering->range);
                     answered(later, id);
                 });
}

void Coordinator::take_scan(const port::Turn& turn, NodeId from, const wire::ScanAnswer& answer) {
    base::SlotId id = id_of(answer.ref);
    Operation* op = ops_.find(id);
    if (op == nullptr || op->stage != Stage::scanning || op->gathering->making) return;
    hear_well(turn, *op, from);
    if (Fence::held(answer.fault) && wait_for_epoch(turn, id)) return;
    RangePart part;
    part.more = answer.more;
    for (const wire::ScanLine& line : answer.lines)
        part.lines.push_back(RangeLine{line.token, Bytes(line.key), Bytes(line.entry)});
    ReadAnswer outcome{answer.fault.none(), {}, {}, answer.complete, 0};
    if (!outcome.ok) outcome.error = answer.fault.error();
    take_part(turn, id, from, std::move(part), outcome);
    park(id);
}

}  // namespace ashlar::request
