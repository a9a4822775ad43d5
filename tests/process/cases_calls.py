"""Every call of the client API in both protocols: what a client may rely on."""

import os
import threading
import unittest

from client import *  # noqa: F403
from harness import Workspace


class Calls:
    """The cases; the two classes below run them in binary and in compact."""

    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon().start()

    def setUp(self):
        self.store = Store(self.daemon.client_port, self.protocol)
        self.addCleanup(self.store.transport.close)
        self.prefix = self.id().encode() + b"/"

    def put(self, key, value, **more):
        return self.store.put(PutRequest(table="default", key=self.prefix + key, value=value, **more))

    def get(self, key):
        return self.store.get(GetRequest(table="default", key=self.prefix + key))

    def check_achieved(self, got, write):
        """A ring of one: one replica, an owner, and on disk when it was a write."""
        self.assertEqual((got.answered, got.owners, got.needed, got.replicas), (1, 1, 1, 1))
        self.assertEqual(got.hints, 0)
        self.assertGreaterEqual(got.epoch, 1)
        self.assertEqual(got.synced, 1 if write else 0)

    def test_hello_names_the_node_and_its_bounds(self):
        answer = self.store.hello(HelloRequest(client="process tests", api_version=constants.API_VERSION))
        self.assertEqual(answer.status, constants.STATUS_OK)
        self.assertEqual(answer.api_version, constants.API_VERSION)
        self.assertEqual(answer.cluster, "ashlar")
        self.assertEqual(answer.entry_bytes_max, 10 * 1024)
        self.assertGreaterEqual(answer.batch_max, 1)
        self.assertGreaterEqual(answer.page_max, 1)
        self.assertEqual(answer.partitioner, "equal_partitions")
        self.assertTrue(answer.server_version)
        self.assertTrue(answer.node)

    def test_put_get_remove_exists(self):
        self.assertEqual(self.get(b"k").values, [])
        put = self.put(b"k", b"v")
        self.assertEqual(put.status, constants.STATUS_OK)
        self.check_achieved(put.achieved, write=True)
        got = self.get(b"k")
        self.assertEqual([version.value for version in got.values], [b"v"])
        self.assertGreater(got.values[0].written_us, 1_500_000_000_000_000)
        self.assertTrue(got.values[0].dot)
        self.check_achieved(got.achieved, write=False)
        seen = self.store.exists(ExistsRequest(table="default", key=self.prefix + b"k"))
        self.assertTrue(seen.found)
        self.assertEqual(seen.siblings, 1)
        self.check_achieved(seen.achieved, write=False)
        gone = self.store.remove(RemoveRequest(table="default", key=self.prefix + b"k"))
        self.assertTrue(gone.found)
        self.check_achieved(gone.achieved, write=True)
        self.assertEqual(self.get(b"k").values, [])
        self.assertFalse(self.store.exists(ExistsRequest(table="default", key=self.prefix + b"k")).found)
        self.assertFalse(self.store.remove(RemoveRequest(table="default", key=self.prefix + b"k")).found)

    def test_bytes_come_back_as_they_went(self):
        for index, value in enumerate([b"", b"\0", bytes(range(256)), os.urandom(9000), "häß\u20ac".encode()]):
            key = b"bytes\0\xff%d" % index
            self.put(key, value)
            self.assertEqual(self.get(key).values[0].value, value)

    def test_overwrite_replaces_without_a_context(self):
        for value in (b"1", b"2", b"3"):
            self.put(b"o", value, overwrite=True)
        self.assertEqual([version.value for version in self.get(b"o").values], [b"3"])

    def test_put_on_the_context_of_a_put_replaces_it(self):
        first = self.put(b"c", b"1")
        self.put(b"c", b"2", context=first.context)
        self.assertEqual([version.value for version in self.get(b"c").values], [b"2"])

    def test_multi_put_and_multi_get_keep_the_order(self):
        items = [PutItem(key=self.prefix + b"m%d" % i, value=b"v%d" % i) for i in range(100)]
        answer = self.store.multi_put(MultiPutRequest(table="default", items=items))
        self.assertEqual([item.key for item in answer.items], [item.key for item in items])
        for item in answer.items:
            self.assertEqual(item.status, constants.STATUS_OK)
            self.check_achieved(item.achieved, write=True)
        keys = [item.key for item in reversed(items)] + [self.prefix + b"missing", items[0].key]
        read = self.store.multi_get(MultiGetRequest(table="default", keys=keys))
        self.assertEqual([item.key for item in read.items], keys)
        self.assertEqual([item.values[0].value for item in read.items[:100]], [item.value for item in reversed(items)])
        self.assertEqual(read.items[100].values, [])
        self.assertEqual(read.items[100].status, constants.STATUS_OK)
        self.assertEqual(read.items[101].values[0].value, b"v0")

    def test_an_item_of_a_multi_put_stands_for_itself(self):
        items = [PutItem(key=self.prefix + b"good", value=b"1"), PutItem(key=b"", value=b"1"),
                 PutItem(key=self.prefix + b"large", value=bytes(20_000)), PutItem(key=self.prefix + b"good2", value=b"2")]
        answer = self.store.multi_put(MultiPutRequest(table="default", items=items))
        self.assertEqual([item.status for item in answer.items],
                         [constants.STATUS_OK, constants.STATUS_FAILED, constants.STATUS_FAILED, constants.STATUS_OK])
        self.assertEqual(answer.items[1].error_code, constants.ERROR_INVALID_REQUEST)
        self.assertIn("10240", answer.items[2].detail)
        self.assertEqual(self.get(b"good2").values[0].value, b"2")
        self.assertEqual(self.get(b"large").values, [])

    def scan_all(self, **more):
        found, page, pages = [], None, 0
        while True:
            answer = self.store.scan(ScanRequest(table="default", prefix=self.prefix, page=page, **more))
            found += answer.entries
            pages += 1
            page = answer.page
            if page is None:
                return found, pages

    def test_scan_gives_every_entry_once_in_either_direction(self):
        wanted = {self.prefix + b"s%03d" % i: b"v%d" % i for i in range(250)}
        self.store.multi_put(MultiPutRequest(table="default", items=[PutItem(key=key, value=value) for key, value in wanted.items()]))
        forward, pages = self.scan_all(limit=40)
        self.assertGreaterEqual(pages, 7)
        self.assertEqual(len(forward), 250)
        self.assertEqual({entry.key: entry.values[0].value for entry in forward}, wanted)
        backward, _ = self.scan_all(limit=33, reverse=True)
        self.assertEqual([entry.key for entry in backward], [entry.key for entry in reversed(forward)])
        keys, _ = self.scan_all(keys_only=True)
        self.assertEqual([entry.key for entry in keys], [entry.key for entry in forward])
        self.assertTrue(all(not version.value for entry in keys for version in entry.values or []))

    def test_a_removed_key_leaves_the_scan(self):
        self.put(b"a", b"1")
        self.put(b"b", b"1")
        self.store.remove(RemoveRequest(table="default", key=self.prefix + b"a"))
        found, _ = self.scan_all()
        self.assertEqual([entry.key for entry in found], [self.prefix + b"b"])

    def put_if(self, key, value, expected):
        return self.store.put_if(PutIfRequest(table="default", key=self.prefix + key, value=value, expected=expected))

    def test_put_if_writes_only_on_the_context_it_names(self):
        first = self.put_if(b"p", b"1", b"")
        self.assertTrue(first.stored)
        self.check_achieved(first.achieved, write=True)
        second = self.put_if(b"p", b"2", b"")
        self.assertFalse(second.stored, "something is there")
        self.assertEqual(second.context, self.get(b"p").context)
        self.assertTrue(self.put_if(b"p", b"3", self.get(b"p").context).stored)
        self.assertFalse(self.put_if(b"p", b"4", first.context).stored, "an old context")
        self.assertEqual([version.value for version in self.get(b"p").values], [b"3"])

    def test_ring_is_a_ring_of_one(self):
        ring = self.store.ring(RingRequest())
        self.assertEqual(ring.status, constants.STATUS_OK)
        self.assertEqual(len(ring.members), 1)
        self.assertEqual(ring.members[0].address, self.daemon.endpoint)
        self.assertEqual(ring.partitioner, "equal_partitions")
        self.assertGreater(len(ring.claims), 0)
        self.assertEqual({claim.owner for claim in ring.claims}, {0})
        again = self.store.ring(RingRequest(epoch=ring.epoch))
        self.assertEqual((again.epoch, again.members, again.claims), (ring.epoch, [], []))

    def test_pipelined_calls_are_answered_in_order(self):
        for i in range(200):
            self.store.send_put(PutRequest(table="default", key=self.prefix + b"q%d" % (i % 7), value=b"%d" % i, overwrite=True))
            self.store.send_get(GetRequest(table="default", key=self.prefix + b"q%d" % (i % 7)))
        for i in range(200):
            self.assertEqual(self.store.recv_put().status, constants.STATUS_OK)
            got = self.store.recv_get()
            self.assertEqual([version.value for version in got.values], [b"%d" % i], "each get follows its put")

    def test_many_writers_of_their_own_keys(self):
        troubles = []

        def work(writer):
            try:
                with Store(self.daemon.client_port, self.protocol) as store:
                    for i in range(100):
                        key = self.prefix + b"w%d-%d" % (writer, i % 10)
                        store.put(PutRequest(table="default", key=key, value=b"%d" % i, overwrite=True))
                        got = store.get(GetRequest(table="default", key=key))
                        if [version.value for version in got.values] != [b"%d" % i]:
                            troubles.append((writer, i, got))
            except Exception as problem:  # reported by the assertion below
                troubles.append(problem)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(troubles, [])

    def test_levels_one_replica_can_meet(self):
        for level in (constants.LEVEL_ONE, constants.LEVEL_QUORUM, constants.LEVEL_ALL, constants.LEVEL_LOCAL_ONE,
                      constants.LEVEL_LOCAL_QUORUM):
            options = RequestOptions(consistency=Consistency(level=level, strict=True))
            self.check_achieved(self.put(b"level%d" % level, b"1", options=options).achieved, write=True)
            got = self.store.get(GetRequest(table="default", key=self.prefix + b"level%d" % level, options=options))
            self.assertEqual(got.values[0].value, b"1")

    def test_a_level_over_data_centres_is_refused_by_a_replicator_without_them(self):
        options = RequestOptions(consistency=Consistency(level=constants.LEVEL_EACH_QUORUM))
        with self.assertRaises(StoreError) as refused:
            self.put(b"each", b"1", options=options)
        self.assertIn("datacentre_aware", refused.exception.detail)

    def test_sync_modes_are_honoured(self):
        always = self.put(b"s", b"1", overwrite=True, options=RequestOptions(sync=constants.SYNC_ALWAYS))
        self.assertEqual(always.achieved.synced, 1)
        never = self.put(b"s", b"2", overwrite=True, options=RequestOptions(sync=constants.SYNC_NEVER))
        self.assertEqual(never.achieved.answered, 1)
        self.assertEqual(self.get(b"s").values[0].value, b"2")

    def test_a_request_id_makes_a_retry_the_same_write(self):
        options = RequestOptions(request_id=os.urandom(16))
        self.put(b"r", b"1", options=options)
        self.put(b"r", b"1", options=options)
        self.assertEqual([version.value for version in self.get(b"r").values], [b"1"], "no sibling of itself")


class Binary(Calls, unittest.TestCase):
    protocol = "binary"


class Compact(Calls, unittest.TestCase):
    protocol = "compact"
