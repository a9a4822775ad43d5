// Operators' orders that change tables: made durable in the ledger first, served after.
//
// A table's id is given before its first use and never again. A dropped table goes to the ledger's `dropped` in
// the same store that takes its name away; its entries are retired then, and it leaves the ledger when the engine
// has that durably; a start in between does it again. Loop only.
#pragma once

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
    TableOrders(Catalogue& catalogue, ledger::Changes& changes, StorageEngine& engine, SyncQueue& syncs, Log& log,
                Defaults defaults)
        : catalogue_(catalogue),
          changes_(changes),
          engine_(engine),
          syncs_(syncs),
          log_(log),
          defaults_(std::move(defaults)) {}

    void create(const port::Turn& turn, const port::AdminOrder& order);
    void drop(const port::Turn& turn, const port::AdminOrder& order);
    /// Once, with the first event: what a crash left of earlier drops.
    void resume(const port::Turn& turn);

private:
    Result<port::Table> complete(const port::Table& asked) const;
    void retire(const port::Turn& turn, TableId table);

    Catalogue& catalogue_;
    ledger::Changes& changes_;
    StorageEngine& engine_;
    SyncQueue& syncs_;
    Log& log_;
    Defaults defaults_;
};

}  // namespace ashlar::request
