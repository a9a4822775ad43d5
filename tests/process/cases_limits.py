"""Requests a node must refuse, each with the code and the numbers that help."""

import unittest

from client import *  # noqa: F403
from harness import Workspace


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon().start()

    def setUp(self):
        self.store = Store(self.daemon.client_port)
        self.addCleanup(self.store.transport.close)

    def refused(self, call, request, code=constants.ERROR_INVALID_REQUEST):
        with self.assertRaises(StoreError) as caught:
            getattr(self.store, call)(request)
        self.assertEqual(caught.exception.error_code, code, caught.exception.detail)
        self.assertTrue(caught.exception.detail)
        self.assertEqual(self.store.hello(HelloRequest()).status, constants.STATUS_OK, "the connection goes on")
        return caught.exception

    def test_an_entry_over_the_limit_names_both_sizes_and_the_limit(self):
        error = self.refused("put", PutRequest(table="default", key=b"k" * 300, value=b"v" * 10_100))
        for number in ("300", "10100", "10240"):
            self.assertIn(number, error.detail.replace(",", ""))
        self.refused("put_if", PutIfRequest(table="default", key=b"k" * 300, value=b"v" * 10_100, expected=b""))
        self.assertFalse(self.store.exists(ExistsRequest(table="default", key=b"k" * 300)).found)

    def test_the_limit_itself_is_near_and_exact(self):
        self.store.put(PutRequest(table="default", key=b"k" * 40, value=b"v" * (10_240 - 41)))
        self.refused("put", PutRequest(table="default", key=b"k" * 40, value=b"v" * (10_240 - 39)))

    def test_empty_keys_are_refused_everywhere(self):
        self.refused("put", PutRequest(table="default", key=b"", value=b"v"))
        self.refused("get", GetRequest(table="default", key=b""))
        self.refused("remove", RemoveRequest(table="default", key=b""))
        self.refused("exists", ExistsRequest(table="default", key=b""))
        self.refused("put_if", PutIfRequest(table="default", key=b"", value=b"v", expected=b""))

    def test_an_unknown_table_is_named(self):
        for call, request in (("get", GetRequest(table="nosuch", key=b"k")), ("put", PutRequest(table="nosuch", key=b"k", value=b"v")),
                              ("remove", RemoveRequest(table="nosuch", key=b"k")), ("scan", ScanRequest(table="nosuch")),
                              ("multi_get", MultiGetRequest(table="nosuch", keys=[b"k"])),
                              ("multi_put", MultiPutRequest(table="nosuch", items=[PutItem(key=b"k", value=b"v")]))):
            with self.subTest(call):
                with self.assertRaises(StoreError) as caught:
                    getattr(self.store, call)(request)
                self.assertIn(caught.exception.error_code, (constants.ERROR_NOT_FOUND, constants.ERROR_INVALID_REQUEST))
                self.assertIn("nosuch", caught.exception.detail)

    def test_missing_fields_are_refused_not_guessed(self):
        self.refused("get", GetRequest(table="default"))
        self.refused("put", PutRequest(table="default", value=b"v"))
        for call, request in (("get", GetRequest(key=b"k")), ("scan", ScanRequest())):
            with self.subTest(call):
                with self.assertRaises(StoreError):
                    getattr(self.store, call)(request)

    def test_a_batch_over_its_bound_is_refused_whole(self):
        most = self.store.hello(HelloRequest()).batch_max
        error = self.refused("multi_get", MultiGetRequest(table="default", keys=[b"k"] * (most + 1)))
        self.assertIn(str(most), error.detail.replace(",", ""))
        self.refused("multi_put", MultiPutRequest(table="default", items=[PutItem(key=b"k%d" % i, value=b"") for i in range(most + 1)]))
        self.assertEqual(len(self.store.multi_get(MultiGetRequest(table="default", keys=[b"k"] * most)).items), most)

    def test_more_replicas_than_there_are_is_unavailable_and_writes_nothing(self):
        options = RequestOptions(consistency=Consistency(level=constants.LEVEL_THREE, strict=True))
        with self.assertRaises(StoreError) as caught:
            self.store.put(PutRequest(table="default", key=b"three", value=b"v", options=options))
        self.assertIn(caught.exception.error_code, (constants.ERROR_UNAVAILABLE, constants.ERROR_INVALID_REQUEST))
        self.assertFalse(self.store.exists(ExistsRequest(table="default", key=b"three")).found)

    def test_nonsense_in_options_is_refused(self):
        for options in (RequestOptions(consistency=Consistency(level=99)), RequestOptions(consistency=Consistency(level=-1)),
                        RequestOptions(consistency=Consistency(level=constants.LEVEL_COUNT)),
                        RequestOptions(consistency=Consistency(level=constants.LEVEL_COUNT, replicas=0)),
                        RequestOptions(sync=99), RequestOptions(request_id=b"short")):
            with self.subTest(options=options):
                self.refused("put", PutRequest(table="default", key=b"k", value=b"v", options=options))

    def test_a_negative_time_to_live_is_refused(self):
        self.refused("put", PutRequest(table="default", key=b"k", value=b"v", ttl_s=-1))
        self.refused("put", PutRequest(table="default", key=b"k", value=b"v", ttl_s=2**62))

    def test_a_scan_page_of_other_bytes_is_refused(self):
        for page in (b"x", b"\xff" * 30, b"\0" * 20_000):
            with self.subTest(page=page[:5]):
                self.refused("scan", ScanRequest(table="default", page=page))
        self.refused("scan", ScanRequest(table="default", limit=-1))

    def test_an_expired_deadline_is_said_and_nothing_is_written_for_it(self):
        for timeout in (0, -5):
            with self.assertRaises(StoreError) as caught:
                self.store.put(PutRequest(table="default", key=b"late", value=b"v", options=RequestOptions(timeout_ms=timeout)))
            self.assertIn(caught.exception.error_code, (constants.ERROR_TIMED_OUT, constants.ERROR_INVALID_REQUEST))
            self.assertTrue(caught.exception.detail)
        self.assertFalse(self.store.exists(ExistsRequest(table="default", key=b"late")).found)

    def test_tables_are_created_described_and_dropped_by_the_rules(self):
        with Operator(self.daemon.admin_port) as operator:
            made = operator.create_table(admin.CreateTableRequest(name="t1")).table
            self.assertEqual(made.name, "t1")
            self.store.put(PutRequest(table="t1", key=b"k", value=b"v"))
            self.assertEqual(self.store.get(GetRequest(table="default", key=b"k-of-t1")).values, [])
            with self.assertRaises(StoreError):
                operator.create_table(admin.CreateTableRequest(name="t1"))
            for bad in ("", "Upper", "a b", "x" * 49, "../up", "dot.dot"):
                with self.subTest(bad), self.assertRaises(StoreError) as caught:
                    operator.create_table(admin.CreateTableRequest(name=bad))
                self.assertEqual(caught.exception.error_code, constants.ERROR_INVALID_REQUEST)
            names = [table.name for table in operator.describe_tables(admin.DescribeTablesRequest()).tables]
            self.assertIn("default", names)
            self.assertIn("t1", names)
            dropped = operator.drop_table(admin.DropTableRequest(name="t1"))
            self.assertEqual(dropped.id, made.id)
            with self.assertRaises(StoreError):
                self.store.get(GetRequest(table="t1", key=b"k"))
            again = operator.create_table(admin.CreateTableRequest(name="t1")).table
            self.assertNotEqual(again.id, made.id, "ids are never used twice")
            self.assertEqual(self.store.get(GetRequest(table="t1", key=b"k")).values, [], "nothing of the old table is left")
            with self.assertRaises(StoreError) as caught:
                operator.create_table(admin.CreateTableRequest(name="t2", resolver="nosuch"))
            self.assertIn("nosuch", caught.exception.detail)
