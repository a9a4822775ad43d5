"""Sudden ends: what was acknowledged with sync always is there after every restart."""

import os
import time
import unittest

from client import *  # noqa: F403
from harness import BRIEF, Workspace, wait_until
from load import Load

# Small memtables, so that kills also fall into flushes and compactions.
SMALL = {"storage_engine__lsm__memtable_bytes": "64 KiB"}


class Crash(unittest.TestCase):
    def test_every_acknowledged_write_survives_kill_9_under_load(self):
        rounds = int(os.environ.get("ASHLAR_TEST_ROUNDS", "2" if BRIEF else "4"))  # more for a soak by hand
        with Workspace() as workspace:
            daemon = workspace.daemon(sync__mode="always", **SMALL).start()
            load = None
            for round_ in range(rounds):
                load = Load(daemon.client_port, start=round_ * 1_000_000, after=load)
                wait_until("some hundred acknowledged writes", lambda: load.count > 300)
                time.sleep(0.05 * (round_ % 7))
                daemon.kill()
                load.join()
                daemon.start()
                load.check(self, daemon.client_port)
                self.assertEqual(load.refusals, [])

    def test_a_request_may_ask_for_sync_where_the_node_does_not(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(sync__mode="never").start()
            load = Load(daemon.client_port, options=RequestOptions(sync=constants.SYNC_ALWAYS))
            wait_until("some acknowledged writes", lambda: load.count > 200)
            daemon.kill()
            load.join()
            daemon.start()
            load.check(self, daemon.client_port)

    def test_kills_right_after_the_start_lose_nothing(self):
        with Workspace() as workspace:
            daemon = workspace.daemon().start()
            load = Load(daemon.client_port, writers=2)
            wait_until("some acknowledged writes", lambda: load.count > 100)
            daemon.kill()
            load.join()
            for pause in (0, 0.005, 0.02, 0.05, 0.1, 0.2):
                daemon.launch()
                time.sleep(pause)
                daemon.kill()
            daemon.start()
            load.check(self, daemon.client_port)

    def test_sigterm_ends_cleanly_and_keeps_what_was_not_synced(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(sync__mode="never").start()
            load = Load(daemon.client_port, writers=4)
            wait_until("some acknowledged writes", lambda: load.count > 500)
            self.assertEqual(daemon.terminate(), 0, daemon.log()[-2000:])
            load.join()
            daemon.start()
            load.check(self, daemon.client_port)

    def test_sigterm_with_open_and_idle_connections(self):
        with Workspace() as workspace:
            daemon = workspace.daemon().start()
            idle = [raw_connection(daemon.client_port) for _ in range(10)]
            with Store(daemon.client_port) as store:
                store.put(PutRequest(table="default", key=b"k", value=b"v"))
                self.assertEqual(daemon.terminate(), 0, daemon.log()[-2000:])
            for connection in idle:
                connection.close()

    def test_restarts_do_not_use_up_or_reuse_anything(self):
        """Dots after a restart are new: a counter that began again would make a new write look like an old one."""
        with Workspace() as workspace:
            daemon = workspace.daemon()
            dots, incarnations = [], []
            for round_ in range(8):
                daemon.start()
                with Store(daemon.client_port) as store, Operator(daemon.admin_port) as operator:
                    incarnations.append(operator.status(admin.StatusRequest()).incarnation)
                    for i in range(5):
                        store.put(PutRequest(table="default", key=b"same", value=b"%d-%d" % (round_, i)))
                    got = store.get(GetRequest(table="default", key=b"same"))
                    self.assertEqual(len(got.values), 5 * (round_ + 1), "every blind put is a sibling, none covers another")
                    dots = [version.dot for version in got.values]
                    self.assertEqual(len(set(dots)), len(dots))
                if round_ % 2 == 0:
                    daemon.kill()
                else:
                    self.assertEqual(daemon.terminate(), 0)
            self.assertEqual(incarnations, sorted(incarnations))

    def test_tables_survive(self):
        with Workspace() as workspace:
            daemon = workspace.daemon().start()
            with Operator(daemon.admin_port) as operator, Store(daemon.client_port) as store:
                operator.create_table(admin.CreateTableRequest(name="kept", ttl_s=3600))
                operator.create_table(admin.CreateTableRequest(name="dropped"))
                for table in ("kept", "dropped"):
                    store.put(PutRequest(table=table, key=b"k", value=table.encode()))
                operator.drop_table(admin.DropTableRequest(name="dropped"))
                before = operator.describe_tables(admin.DescribeTablesRequest()).tables
            daemon.kill()
            daemon.start()
            with Operator(daemon.admin_port) as operator, Store(daemon.client_port) as store:
                self.assertEqual(operator.describe_tables(admin.DescribeTablesRequest()).tables, before)
                self.assertEqual(store.get(GetRequest(table="kept", key=b"k")).values[0].value, b"kept")
                again = operator.create_table(admin.CreateTableRequest(name="dropped")).table
                self.assertGreater(again.id, max(table.id for table in before))
                self.assertEqual(store.get(GetRequest(table="dropped", key=b"k")).values, [])

    def put_all(self, store, items):
        """What finds the memtables full is asked again, as any client should."""
        while items:
            answers = store.multi_put(MultiPutRequest(table="default", items=items)).items
            self.assertEqual({answer.detail for answer in answers
                              if answer.error_code not in (None, constants.ERROR_OVERLOADED)}, set())
            items = [item for item, answer in zip(items, answers) if answer.error_code == constants.ERROR_OVERLOADED]

    def test_a_large_table_is_recovered_from_tables_and_log(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(**SMALL).start()
            with Store(daemon.client_port) as store:
                for at in range(0, 4000, 200):
                    items = [PutItem(key=b"n%05d" % i, value=b"value %d " % i + b"y" * 200, overwrite=True) for i in range(at, at + 200)]
                    self.put_all(store, items)
            daemon.kill()
            daemon.start()
            with Store(daemon.client_port) as store:
                found, page = {}, None
                while True:
                    answer = store.scan(ScanRequest(table="default", page=page))
                    for entry in answer.entries:
                        self.assertNotIn(entry.key, found, "given twice")
                        found[entry.key] = entry.values[0].value
                    page = answer.page
                    if page is None:
                        break
            self.assertEqual(found, {b"n%05d" % i: b"value %d " % i + b"y" * 200 for i in range(4000)})
