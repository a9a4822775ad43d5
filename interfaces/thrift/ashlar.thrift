/**
 * Ashlar's client API: a distributed key-value store of the Dynamo family.
 *
 * Transport: framed, binary or compact protocol (the server tells them apart by the first byte).
 * Rules this file obeys, so that clients of any age and language keep working:
 *  - one request struct and one response struct per call; fields are only ever added, ids never reused;
 *  - one exception for every call; a new kind of failure is a new error_code, never a new exception;
 *  - every response carries `status`, which is never 0: an empty success can be told from a real answer;
 *  - "not found" is an answer (no values), not a failure;
 *  - no enums, sets, unions, required fields or oneway calls; keys and values are binary.
 * Constants: consistency levels, sync modes and error codes are i32, named below.
 */

namespace cpp ashlar.thrift
namespace py ashlar_thrift
namespace java org.ashlar.thrift
namespace go ashlarthrift
namespace js AshlarThrift
namespace php AshlarThrift
namespace rb AshlarThrift
namespace perl AshlarThrift
namespace c_glib Ashlar
namespace erl ashlar_thrift
namespace lua ashlar_thrift
namespace rs ashlar_thrift
namespace netstd Ashlar.Thrift

/** Version of this contract: raised when a field or call is added. */
const i32 API_VERSION = 1

/** Response status: the answer is real. */
const i32 STATUS_OK = 1
/** multi_* items: this item failed; see its failure. */
const i32 STATUS_FAILED = 2

const i32 LEVEL_TABLE_DEFAULT = 0
/** Consistency.replicas says how many. */
const i32 LEVEL_COUNT = 1
const i32 LEVEL_ONE = 2
const i32 LEVEL_TWO = 3
const i32 LEVEL_THREE = 4
const i32 LEVEL_QUORUM = 5
const i32 LEVEL_ALL = 6
const i32 LEVEL_LOCAL_ONE = 7
const i32 LEVEL_LOCAL_QUORUM = 8
const i32 LEVEL_EACH_QUORUM = 9
/** Writes only: a hint kept by a stand-in is enough. */
const i32 LEVEL_ANY = 10

/** As the node is configured. */
const i32 SYNC_DEFAULT = 0
/** Acknowledged means synced to disk on the replicas that count. */
const i32 SYNC_ALWAYS = 1
/** Acknowledged means in memory; synced within the configured interval. */
const i32 SYNC_INTERVAL = 2
/** Acknowledged means in memory; the system decides when it reaches the disk. */
const i32 SYNC_NEVER = 3

const i32 ERROR_INVALID_REQUEST = 1
const i32 ERROR_UNAVAILABLE = 2
const i32 ERROR_TIMED_OUT = 3
const i32 ERROR_OVERLOADED = 4
const i32 ERROR_NOT_AUTHORIZED = 5
const i32 ERROR_NO_SPACE = 6
const i32 ERROR_IO = 7
const i32 ERROR_CORRUPT = 8
const i32 ERROR_CONFLICT = 9
const i32 ERROR_UNSUPPORTED = 10
const i32 ERROR_NOT_FOUND = 11
const i32 ERROR_CLOSED = 12

/** What became of a request, in every response and in every failure. */
struct Achieved {
  /** replicas that answered in time */
  1: i32 answered
  /** how many of those are owners of the key (the rest are stand-ins) */
  2: i32 owners
  /** how many had the write on disk when they answered (0 for reads) */
  3: i32 synced
  /** hints left for absent owners */
  4: i32 hints
  /** answers the request needed, and replicas that own the key */
  5: i32 needed
  6: i32 replicas
  /** ring the request was placed by */
  7: i64 epoch
  /** whether concurrent versions were merged to make this answer */
  8: bool merged
}

/** The one failure of every call. */
exception StoreError {
  /** ERROR_* */
  1: i32 error_code
  /** one sentence for a person, with the numbers */
  2: string detail
  /**
   * whether sending the same request again is safe, to whichever node. Where it may have been done: only with a
   * request_id, and not for what replaces whatever it finds (an overwrite or a remove without context, a put_if that
   * expects nothing): a second one would take with it what others wrote between. Read before you try those again.
   */
  3: bool retry_safe
  /** when overloaded: not before so many milliseconds */
  4: optional i32 retry_after_ms
  5: optional Achieved achieved
}

/** How many replicas must answer: a level, or LEVEL_COUNT with replicas. */
struct Consistency {
  1: i32 level = 0
  2: optional i32 replicas
  /** only owners count, no stand-ins (default false: the first healthy ones count) */
  3: optional bool strict
}

/** Options every request understands. */
struct RequestOptions {
  1: optional Consistency consistency
  /** milliseconds this request may take; default and ceiling are the node's */
  2: optional i32 timeout_ms
  /** SYNC_*; writes only */
  3: optional i32 sync
  /** 16 bytes chosen by the client: a retry with the same id is the same write (while it lives, see retry_safe) */
  4: optional binary request_id
  /** W3C traceparent; reserved: taken and not used yet */
  5: optional string traceparent
}

/** One version of an entry. More than one in an answer are siblings: concurrent writes to resolve. */
struct VersionValue {
  1: binary value
  /** when it was written, microseconds since 1970 UTC by the coordinator's clock */
  2: i64 written_us
  /** when it expires; absent: never */
  3: optional i64 expires_us
  /** node (16 hex digits), incarnation and counter of the write, for people */
  4: string dot
}

