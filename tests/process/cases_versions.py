"""Siblings, contexts, removal and expiry: what happens to concurrent writes."""

import time
import unittest

from client import *  # noqa: F403
from harness import Workspace, wait_until


class Versions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon().start()

    def setUp(self):
        self.store = Store(self.daemon.client_port)
        self.addCleanup(self.store.transport.close)
        self.key = self.id().encode()

    def put(self, value, **more):
        return self.store.put(PutRequest(table="default", key=self.key, value=value, **more))

    def get(self):
        return self.store.get(GetRequest(table="default", key=self.key))

    def values(self):
        return sorted(version.value for version in self.get().values)

    def test_two_writers_with_one_old_context_make_siblings(self):
        self.put(b"old")
        old = self.get().context
        self.put(b"left", context=old)
        self.put(b"right", context=old)
        self.assertEqual(self.values(), [b"left", b"right"])
        both = self.get()
        self.assertEqual(len({version.dot for version in both.values}), 2)
        seen = self.store.exists(ExistsRequest(table="default", key=self.key))
        self.assertEqual((seen.found, seen.siblings), (True, 2))
        self.put(b"settled", context=both.context)
        self.assertEqual(self.values(), [b"settled"])

    def test_a_put_without_context_stands_beside(self):
        self.put(b"1")
        self.put(b"2")
        self.assertEqual(self.values(), [b"1", b"2"])
        self.put(b"3", overwrite=True)
        self.assertEqual(self.values(), [b"3"])

    def test_a_context_replaces_only_what_it_saw(self):
        seen = self.put(b"seen").context
        self.put(b"unseen")
        self.put(b"new", context=seen)
        self.assertEqual(self.values(), [b"new", b"unseen"])

    def test_remove_with_a_context_keeps_what_it_did_not_see(self):
        seen = self.put(b"seen").context
        self.put(b"unseen")
        self.store.remove(RemoveRequest(table="default", key=self.key, context=seen))
        self.assertEqual(self.values(), [b"unseen"])
        self.store.remove(RemoveRequest(table="default", key=self.key))
        self.assertEqual(self.values(), [])

    def test_a_removed_value_does_not_come_back(self):
        old = self.put(b"1").context
        self.store.remove(RemoveRequest(table="default", key=self.key))
        answer = self.get()
        self.assertEqual(answer.values, [])
        self.assertTrue(answer.context, "the removal was seen: its context comes with the answer")
        self.put(b"2", context=answer.context)
        self.assertEqual(self.values(), [b"2"])
        self.put(b"late", context=old)
        self.assertEqual(self.values(), [b"2", b"late"], "a writer who knew only the removed value adds a sibling")

    def test_siblings_are_bounded_and_a_context_always_settles_them(self):
        refused = None
        for i in range(200):
            try:
                self.put(b"%d" % i)
            except StoreError as error:
                refused = error
                break
        self.assertIsNotNone(refused, "the bound was never met")
        self.assertEqual(i, 100)
        self.assertIn("100", refused.detail)
        both = self.get()
        self.assertEqual(len(both.values), 100)
        self.put(b"settled", context=both.context)
        self.assertEqual(self.values(), [b"settled"])
        self.put(b"again")

    def warned(self):
        with Operator(self.daemon.admin_port) as operator:
            counters = operator.status(admin.StatusRequest(counters=True)).counters
        return next((int(fact.text) for fact in counters if fact.name == "request_siblings_warned"), 0)

    def test_every_resolver_that_keeps_siblings_warns_at_25_and_refuses_at_100(self):
        for resolver in ("dotted_version_vector", "vector_clock", "crdt"):
            with self.subTest(resolver):
                table = "many-" + resolver.replace("_", "-")
                with Operator(self.daemon.admin_port) as operator:
                    operator.create_table(admin.CreateTableRequest(name=table, resolver=resolver))
                before = self.warned()
                for i in range(24):
                    self.store.put(PutRequest(table=table, key=b"k", value=b"%d" % i))
                self.assertEqual(self.warned(), before, "24 siblings are not worth a word")
                for i in range(24, 100):
                    self.store.put(PutRequest(table=table, key=b"k", value=b"%d" % i))
                self.assertEqual(self.warned() - before, 76)
                with self.assertRaises(StoreError) as refused:
                    self.store.put(PutRequest(table=table, key=b"k", value=b"one more"))
                self.assertEqual(refused.exception.error_code, constants.ERROR_INVALID_REQUEST)
                self.assertRegex(refused.exception.detail, "100 siblings.*limits.siblings_refuse")
                got = self.store.get(GetRequest(table=table, key=b"k"))
                self.assertEqual(len(got.values), 100)
                self.store.put(PutRequest(table=table, key=b"k", value=b"settled", context=got.context))
                self.assertEqual([version.value for version in self.store.get(GetRequest(table=table, key=b"k")).values], [b"settled"])

    def test_a_value_expires(self):
        self.put(b"short", ttl_s=1)
        first = self.get()
        self.assertEqual([version.value for version in first.values], [b"short"])
        self.assertIsNotNone(first.values[0].expires_us)
        self.assertAlmostEqual(first.values[0].expires_us - first.values[0].written_us, 1_000_000, delta=1000)
        wait_until("the value to expire", lambda: not self.get().values)
        self.assertGreaterEqual(time.time() * 1e6, first.values[0].expires_us - 1000, "not before its time")
        self.assertFalse(self.store.exists(ExistsRequest(table="default", key=self.key)).found)
        self.put(b"new", context=self.get().context)
        self.assertEqual(self.values(), [b"new"])

    def test_a_table_has_its_own_time_to_live_and_a_put_may_say_otherwise(self):
        with Operator(self.daemon.admin_port) as operator:
            operator.create_table(admin.CreateTableRequest(name="brief", ttl_s=1))
        self.store.put(PutRequest(table="brief", key=b"default", value=b"1"))
        self.store.put(PutRequest(table="brief", key=b"for-ever", value=b"1", ttl_s=0))

        def there(key):
            return self.store.get(GetRequest(table="brief", key=key)).values

        wait_until("the table's value to expire", lambda: not there(b"default"))
        self.assertIsNone(there(b"for-ever")[0].expires_us)

    def test_contexts_of_other_keys_tables_and_bytes_are_refused(self):
        with Operator(self.daemon.admin_port) as operator:
            operator.create_table(admin.CreateTableRequest(name="other"))
        good = self.put(b"1").context
        for bad in (b"garbage", good[:-1], good + b"\0", b"\xff" * 40, b"\0" * 100_000):
            with self.subTest(context=bad[:20]):
                with self.assertRaises(StoreError) as caught:
                    self.put(b"2", context=bad)
                self.assertEqual(caught.exception.error_code, constants.ERROR_INVALID_REQUEST)
                self.assertTrue(caught.exception.detail)
        with self.assertRaises(StoreError) as caught:
            self.store.put(PutRequest(table="other", key=self.key, value=b"2", context=good))
        self.assertEqual(caught.exception.error_code, constants.ERROR_INVALID_REQUEST)
        self.assertEqual(self.values(), [b"1"])

    def test_everything_is_the_same_after_a_restart(self):
        daemon = self.workspace.daemon("restarted").start()
        with Store(daemon.client_port) as store:
            old = store.put(PutRequest(table="default", key=b"k", value=b"old")).context
            for value in (b"a", b"b"):
                store.put(PutRequest(table="default", key=b"k", value=value, context=old))
            store.put(PutRequest(table="default", key=b"gone", value=b"1"))
            store.remove(RemoveRequest(table="default", key=b"gone"))
            before = store.get(GetRequest(table="default", key=b"k"))
        daemon.kill()
        daemon.start()
        with Store(daemon.client_port) as store:
            after = store.get(GetRequest(table="default", key=b"k"))
            self.assertEqual(sorted((v.value, v.dot, v.written_us) for v in after.values),
                             sorted((v.value, v.dot, v.written_us) for v in before.values))
            self.assertEqual(store.get(GetRequest(table="default", key=b"gone")).values, [])
            store.put(PutRequest(table="default", key=b"k", value=b"c", context=before.context))
            self.assertEqual([v.value for v in store.get(GetRequest(table="default", key=b"k")).values], [b"c"])
