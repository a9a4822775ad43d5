/**
 * Ashlar's operator API, on a port of its own so that it can be closed off apart from the clients'.
 * The rules are those of ashlar.thrift.
 */

include "ashlar.thrift"

namespace cpp ashlar.thrift
namespace py ashlar_admin_thrift
namespace java org.ashlar.admin
namespace go ashlaradmin
namespace js AshlarAdmin
namespace php AshlarAdmin
namespace rb AshlarAdmin
namespace perl AshlarAdmin
namespace c_glib AshlarAdmin
namespace erl ashlar_admin_thrift
namespace lua ashlar_admin_thrift
namespace rs ashlar_admin_thrift
namespace netstd Ashlar.Admin

/** A named fact; numbers are decimal text. */
struct Fact {
  1: string name
  2: string text
}

/** One node as the node asked sees it. */
struct NodeStanding {
  /** 16 hex digits, and the configured name */
  1: string node
  2: string name
  /** "alive", "slow", "suspect", "down" */
  3: string state
  4: string datacentre
  5: string rack
  /** host:port for clients */
  6: string address
  7: i32 incarnation
  8: i64 epoch
  /** since it was last heard of; 0 for the node asked */
  9: i64 heard_ms_ago
  /** what speaks against it here: "gossip", "probe", "indirect", "data_path", "word" */
  10: list<string> against
  /** names of other nodes that find it suspect or down */
  11: list<string> accused_by
  /** share of its bound of waiting orders in use, x 1000 */
  12: i32 load_milli
  /** hints it keeps for others, by its own word */
  13: i64 hints_kept
  /** hints the node asked keeps for it, and their bytes (an estimate) */
  14: i64 hints_owed
  15: i64 hints_owed_bytes
  /** whether it is a member of the ring */
  16: bool member
  /** of the partition it owns whose replicas were proven equal longest ago, by its own word */
  17: i64 convergence_age_ms
  /** share of the circle that it cannot answer for until its replicas have refilled it, x 1000 */
  18: i32 refilling_milli
}

/** How far the replicas of a table are proven equal, as far as the node asked owns it. */
struct TableConvergence {
  1: string table
  /** that this node owns */
  2: i64 partitions
  /** of them, not proven since this node began */
  3: i64 never_proven
  /** since the first of them was proven equal last, or since this node began */
  4: i64 oldest_ms
  /** keys of which nothing but a tombstone is left that may not go yet */
  5: i64 tombstones_waiting
}

struct StatusRequest {
  /** also every counter */
  1: optional bool counters
}
struct StatusResponse {
  1: i32 status
  2: string version
  3: string cluster
  /** 16 hex digits, and the configured name */
  4: string node
  5: string name
  6: i64 epoch
  7: i64 uptime_s
  /** "forming" while there is no ring yet, "serving", "reads only: <why>" */
  8: string state
  9: list<ashlar.RingMember> members
  /** the storage engine's figures, snake_case with units */
  10: list<Fact> engine
  11: list<Fact> counters
  12: i32 incarnation
  /** every node that is known, sorted by name */
  13: list<NodeStanding> nodes
  /** what stands in the way of a first ring or of taking part; empty: nothing */
  14: string problem
  /** the oldest that a proof of equal replicas should become (repair.convergence_target) */
  15: i64 convergence_target_ms
  /** sorted by name; none on a ring of one */
  16: list<TableConvergence> convergence
  /** names of nodes whose absence, hints or leftovers keep tombstones from going */
  17: list<string> tombstones_wait_for
}

struct ReplicationEntry {
  1: string datacentre
  2: i32 replicas
}
struct TableDescription {
  1: string name
  2: i32 id
  3: i32 replicas
  /** when given, instead of replicas */
  4: list<ReplicationEntry> per_datacentre
  5: string resolver
  6: string engine
  /** seconds; 0: never expires */
  7: i64 ttl_s
  8: i32 read_level
  9: i32 read_replicas
  10: i32 write_level
  11: i32 write_replicas
}
struct CreateTableRequest {
  /** [a-z0-9_-]{1,48} */
  1: string name
  /** 0: the node's default */
  2: i32 replicas = 0
  3: optional list<ReplicationEntry> per_datacentre
  4: optional string resolver
  5: optional string engine
  6: optional i64 ttl_s
  7: optional ashlar.Consistency read_consistency
  8: optional ashlar.Consistency write_consistency
}
struct CreateTableResponse {
  1: i32 status
  2: TableDescription table
}
struct DescribeTablesRequest {
  /** empty: all */
  1: optional string name
}
struct DescribeTablesResponse {
  1: i32 status
  2: list<TableDescription> tables
}
struct DropTableRequest {
  1: string name
}
struct DropTableResponse {
  1: i32 status
  2: i32 id
}

