"""Values that merge: counters, sets, registers and maps through three real nodes and the command."""

import json
import threading

from client import *  # noqa: F403
from cluster import WholeCluster
from harness import Cli, wait_until
from traffic import TWO


def increment(by, mark=b"\xcdcrdt\x01"):
    """docs/crdt.md, for amounts below 64."""
    return mark + bytes([1, 0, 1, 2 * by if by >= 0 else -2 * by - 1])


class Merging(WholeCluster):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.cluster.operator(0) as operator:
            operator.create_table(admin.CreateTableRequest(name="merging", resolver="crdt"))
        cls.cluster.wait_table("merging")

    def cli(self, number, *words):
        return Cli(self.cluster.daemons[number])(*words, "-t", "merging")

    def ok(self, number, *words):
        done = self.cli(number, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def read(self, number, key):
        return self.ok(number, "get", key, "--level", "all")

    def test_the_command_changes_every_kind_through_every_node(self):
        for number in range(3):
            self.ok(number, "update", "hits", "--increment", str(number + 1))
            self.ok(number, "update", "cart", "--add", "n%d" % number, "--add", "milk")
            self.ok(number, "update", "ann", "--field", "name", "--assign", "Ann %d" % number, "--field", "visits", "--increment", "1",
                    "--field", "more/tags", "--add", "t%d" % number)
        self.ok(1, "update", "hits", "--increment", "-10")
        self.ok(2, "update", "cart", "--remove", "milk")
        self.ok(0, "update", "title", "--assign", "plain bytes")
        for number in range(3):
            self.assertEqual(self.read(number, "hits"), "-4")
            self.assertEqual(json.loads(self.read(number, "cart")), ["n0", "n1", "n2"])
            self.assertEqual(json.loads(self.read(number, "ann")), {
                "counters": {"visits": 3}, "registers": {"name": "Ann 2"}, "maps": {"more": {"sets": {"tags": ["t0", "t1", "t2"]}}}})
            self.assertEqual(self.read(number, "title"), "plain bytes")
        self.ok(0, "update", "ann", "--clear", "more")
        self.assertNotIn("maps", json.loads(self.read(1, "ann")))
        self.ok(2, "remove", "hits")
        self.assertEqual(self.cli(0, "get", "hits", "--level", "all").returncode, 5)

    def test_another_kind_no_step_and_a_time_to_live_are_refused(self):
        self.ok(0, "update", "kind", "--increment", "1")
        done = self.cli(0, "update", "kind", "--add", "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"holds a counter", done.stderr)
        self.assertEqual(self.cli(0, "update", "kind").returncode, 2)
        self.assertEqual(self.cli(0, "update", "kind", "--increment", "much").returncode, 2)
        with self.cluster.store(0) as store:
            with self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="merging", key=b"kind", value=increment(1), ttl_s=60))
            self.assertEqual(refused.exception.error_code, constants.ERROR_INVALID_REQUEST)
            with self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="merging", key=b"kind", value=b"\xcdcrdt\x01\x00"))
            self.assertEqual(refused.exception.error_code, constants.ERROR_INVALID_REQUEST)

    def test_increments_count_once_through_retries_and_restarts(self):
        options = RequestOptions(request_id=b"0123456789abcdef", consistency=TWO.consistency)
        with self.cluster.store(0) as store:
            for _ in range(3):
                store.put(PutRequest(table="merging", key=b"once", value=increment(5), options=options))
        self.assertEqual(self.read(1, "once"), "5")
        self.ok(0, "update", "once", "--increment", "1")
        self.cluster.terminate(0)
        self.cluster.restart(0)
        self.cluster.wait_settled()
        with self.cluster.store(0) as store:
            store.put(PutRequest(table="merging", key=b"once", value=increment(5), options=options))
        self.assertEqual(self.read(2, "once"), "6", "the id was taken into the sum, and is known")

    def test_increments_from_many_clients_add_up_while_a_node_is_killed(self):
        """What was acknowledged is counted once; what failed may have been, and then once, too."""
        acknowledged, failed, stop = [], [], threading.Event()

        def count(number):
            while not stop.is_set():
                try:
                    with self.cluster.store(number) as store:
                        while not stop.is_set():
                            store.put(PutRequest(table="merging", key=b"busy", value=increment(1), options=TWO))
                            acknowledged.append(number)
                except StoreError as refused:
                    if not refused.retry_safe:
                        failed.append(number)
                except Exception:
                    failed.append(number)
                    stop.wait(0.05)

        threads = [threading.Thread(target=count, args=(number,)) for number in (0, 1, 2, 0, 1, 2)]
        for thread in threads:
            thread.start()
        try:
            wait_until("some increments", lambda: len(acknowledged) > 300)
            self.cluster.kill(2)
            before = len(acknowledged)
            wait_until("increments without it", lambda: len(acknowledged) > before + 300)
            self.cluster.restart(2)
            before = acknowledged.count(2)
            wait_until("increments through it again", lambda: acknowledged.count(2) > before + 100)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.cluster.wait_settled()
        for number in range(3):
            total = int(self.read(number, "busy"))
            self.assertGreaterEqual(total, len(acknowledged))
            self.assertLessEqual(total, len(acknowledged) + len(failed))
        self.assertEqual({self.read(number, "busy") for number in range(3)}, {str(total)})

    def test_what_a_dead_node_missed_and_what_it_counted_itself_all_add_up(self):
        for number in range(3):
            self.ok(number, "update", "sum", "--increment", "10", "--level", "all")
        self.cluster.kill(2)
        for number in (0, 1):
            for _ in range(5):
                self.ok(number, "update", "sum", "--increment", "1")
        self.cluster.restart(2)
        self.cluster.wait_settled()
        self.ok(2, "update", "sum", "--increment", "100")
        for number in range(3):
            self.assertEqual(self.read(number, "sum"), "140")
        code, answer = Cli(self.cluster.daemons[0]).json("key", "explain", "sum", "-t", "merging")
        self.assertEqual(len({replica["entry"]["entry_hash"] for replica in answer["replicas"]}), 1, answer)
