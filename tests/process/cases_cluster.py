"""Three daemons as one store: quorums, deaths, pauses, restarts. Every case finds the same cluster whole."""

import time
import unittest

from client import *  # noqa: F403
from cluster import QUICK, SILENCE_S, Cluster, WholeCluster
from harness import BRIEF, Workspace, wait_until
from traffic import ALL, ONE_OWNER, TWO, Traffic, level, missing, value_of


class Serving(WholeCluster):
    def test_what_one_node_takes_at_two_is_read_at_two_from_every_other(self):
        with self.cluster.store(0) as store:
            answer = store.put(PutRequest(table="default", key=b"shared", value=b"v", options=TWO))
        self.assertGreaterEqual(answer.achieved.answered, 2)
        self.assertEqual((answer.achieved.needed, answer.achieved.replicas), (2, 3))
        for number in range(3):
            with self.cluster.store(number) as store:
                got = store.get(GetRequest(table="default", key=b"shared", options=TWO))
                self.assertEqual([version.value for version in got.values], [b"v"])
                self.assertGreaterEqual(got.achieved.answered, 2)
                self.assertEqual(got.achieved.epoch, answer.achieved.epoch)

    def test_tables_come_and_go_under_load_without_an_error(self):
        traffic = Traffic(self.cluster.stores(0, 1, 2), "tables")
        try:
            for round in range(3 if BRIEF else 10):
                name = "passing-%d" % round
                with self.cluster.operator(round % 3) as operator, self.cluster.store(round % 3) as store:
                    operator.create_table(admin.CreateTableRequest(name=name))
                    # At once, while the others may not have heard of it.
                    store.put(PutRequest(table=name, key=b"k", value=b"v", options=TWO))
                    got = store.get(GetRequest(table=name, key=b"k", options=TWO))
                    self.assertEqual([version.value for version in got.values], [b"v"])
                    operator.drop_table(admin.DropTableRequest(name=name))
        finally:
            traffic.join()
        self.assertEqual(traffic.errors, [])
        self.nothing_missing(0, traffic.acknowledged, TWO)

    def test_a_table_made_on_one_node_is_there_on_all(self):
        with self.cluster.operator(1) as operator:
            operator.create_table(admin.CreateTableRequest(name="made"))
        self.cluster.wait_table("made")
        for number in range(3):
            with self.cluster.store(number) as store:
                store.put(PutRequest(table="made", key=b"k%d" % number, value=b"v", options=TWO))
        for number in range(3):
            with self.cluster.store(number) as store:
                got = store.multi_get(MultiGetRequest(table="made", keys=[b"k0", b"k1", b"k2"], options=TWO))
                self.assertEqual([len(item.values) for item in got.items], [1, 1, 1])
        with self.cluster.operator(2) as operator:
            operator.drop_table(admin.DropTableRequest(name="made"))
        self.cluster.wait_no_table("made")
        for number in range(3):
            with self.cluster.store(number) as store, self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="made", key=b"k", value=b"v"))
            self.assertEqual(refused.exception.error_code, constants.ERROR_NOT_FOUND)

    def test_blind_puts_through_two_coordinators_are_siblings_until_a_write_saw_both(self):
        with self.cluster.store(0) as one, self.cluster.store(1) as other, self.cluster.store(2) as third:
            one.put(PutRequest(table="default", key=b"cart", value=b"milk", options=TWO))
            other.put(PutRequest(table="default", key=b"cart", value=b"eggs", options=TWO))
            both = third.get(GetRequest(table="default", key=b"cart", options=ALL))
            self.assertEqual(sorted(version.value for version in both.values), [b"eggs", b"milk"])
            third.put(PutRequest(table="default", key=b"cart", value=b"eggs, milk", context=both.context, options=TWO))
            for store in (one, other, third):
                got = store.get(GetRequest(table="default", key=b"cart", options=TWO))
                self.assertEqual([version.value for version in got.values], [b"eggs, milk"])

    def test_conditional_puts_through_two_coordinators_leave_what_was_stored(self):
        """Two may both be stored, as siblings: what is told as stored must be there, and nothing else."""
        for round_ in range(10):
            key = b"first-%d" % round_
            with self.cluster.store(0) as one, self.cluster.store(1) as other, self.cluster.store(2) as third:
                # Sent before either answer is read, so that they overlap.
                for store, name in ((one, b"one"), (other, b"other")):
                    store.send_put_if(PutIfRequest(table="default", key=key, value=name, expected=b"", options=TWO))
                stored = {name for store, name in ((one, b"one"), (other, b"other")) if store.recv_put_if().stored}
                self.assertTrue(stored)
                got = third.get(GetRequest(table="default", key=key, options=ALL))
                self.assertEqual({version.value for version in got.values}, stored)
                third.put(PutRequest(table="default", key=key, value=b"settled", context=got.context, options=TWO))
                got = one.get(GetRequest(table="default", key=key, options=TWO))
                self.assertEqual([version.value for version in got.values], [b"settled"])
                again = other.put_if(PutIfRequest(table="default", key=key, value=b"late", expected=b"", options=TWO))
                self.assertFalse(again.stored)

    def test_a_level_that_no_cluster_of_three_has(self):
        for options in (RequestOptions(consistency=Consistency(level=constants.LEVEL_COUNT, replicas=4)), level(constants.LEVEL_EACH_QUORUM)):
            with self.cluster.store(0) as store, self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="default", key=b"k", value=b"v", options=options))
            self.assertEqual(refused.exception.error_code, constants.ERROR_INVALID_REQUEST)
            self.assertRegex(refused.exception.detail, r"3|one data centre|no data centre|each_quorum")


