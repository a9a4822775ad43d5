// Coordinator: a scan is one page from the longest run of partitions this node owns, gathered on a read lane.
#include "request/client_context.h"
#include "request/coordinator.h"
#include "request/page.h"
#include "request/scan_work.h"

namespace ashlar::request {
namespace {

bool owns(ring::Placement& placement, std::size_t partition, NodeId self) {
    const Walk& walk = placement.walk(placement.ring().claims[partition].first);
    for (std::uint32_t i = 0; i < walk.owners; ++i) {
        if (walk.nodes[i] == self) return true;
    }
    return false;
}

/// From `from` onwards (or backwards) as far as `self` owns without a gap. Nothing if it does not own `from`.
std::optional<TokenRange> owned_run(ring::Placement& placement, NodeId self, Token from, bool reverse) {
    const Ring& ring = placement.ring();
    std::size_t at = ring.partition_of(from);
    if (!owns(placement, at, self)) return std::nullopt;
    while (reverse ? at > 0 : at + 1 < ring.claims.size()) {
        std::size_t next = reverse ? at - 1 : at + 1;
        if (!owns(placement, next, self)) break;
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

void send_page(const port::Turn& turn, const Operation& op, std::uint32_t tag, const ScanWork& work,
               const ScanRange& range) {
    std::vector<Bytes> contexts(work.entries().size());
    std::vector<port::ReplyItem> items;
    items.reserve(work.entries().size());
    for (std::size_t i = 0; i < work.entries().size(); ++i) {
        const KeptAnswer& entry = work.entries()[i];
        wrap_context(op.table, tag, entry.context, contexts[i]);
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
    auto needs = table.placement->needs(by_table ? table.table->read : order.consistency);
    if (!needs) return refuse_order(turn, order.ticket, needs.error());
    auto run = owned_run(*table.placement, gate_.catalogue.self(), from, order.reverse);
    if (!run) return refuse_order(turn, order.ticket, fail(Code::unavailable, "this node owns no part of the page"));
    range.tokens = *run;

    base::SlotId id = ops_.take();
    Operation& op = *ops_.find(id);
    op.call = port::Call::scan;
    op.ticket = order.ticket;
    op.table = range.table;
    op.deadline = order.deadline;
    op.stage = Stage::scanning;
    op.quorum.init(*needs, 1, table.placement->ring().epoch);
    auto work = std::make_unique<ScanWork>(engine_.snapshot(), range, *table.resolver.resolver, turn.now.wall);
    std::uint32_t ceiling = gate_.limits.page_entries;
    work->bound({order.limit == 0 ? ceiling : std::min(order.limit, ceiling), gate_.limits.page_bytes});
    work->filter(order.prefix, order.keys_only);
    ScanWork* page = work.get();
    works_.start(turn, port::Lane::read, std::move(work),
                 [this, id, page, range](const port::Turn& later, const Result<void>& outcome) {
                     Operation* waiting = ops_.find(id);
                     if (waiting == nullptr) return;
                     const ServedTable* served = gate_.catalogue.find(waiting->table);
                     if (!outcome) return refuse(later, id, outcome.error());
                     if (served == nullptr)
                         return refuse(later, id, fail(Code::not_found, "the table was dropped meanwhile"));
                     View here = served->placement->datacentre_of(gate_.catalogue.self());
                     waiting->quorum.add(Quorum::Answer{true, true, false, false, here});
                     if (!waiting->quorum.enough()) {
                         return refuse(later, id,
                                       fail(Code::unavailable, "other owners of the page cannot be reached"));
                     }
                     send_page(later, *waiting, served->resolver.tag, *page, range);
                     end(id);
                 });
    park(id);
}

}  // namespace ashlar::request
