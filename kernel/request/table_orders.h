// Operators' orders that change tables: agreed on by the members and durable here first, served after.
//
// A table's id is given before its first use and never again. A dropped table goes to the ledger's `dropped` in
// the same store that takes its name away; its entries are retired then, and it leaves the ledger when the engine
// has that durably; a start in between does it again. How the members agree is kernel/accord's. Loop only.
#pragma once

#include <functional>
#include <string>

#include "ledger/changes.h"
#include "request/catalogue.h"
#include "request/sync_queue.h"

namespace ashlar::request {

class TableOrders {
public:
    struct Defaults {
        std::string resolver;
        std::string engine;
    };
    /// Has an edit of the agreed state decided, by the deadline ({0}: whatever is usual).
    using Propose = std::function<void(const port::Turn&, std::function<Result<void>(ledger::Agreed&)>,
                                       Instant deadline, ledger::Changes::Then)>;
    TableOrders(Catalogue& catalogue, ledger::Changes& changes, StorageEngine& engine, SyncQueue& syncs, Log& log,
                Defaults defaults, Propose propose)
        : catalogue_(catalogue),
          changes_(changes),
          engine_(engine),
          syncs_(syncs),
          log_(log),
          defaults_(std::move(defaults)),
          propose_(std::move(propose)) {}

    void create(const port::Turn& turn, const port::AdminOrder& order);
    void drop(const port::Turn& turn, const port::AdminOrder& order);
    /// Whoever proposed it, a newer state is durable here: it is served from now on.
    void decided(const port::Turn& turn, const ledger::Agreed& before, const ledger::Agreed& now);
    /// Once, with the first event: what a crash left of earlier drops.
    void resume(const port::Turn& turn);

private:
    Result<void> check_against_ring(const port::Table& table) const;
    Result<port::Table> complete(const port::Table& asked) const;
    void retire(const port::Turn& turn, TableId table);

    Catalogue& catalogue_;
    ledger::Changes& changes_;
    StorageEngine& engine_;
    SyncQueue& syncs_;
    Log& log_;
    Defaults defaults_;
    Propose propose_;
};

}  // namespace ashlar::request
