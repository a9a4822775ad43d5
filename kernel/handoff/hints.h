// What this node owes: hints kept for absent owners, and paying them back.
//
// A hint is a record in the engine beside the data (port/hint.h); here they are counted, bounded and paid. Once an
// owner is well again its hints go to it over the background road, as many at a time as it takes without
// its clients feeling it (pace.h); each record is settled only after the owner has acknowledged it as synced. A hint
// given twice is joined twice, which changes nothing. Counts are found again by a scan after a start. Loop only.
// Papers: DeCandia et al., Dynamo, SOSP 2007, 4.6.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "ashlar/host.h"
#include "handoff/hint_scan.h"
#include "base/pace.h"
#include "member/members.h"
#include "port/hint_keeper.h"
#include "port/limits.h"
#include "port/works.h"

namespace ashlar::handoff {

class Hints final : public port::HintKeeper {
public:
    /// One owner's account, for status.
    struct Account {
        std::uint64_t entries = 0;
        std::uint64_t bytes = 0;  ///< estimate
        /// Partitions (of a table) in which it misses writes that there was no room for.
        std::uint64_t missed_partitions = 0;
    };

    /// `first_ref` is drawn at each start, so that an acknowledgement of an earlier life settles nothing.
    Hints(StorageEngine& engine, port::Works& works, member::Members& members, const port::Limits& limits, Log& log,
          Meter& meter, std::uint64_t first_ref);

    Result<void> admit(NodeId owner, std::size_t bytes) override;
    void kept(NodeId owner, std::size_t bytes) override;
    void owe(NodeId owner, const EntryKey& key, View entry, bool held) override;

    /// How the room meets the ring: what is owed to a node that is no member any more goes to the owners there are.
    struct Routes {
        std::function<bool(NodeId)> is_member;
        std::function<std::vector<NodeId>(TableId, Token)> owners;  ///< none: the table was dropped
        std::function<Token(Token)> partition;                      ///< the first token of the one it is in
    };
    void on_routes(Routes routes) { routes_ = std::move(routes); }

    /// True if it was an acknowledgement of a hint.
    bool hear(const port::Turn& turn, const wire::Sender& from, const wire::Message& message);
    void pump(const port::Turn& turn);
    Instant due() const;
    /// Pays nothing more.
    void stop() { stopped_ = true; }
    std::map<NodeId, Account> accounts() const;
    /// All records were counted since the start, and none is open.
    bool owes_nothing() const;
    /// Partitions (table, first token) in which somebody misses writes that there was no room for.
    std::vector<std::pair<TableId, Token>> missed() const;
    /// All owners of these tokens were proven to hold all that any of them held then.
    void forget_missed(TableId table, const TokenRange& tokens, Instant then);
    /// For status: that what is owed cannot be read, else who misses writes that there was no room for; or empty.
    std::string problem() const;
    /// Of all owners together.
    std::uint64_t entries() const;

private:
    struct Debt {
        Account account;
        Bytes cursor;  ///< record the next scan begins behind
        bool scanning = false;
        bool open = false;          ///< not known to be all paid
        Account seen;               ///< open by the scans of this pass, and not paid since
        Account added;              ///< kept since this pass began
        Account added_since_count;  ///< kept since the last count of all began
        Instant pass_ended{0};
        std::uint64_t held_up = 0;                   ///< open, met in this pass, and not to be given
        std::vector<OpenHint> ready;                 ///< read, not sent; the last goes first
        std::map<std::uint64_t, OpenHint> given;     ///< by ref, not acknowledged
        std::map<std::pair<TableId, Token>, Instant> missed;  ///< partitions marked, and when last
        std::size_t given_bytes = 0;
        Instant answer_by;  ///< of what is given
        Instant not_before{0};
        bool away = false;  ///< it was, when last looked at
        base::Pace pace;
        bool has_room() const;
        /// There is something to send or to read.
        bool wants() const;
    };
    void count_all(const port::Turn& turn);
    void scan(const port::Turn& turn, NodeId owner, Debt& debt);
    void scanned(const port::Turn& turn, NodeId owner, HintScan& scan);
    void give(const port::Turn& turn, NodeId owner, Debt& debt);
    bool replaced(NodeId owner) const { return routes_.is_member && !routes_.is_member(owner); }
    void route_anew(const port::Turn& turn, Debt& debt);
    void mark_missed(NodeId owner, const EntryKey& key);
    bool owe_instead(const OpenHint& hint);
    void cannot_read(const port::Turn& turn, const Error& why);
    void hold_up(NodeId owner, Debt& debt, std::uint64_t entries, View why);
    void put_off(const port::Turn& turn, Debt& debt);
    void forget_given(const port::Turn& turn, Debt& debt);
    /// False: the engine takes nothing at the moment, the record stays open.
    bool settle(const OpenHint& hint);

    StorageEngine& engine_;
    port::Works& works_;
    member::Members& members_;
    const port::Limits& limits_;
    Log& log_;
    Meter::Counter& kept_;
    Meter::Counter& paid_;
    Meter::Counter& dropped_;
    Meter::Counter& rerouted_;
    Routes routes_;
    std::map<NodeId, Debt> debts_;
    std::uint64_t bytes_ = 0;
    std::uint64_t refs_ = 0;
    std::uint64_t members_changes_ = 0;  ///< as of the last look at who is away
    Instant count_at_{0};                ///< records are counted then; port::never: not again unless asked
    Instant counted_at_{0};
    Instant pumped_at_{0};
    std::string unread_;                 ///< why records could not be read, until all are counted again
    bool counted_ = false;  ///< once at least
    bool stopped_ = false;
};

}  // namespace ashlar::handoff