class Failing(WholeCluster):
    settings = QUICK

    def goes_on(self, harm, mend, away_s):
        """Traffic through the two others at W = R = 2 while node 3 is away: no error, nothing lost, hints paid."""
        traffic = Traffic(self.cluster.stores(0, 0, 1, 1), self._testMethodName)
        try:
            wait_until("some hundred writes", lambda: len(traffic.acknowledged) > 200)
            before = len(traffic.acknowledged)
            harm()
            end = time.monotonic() + away_s
            wait_until("writes and hints without it", lambda: len(traffic.acknowledged) > before + 300 and
                       self.cluster.hints_owed_by(0, 1) > 0 and time.monotonic() > end)
            mend()
            back = len(traffic.acknowledged)
            wait_until("writes with it", lambda: len(traffic.acknowledged) > back + 100)
        finally:
            traffic.join()
        self.assertEqual(traffic.errors[:5], [], "%d errors" % len(traffic.errors))
        self.assertGreater(traffic.reads, 500)
        self.cluster.wait_settled()
        self.nothing_missing(2, traffic.acknowledged, ONE_OWNER)
        self.nothing_missing(0, traffic.acknowledged, TWO)

    def test_a_killed_node_is_not_missed_and_catches_up(self):
        self.goes_on(lambda: self.cluster.kill(2), lambda: self.cluster.restart(2), 2)

    def test_a_stopped_process_is_not_missed_and_catches_up(self):
        self.goes_on(lambda: self.cluster.pause(2), lambda: self.cluster.resume(2), 4 * SILENCE_S)

    def test_a_clean_stop_is_noticed_and_hinted(self):
        self.assertEqual(self.cluster.terminate(2), 0, self.cluster.daemons[2].log()[-2000:])
        keys = [b"stopped-%d" % number for number in range(50)]
        with self.cluster.store(0) as store:
            for key in keys:
                store.put(PutRequest(table="default", key=key, value=value_of(key), options=TWO))
        for number in (0, 1):
            wait_until("suspicion", lambda: self.cluster.standing(number, 2).state in ("suspect", "down"))
            self.assertIn("it says it stops", self.cluster.daemons[number].log(), "by its own word, not by its silence")
        self.assertGreater(self.cluster.hints_owed_by(0, 1), 0)
        self.cluster.restart(2)
        self.cluster.wait_settled()
        self.nothing_missing(2, keys, ONE_OWNER)

    def test_with_two_down_what_needs_one_goes_on_and_what_needs_two_is_unavailable(self):
        with self.cluster.store(0) as store:
            store.put(PutRequest(table="default", key=b"before", value=b"v", options=ALL))
        self.cluster.kill(1)
        self.cluster.kill(2)
        wait_until("both to be down", lambda: all(self.cluster.standing(0, of).state == "down" for of in (1, 2)))
        with self.cluster.store(0) as store:
            keys = [b"any-%d" % number for number in range(20)]
            for key in keys:
                store.put(PutRequest(table="default", key=key, value=value_of(key), options=level(constants.LEVEL_ANY)))
            wait_until("hints for both", lambda: all(self.cluster.standing(0, of).hints_owed >= len(keys) for of in (1, 2)))
            one = store.get(GetRequest(table="default", key=b"before", options=ONE_OWNER))
            self.assertEqual([version.value for version in one.values], [b"v"])
            calls = {"put": lambda options: store.put(PutRequest(table="default", key=b"two", value=b"v", options=options)),
                     "get": lambda options: store.get(GetRequest(table="default", key=b"before", options=options))}
            for name, call in calls.items():
                for strict in (True, False):
                    with self.subTest(name, strict=strict), self.assertRaises(StoreError) as refused:
                        call(level(constants.LEVEL_QUORUM, strict))
                    refusal = refused.exception
                    self.assertEqual(refusal.error_code, constants.ERROR_UNAVAILABLE, refusal.detail)
                    self.assertEqual((refusal.achieved.needed, refusal.achieved.replicas), (2, 3), refusal.detail)
                    self.assertRegex(refusal.detail, r"2 must answer, 1 of 3")
        self.cluster.restart(1)
        self.cluster.restart(2)
        self.cluster.wait_settled()
        for number in (1, 2):
            self.nothing_missing(number, keys, ONE_OWNER)

    def test_all_killed_at_once_lose_nothing(self):
        traffic = Traffic(self.cluster.stores(0, 1, 2), "all")
        wait_until("some hundred writes", lambda: len(traffic.acknowledged) > 300)
        for daemon in self.cluster.daemons:
            daemon.process.kill()
        acknowledged = list(traffic.join().acknowledged)
        self.assertEqual([what for _, what in traffic.errors if "gave" in what], [])
        for daemon in self.cluster.daemons:
            daemon.kill()
            daemon.launch()
        self.cluster.heal()
        for number in range(3):
            self.nothing_missing(number, acknowledged, TWO)


class Forming(unittest.TestCase):
    def test_four_nodes_from_the_last_to_the_seed_and_three_replicas_each(self):
        with Workspace() as workspace:
            cluster = Cluster(workspace, 4, "four").start([3, 1, 2, 0])
            self.assertEqual({status.epoch for status in cluster.statuses()}, {1})
            keys = [b"forwarded-%d" % number for number in range(200)]
            for number in range(4):
                with cluster.store(number) as store:
                    for key in keys[number::4]:
                        answer = store.put(PutRequest(table="default", key=key, value=value_of(key), options=TWO))
                        self.assertEqual(answer.achieved.replicas, 3)
            for number in range(4):
                # Every node is no replica of about a quarter of the keys: a dot names the replica that wrote.
                node = cluster.status(number).node
                with cluster.store(number) as store:
                    self.assertEqual(missing(store, keys, TWO)[:5], [])
                    taken = [store.get(GetRequest(table="default", key=key, options=TWO)).values[0].dot for key in keys[number::4]]
                passed_on = [dot for dot in taken if not dot.startswith(node)]
                self.assertTrue(0 < len(passed_on) < len(taken), (node, taken[:5]))