struct ConfigRequest {
}
struct ConfigEntry {
  /** dotted name, and the effective value as an operator would write it */
  1: string name
  2: string text
  /** "default", "file:line", "environment NAME", "command line" */
  3: string origin
}
struct ConfigResponse {
  1: i32 status
  2: list<ConfigEntry> entries
}

struct PluginsRequest {
}
struct PluginCard {
  1: string kind
  2: string name
  3: string version
  4: string summary
  5: string path
  /** whether this node runs it */
  6: bool loaded
  /** whether nodes that differ in it refuse each other; whether the simulator can run it */
  7: bool cluster_affecting
  8: bool deterministic
  /** why a module that was found cannot be loaded */
  9: optional string refusal
}
struct PluginsResponse {
  1: i32 status
  2: list<PluginCard> plugins
}

/** Asks one node for work that takes long; it is answered at once, and followed with `errands`. */
struct ScrubRequest {
}
struct RepairRequest {
  /** empty: all */
  1: optional string table
  /** tokens, 16 hex digits each, both ends included; absent: the end of the circle */
  2: optional string first
  3: optional string last
  /** only the replicas of this data centre, the node asked among them */
  4: optional string datacentre
  /** only partitions that this node is the first to compare: said to every member, each is compared once */
  5: optional bool as_first
  /** compare, and change nothing */
  6: optional bool dry_run
}
struct CancelErrandRequest {
  1: i64 errand
}
struct ErrandResponse {
  1: i32 status
  /** its number on this node, never used again there; never 0 */
  2: i64 errand
}

struct BadBlock {
  1: string file
  2: i64 offset
  3: string detail
  /** "refilled" (from replicas), "refilling", "kept" (nobody else has it) */
  4: string healing
}
struct ScrubReport {
  1: i64 blocks
  2: i64 bytes
  /** an estimate of what there is to read */
  3: i64 bytes_in_all
  4: list<BadBlock> bad
}
/** What one other replica had otherwise than the node asked. */
struct ReplicaDifference {
  /** 16 hex digits, and the configured name where it is known */
  1: string node
  2: string name
  /** a lower bound: where a whole range is missing its keys are not compared one by one */
  3: i64 keys
  /** it did not answer for some partitions, or refused */
  4: bool silent
}
struct RepairReport {
  /** of a table, that this node compares */
  1: i64 partitions
  2: i64 partitions_done
  /** of those done */
  3: i64 partitions_equal
  /** of those done: somebody did not answer, or something could not be shipped */
  4: i64 partitions_failed
  /** of a table, in the range asked for, that are others' to compare */
  5: i64 partitions_elsewhere
  6: i64 ranges_compared
  7: i64 keys_differing
  8: i64 entries_given
  9: i64 bytes_given
  10: i64 entries_fetched
  11: i64 bytes_fetched
  /** that fit no message */
  12: i64 entries_too_large
  /** the other replicas that differed or were silent, by name */
  13: list<ReplicaDifference> replicas
  /** the last cause of a failed partition; empty: none */
  14: string problem
}
struct ErrandReport {
  1: i64 errand
  /** "scrub", "repair", "verify" (a repair's dry run) */
  2: string kind
  /** "running", "done", "failed", "cancelled" */
  3: string state
  /** why it failed */
  4: string detail
  5: i64 began_ms_ago
  6: i64 took_ms
  /** empty: all tables */
  7: string table
  8: string first
  9: string last
  10: string datacentre
  11: optional ScrubReport scrub
  12: optional RepairReport repair
}
struct ErrandsRequest {
  /** only this one; NOT_FOUND when the node has none of this number (any more) */
  1: optional i64 errand
}
struct ErrandsResponse {
  1: i32 status
  /** those under way and the last 32 that ended, by number */
  2: list<ErrandReport> errands
}

