"""ashlar verify, repair, scrub and errand: three real nodes whose replicas are made to differ, and what operators see of it."""

import os
import time
import unittest

from client import *  # noqa: F403
from cluster import WholeCluster
from harness import Cli, Workspace, wait_until
from traffic import ALL

FAR = "400 d"  # no round that nobody ordered begins while a case looks


class Repair(WholeCluster):
    """What is acknowledged stays in memory for an hour, so that kill -9 makes a node lose it, and nobody owes it anything."""

    long = True  # begins before others (run.py)
    settings = dict(repair__convergence_target=FAR, sync__mode="never", sync__write_interval="1 h")

    def cli(self, *numbers):
        admins = ",".join(self.cluster.daemons[number].admin_endpoint for number in numbers or range(3))
        return Cli(self.cluster.daemons[0], admin=admins)

    def plant(self, number, name, count=20):
        """Keys that all nodes took and one of them lost."""
        keys = [b"%s-%04d" % (name.encode(), at) for at in range(count)]
        with self.cluster.store(0 if number else 1) as store:
            for key in keys:
                store.put(PutRequest(table="default", key=key, value=b"value of " + key, options=ALL))
        self.cluster.kill(number)
        self.cluster.restart(number)
        self.cluster.wait_settled()
        return keys

    def held(self, number, key):
        """Whether a node holds a key, by its own word; nothing is repaired by asking."""
        code, answer = self.cli(0).json("key", "explain", key.decode())
        return next(replica["said"] for replica in answer["replicas"] if replica["name"] == "n%d" % (number + 1)) == "entry"

    def make_equal(self):
        def healed():
            self.cli()("repair")
            return self.cli()("verify").returncode == 0
        wait_until("equal replicas", healed)

    def test_equal_replicas_are_said_to_be_equal(self):
        with self.cluster.store(0) as store:
            store.put(PutRequest(table="default", key=b"same", value=b"v", options=ALL))
        self.make_equal()
        code, answer = self.cli().json("verify")
        self.assertEqual((code, answer["equal"], answer["keys_differing"], answer["left_out"]), (0, True, 0, ""))
        self.assertEqual([node["name"] for node in answer["nodes"]], ["n1", "n2", "n3"])
        for node in answer["nodes"]:
            self.assertEqual((node["kind"], node["state"], node["repair"]["partitions_failed"]), ("verify", "done", 0))
        self.assertGreater(sum(node["repair"]["partitions"] for node in answer["nodes"]), 0)
        shown = self.cli()("verify", "--table", "default")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn(b"all replicas are equal", shown.stdout)

    def test_each_partition_is_compared_once_when_all_nodes_are_asked(self):
        self.make_equal()
        code, one = self.cli(0).json("verify")
        code, all_three = self.cli().json("verify")
        # Every node owns everything here.
        self.assertEqual(sum(node["repair"]["partitions"] for node in all_three["nodes"]), one["nodes"][0]["repair"]["partitions"])

    def test_what_a_node_lost_is_found_left_by_a_dry_run_and_healed(self):
        self.make_equal()
        keys = self.plant(2, "lost")
        self.assertFalse(any(self.held(2, key) for key in keys[:3]), "kill -9 lost nothing: the case shows nothing")
        code, found = self.cli().json("verify")
        self.assertEqual((code, found["equal"]), (1, False))
        self.assertGreaterEqual(found["keys_differing"], len(keys))
        differing = {other["name"] for node in found["nodes"] for other in node["repair"]["replicas"] if other["keys"]}
        self.assertIn("n3", differing | {node["name"] for node in found["nodes"] if node["repair"]["replicas"]})

        done = self.cli()("repair", "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"keys differ", done.stdout)
        self.assertFalse(any(self.held(2, key) for key in keys[:3]))

        code, healed = self.cli().json("repair")
        self.assertEqual(code, 0, healed)
        moved = sum(node["repair"]["entries_given"] + node["repair"]["entries_fetched"] for node in healed["nodes"])
        self.assertGreaterEqual(moved, len(keys))
        self.assertTrue(all(self.held(2, key) for key in keys))
        self.assertEqual(self.cli()("verify").returncode, 0)

    def test_one_node_asked_heals_what_it_owns_with_all_others(self):
        keys = self.plant(1, "single")
        code, healed = self.cli(0).json("repair", "--table", "default")
        self.assertEqual(code, 0, healed)
        self.assertEqual(healed["left_out"], "")
        self.assertTrue(all(self.held(1, key) for key in keys))

    def test_a_range_is_all_that_is_compared(self):
        self.make_equal()
        key = self.plant(2, "ranged", 1)[0]
        code, answer = self.cli(0).json("key", "explain", key.decode())
        first, last, token = (answer[name] for name in ("partition_first", "partition_last", "token"))
        above = "%016x" % (int(token, 16) + 1)
        code, beside = self.cli().json("verify", "--range", above + "..")
        self.assertEqual((code, beside["keys_differing"]), (0, 0))
        code, within = self.cli().json("verify", "--range", "%s..%s" % (first, last))
        self.assertEqual((code, within["keys_differing"] >= 1), (1, True))
        code, healed = self.cli().json("repair", "--range", "%s..%s" % (token, token))
        self.assertEqual(code, 0, healed)
        self.assertTrue(self.held(2, key))

    def test_the_convergence_age_falls_with_a_repair(self):
        self.make_equal()

        def age(number):
            table, = [table for table in self.cluster.status(number).convergence if table.table == "default"]
            return table.oldest_ms
        wait_until("an age of two seconds", lambda: age(0) >= 2000)
        began = time.monotonic()
        self.assertEqual(self.cli()("repair").returncode, 0)
        for number in range(3):
            # It would be two seconds more, had the repair proven nothing.
            told = age(number)
            self.assertLessEqual(told, (time.monotonic() - began) * 1000)
        shown = Cli(self.cluster.daemons[0])("status").stdout
        self.assertIn(b"CONVERGENCE AGE", shown)
        code, status = Cli(self.cluster.daemons[0]).json("status", "--counters")
        self.assertEqual(status["convergence_target_ms"], 400 * 24 * 3600 * 1000)
        self.assertEqual({table["never_proven"] for table in status["convergence"]}, {0})
        self.assertIn("repair_convergence_age_ms", status["counters"])

    def test_a_replica_that_is_down_is_named_and_nothing_is_called_equal(self):
        self.make_equal()
        self.cluster.kill(2)
        wait_until("n3 to be down", lambda: self.cluster.standing(0, 2).state == "down")
        code, answer = self.cli(0, 1).json("verify")
        self.assertEqual((code, answer["equal"]), (4, False))
        self.assertEqual({other["name"] for node in answer["nodes"] for other in node["repair"]["replicas"]}, {"n3"})
        self.assertTrue(all(other["silent"] for node in answer["nodes"] for other in node["repair"]["replicas"]))
        done = self.cli()("repair")
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"did not answer", done.stdout)

    def test_a_node_of_another_epoch_is_compared_once_it_has_caught_up(self):
        self.cluster.pause(2)
        try:
            with self.cluster.operator(0) as operator:
                operator.create_table(admin.CreateTableRequest(name="newer"))
        finally:
            self.cluster.resume(2)
        code = self.cli(0)("verify", "--table", "newer").returncode
        self.assertIn(code, (0, 4), "a table that is empty everywhere differs nowhere")
        wait_until("the table compared", lambda: self.cli()("verify", "--table", "newer").returncode == 0)

    def test_an_errand_is_followed_by_its_number(self):
        code, begun = self.cli(0).json("repair", "--no-wait")
        self.assertEqual(code, 0)
        number = begun["nodes"][0]["errand"]
        self.assertGreater(number, 0)
        code, watched = self.cli(0, 1).json("errand", "watch", str(number))
        self.assertEqual((code, [node["name"] for node in watched["nodes"]]), (0, ["n1"]))
        self.assertEqual((watched["nodes"][0]["kind"], watched["nodes"][0]["state"]), ("repair", "done"))
        code, listed = self.cli().json("errand", "list")
        self.assertIn((number, "n1"), [(errand["errand"], errand["name"]) for errand in listed["errands"]])
        self.assertEqual(self.cli(0)("errand", "cancel", str(number)).returncode, 0, "what is over needs no cancelling")
        for verb in ("watch", "cancel"):
            done = self.cli()("errand", verb, "7")
            self.assertEqual(done.returncode, 5)
            self.assertIn(b"errand list", done.stderr)

    def test_mistakes_are_refused_in_words(self):
        for arguments, code, word in (
                (("verify", "--table", "nosuch"), 5, b"nosuch"),
                (("repair", "--dc", "nosuch"), 2, b"nosuch"),
                (("repair", "--range", "1..2"), 2, b"16 hex digits"),
                (("repair", "--range", "0000000000000002..0000000000000001"), 1, b"before it begins"),
                (("verify", "--dry-run"), 2, b"--dry-run"),
                (("errand", "watch", "x"), 2, b""),
                (("errand",), 2, b"")):
            done = self.cli(0)(*arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(word, done.stderr)
        done = Cli(self.cluster.daemons[0], admin="127.0.0.1:1")("verify")
        self.assertEqual(done.returncode, 3)
        with self.cluster.operator(0) as operator:
            for request in (admin.RepairRequest(first="x"), admin.RepairRequest(first="0" * 17), admin.RepairRequest(last="")):
                with self.assertRaises(StoreError) as refused:
                    operator.repair(request)
                self.assertEqual(refused.exception.error_code, constants.ERROR_INVALID_REQUEST)


class Alone(unittest.TestCase):
    def test_a_ring_of_one_has_nothing_to_compare(self):
        workspace = Workspace()
        self.addCleanup(workspace.close)
        cli = Cli(workspace.daemon("alone").start())
        code, answer = cli.json("verify")
        self.assertEqual((code, answer["keys_differing"]), (0, 0))
        self.assertIn(b"nothing to compare", cli("repair").stdout)


class KeptTrees(WholeCluster):
    """What the hash trees knew is known again after a clean stop, and after no other."""

    settings = dict(repair__convergence_target=FAR, repair__keys_per_bucket=16, partitioner__equal_partitions__partitions=4)

    def verify(self):
        done = Cli(self.cluster.daemons[0], admin=",".join(d.admin_endpoint for d in self.cluster.daemons))("verify")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_clean_start_scans_nothing_and_one_after_a_crash_scans_anew(self):
        with self.cluster.store(0) as store:
            for at in range(600):
                store.put(PutRequest(table="default", key=b"kept-%04d" % at, value=b"v", options=ALL))
        self.verify()
        self.assertGreater(self.cluster.counter(0, "repair_scans"), 0)
        record = os.path.join(self.cluster.daemons[0].data, "trees")

        self.assertEqual(self.cluster.terminate(0), 0)
        self.assertTrue(os.path.exists(record))
        self.cluster.restart(0)
        self.assertFalse(os.path.exists(record))
        self.cluster.wait_settled()
        self.assertGreater(self.cluster.counter(0, "repair_buckets_kept"), 16)
        self.verify()
        self.assertEqual(self.cluster.counter(0, "repair_scans"), 0, self.cluster.daemons[0].log())

        self.cluster.kill(0)
        self.cluster.restart(0)
        self.cluster.wait_settled()
        self.assertIn("hash trees begin stale: the last stop was not clean", self.cluster.daemons[0].log())
        self.verify()
        self.assertGreater(self.cluster.counter(0, "repair_scans"), 0)