struct HelloRequest {
  /** free text, library and version; reserved: taken and not used yet */
  1: optional string client
  2: optional i32 api_version
}
struct HelloResponse {
  1: i32 status
  2: i32 api_version
  3: string server_version
  4: string cluster
  5: string node
  6: i64 epoch
  /** bytes of key + value a put may have */
  7: i32 entry_bytes_max
  /** items a multi_* may have, and entries a scan page may have */
  8: i32 batch_max
  9: i32 page_max
  /** partitioner's name: who wants to be token-aware must know it */
  10: string partitioner
}

struct GetRequest {
  1: string table
  2: binary key
  3: optional RequestOptions options
}
struct GetResponse {
  1: i32 status
  /** empty: not found */
  2: list<VersionValue> values
  /** give it back with the write that builds on this read; present also when nothing was found but a removal was seen */
  3: binary context
  4: Achieved achieved
}

struct PutRequest {
  1: string table
  2: binary key
  3: binary value
  /** from the read this write builds on: replaces exactly what was read */
  4: optional binary context
  /** without context: read first and replace what is found (else a put without context adds a sibling) */
  5: optional bool overwrite
  /** seconds until it expires; 0: the table's default does not apply, never expires */
  6: optional i64 ttl_s
  7: optional RequestOptions options
}
struct PutResponse {
  1: i32 status
  /** context of what was written: the next put of the same writer may build on it */
  2: binary context
  3: Achieved achieved
}

struct RemoveRequest {
  1: string table
  2: binary key
  /** absent: the context of a read made first */
  3: optional binary context
  4: optional RequestOptions options
}
struct RemoveResponse {
  1: i32 status
  2: binary context
  3: Achieved achieved
  /** whether there was a value to remove */
  4: bool found
}

struct ExistsRequest {
  1: string table
  2: binary key
  3: optional RequestOptions options
}
struct ExistsResponse {
  1: i32 status
  2: bool found
  3: i32 siblings
  4: Achieved achieved
}

struct MultiGetRequest {
  1: string table
  2: list<binary> keys
  3: optional RequestOptions options
}
struct MultiGetItem {
  /** STATUS_OK or STATUS_FAILED */
  1: i32 status
  2: binary key
  3: list<VersionValue> values
  4: binary context
  5: Achieved achieved
  6: optional i32 error_code
  7: optional string detail
  /** of a failed item, as in StoreError */
  8: optional bool retry_safe
  9: optional i32 retry_after_ms
}
struct MultiGetResponse {
  1: i32 status
  /** in the order of the request */
  2: list<MultiGetItem> items
}

struct PutItem {
  1: binary key
  2: binary value
  3: optional binary context
  4: optional bool overwrite
  5: optional i64 ttl_s
}
struct MultiPutRequest {
  1: string table
  2: list<PutItem> items
  3: optional RequestOptions options
}
struct MultiPutItem {
  1: i32 status
  2: binary key
  3: binary context
  4: Achieved achieved
  5: optional i32 error_code
  6: optional string detail
  /** of a failed item, as in StoreError */
  7: optional bool retry_safe
  8: optional i32 retry_after_ms
}
struct MultiPutResponse {
  1: i32 status
  /** in the order of the request; each item stands for itself: some may be stored and others not */
  2: list<MultiPutItem> items
}

struct ScanRequest {
  1: string table
  /** from the page before; absent: from the start (or the end, in reverse) */
  2: optional binary page
  /** entries wanted; 0: the node's default */
  3: i32 limit = 0
  /** only keys that begin with it (a filter: the order is that of the tokens unless the partitioner is ordered) */
  4: optional binary prefix
  5: optional bool reverse
  6: optional bool keys_only
  7: optional RequestOptions options
}
struct ScanEntry {
  1: binary key
  2: list<VersionValue> values
  3: binary context
}
struct ScanResponse {
  1: i32 status
  2: list<ScanEntry> entries
  /** where the next page begins; absent: this was the last. A page may be empty and yet not the last. */
  3: optional binary page
  4: Achieved achieved
}

struct PutIfRequest {
  1: string table
  2: binary key
  3: binary value
  /** the write happens only if a read of the write quorum has exactly this context; empty: only if nothing is there */
  4: binary expected
  5: optional i64 ttl_s
  6: optional RequestOptions options
}
struct PutIfResponse {
  1: i32 status
  /** false: nothing was written; context is then that of what is there. Not linearizable: two may both be stored, as siblings. */
  2: bool stored
  3: binary context
  4: Achieved achieved
}

struct RingRequest {
  /** absent or older than the ring: the whole map; equal: an empty one */
  1: optional i64 epoch
}
struct RingMember {
  /** 16 hex digits */
  1: string node
  /** host:port for clients */
  2: string address
  3: string datacentre
  4: string rack
  5: i32 capacity
}
struct RingClaim {
  /** first token of the claim, as 16 hex digits */
  1: string first
  /** index into members */
  2: i32 owner
}
struct RingResponse {
  1: i32 status
  2: i64 epoch
  3: string partitioner
  4: list<RingMember> members
  5: list<RingClaim> claims
}

service Ashlar {
  HelloResponse hello(1: HelloRequest request) throws (1: StoreError failure)
  GetResponse get(1: GetRequest request) throws (1: StoreError failure)
  PutResponse put(1: PutRequest request) throws (1: StoreError failure)
  RemoveResponse remove(1: RemoveRequest request) throws (1: StoreError failure)
  ExistsResponse exists(1: ExistsRequest request) throws (1: StoreError failure)
  MultiGetResponse multi_get(1: MultiGetRequest request) throws (1: StoreError failure)
  MultiPutResponse multi_put(1: MultiPutRequest request) throws (1: StoreError failure)
  ScanResponse scan(1: ScanRequest request) throws (1: StoreError failure)
  PutIfResponse put_if(1: PutIfRequest request) throws (1: StoreError failure)
  RingResponse ring(1: RingRequest request) throws (1: StoreError failure)
}