/** What a node knows of one actor's writes to a key: all up to `base`, and the `dots` above it. */
struct ClockPart {
  /** 16 hex digits, and the configured name where it is known */
  1: string node
  2: string name
  3: i32 incarnation
  4: i64 base
  5: list<i64> dots
}
/** A version without its value. */
struct ExplainedVersion {
  /** "value", "removed", "expired" */
  1: string what
  /** node (16 hex digits), incarnation and counter of the write */
  2: string dot
  /** name of the node that coordinated the write, where it is known */
  3: string writer
  /** microseconds since 1970 UTC by that node's clock */
  4: i64 written_us
  5: optional i64 expires_us
  6: i64 value_bytes
  /** 16 hex digits: XXH3 of the value; empty for a tombstone */
  7: string value_hash
}
struct ExplainedEntry {
  /** 0: nothing */
  1: i64 entry_bytes
  /** 16 hex digits: equal entries are equal bytes; empty: nothing */
  2: string entry_hash
  3: list<ExplainedVersion> versions
  4: list<ClockPart> clock
  /** the clock was pruned */
  5: bool truncated
}
/** One node of the preference list, and what it said. */
struct ExplainedReplica {
  1: string node
  2: string name
  3: string datacentre
  4: string rack
  /** "alive", "slow", "suspect", "down", as the node asked sees it */
  5: string state
  /** place in the preference list, from 1 */
  6: i32 rank
  7: bool owner
  /** name of the owner whose writes it would take now; empty: of none */
  8: string stands_in_for
  /** "entry", "nothing", "failed", "unreachable", "silent" */
  9: string said
  /** why it failed */
  10: string detail
  11: i64 epoch
  12: ExplainedEntry entry
  /** names of owners it keeps a hint of this key for */
  13: list<string> owes
  /** versions of the joined entry that it has not, and versions it has that were replaced */
  14: i32 lacks
  15: i32 outdated
  /** an owner with less than the joined entry: read repair would give it that */
  16: bool repaired
}
struct ExplainKeyRequest {
  1: string table
  2: binary key
  /** how long to wait for the nodes; absent: 2000 */
  3: optional i32 timeout_ms
}
struct ExplainKeyResponse {
  1: i32 status
  2: string table
  3: string resolver
  /** 16 hex digits each */
  4: string token
  5: string partition_first
  6: string partition_last
  7: i64 epoch
  /** the first so many replicas are owners */
  8: i32 owners
  /** the preference list, in order */
  9: list<ExplainedReplica> replicas
  /** what a read of all of them would find */
  10: ExplainedEntry joined
}

service AshlarAdmin {
  StatusResponse status(1: StatusRequest request) throws (1: ashlar.StoreError failure)
  CreateTableResponse create_table(1: CreateTableRequest request) throws (1: ashlar.StoreError failure)
  DescribeTablesResponse describe_tables(1: DescribeTablesRequest request) throws (1: ashlar.StoreError failure)
  DropTableResponse drop_table(1: DropTableRequest request) throws (1: ashlar.StoreError failure)
  ConfigResponse config(1: ConfigRequest request) throws (1: ashlar.StoreError failure)
  PluginsResponse plugins(1: PluginsRequest request) throws (1: ashlar.StoreError failure)
  /** Reads every block on this node's disk; what is bad is refilled from the replicas. */
  ErrandResponse scrub(1: ScrubRequest request) throws (1: ashlar.StoreError failure)
  /** Compares what this node owns with the other owners at once, and heals what differs. */
  ErrandResponse repair(1: RepairRequest request) throws (1: ashlar.StoreError failure)
  ErrandsResponse errands(1: ErrandsRequest request) throws (1: ashlar.StoreError failure)
  /** A scrub runs to its end; a repair ends with the partition it is at. */
  ErrandResponse cancel_errand(1: CancelErrandRequest request) throws (1: ashlar.StoreError failure)
  /** Asks every node of the key's preference list what it holds. Changes nothing. */
  ExplainKeyResponse explain_key(1: ExplainKeyRequest request) throws (1: ashlar.StoreError failure)
}
