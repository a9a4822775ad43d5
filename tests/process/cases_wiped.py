"""A node whose disk is lost, and blocks that rot: both are filled from the other replicas, and no client notices.

ASHLAR_TEST_ENTRIES sets how many entries are there before (20,000; a soak by hand takes 1,000,000).
"""

import os
import shutil
import threading
import time
import unittest

from client import *  # noqa: F403
from cluster import Cluster
from harness import BRIEF, Cli, Workspace, wait_until
from traffic import TWO, Traffic, missing, value_of

ENTRIES = int(os.environ.get("ASHLAR_TEST_ENTRIES", "4000" if BRIEF else "20000"))
TABLE_FILES = "table-"
# What an entry's bytes are beside its key and value: head, context, one version's dot and times.
ENTRY_OVERHEAD = 64
ALL = RequestOptions(consistency=Consistency(level=constants.LEVEL_ALL))
# Long enough for a restart, short enough for a test; the detectors condemn within seconds.
SETTINGS = {"cluster__take_home_after": "2 s"}


def filled_keys(count):
    return [b"before-%08d" % number for number in range(count)]


def fill(cluster, keys, threads=3):
    """Puts all of them at W = 2, a part through each node."""
    failures = []

    def put(number):
        with cluster.store(number % len(cluster)) as store:
            part = keys[number::threads]
            for at in range(0, len(part), 200):
                left = part[at:at + 200]
                while left:
                    items = [PutItem(key=key, value=value_of(key)) for key in left]
                    answer = store.multi_put(MultiPutRequest(table="default", items=items, options=TWO))
                    failures.extend(item.detail for item in answer.items
                                    if item.error_code not in (None, constants.ERROR_OVERLOADED))
                    # What met a bound is asked again, as any client should.
                    left = [key for key, item in zip(left, answer.items) if item.error_code == constants.ERROR_OVERLOADED]
                    time.sleep(0.1 if left else 0)

    workers = [threading.Thread(target=put, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failures


class Wiped(unittest.TestCase):
    long = True  # begins before others (run.py)

    def living_members(self, cluster, number):
        return [node for node in cluster.status(number).nodes if node.member and node.state in ("alive", "slow")]

    def at_home(self, cluster):
        return all(cluster.status(number).epoch >= 2 and len(self.living_members(cluster, number)) == 3 for number in range(3))

    def test_a_node_whose_data_directory_is_gone_takes_its_place_again_and_no_client_sees_an_error(self):
        with Workspace() as workspace:
            cluster = Cluster(workspace, 3, **SETTINGS).start()
            before = filled_keys(ENTRIES)
            self.assertEqual(fill(cluster, before)[:3], [])
            traffic = Traffic(cluster.stores(0, 1), "meanwhile")
            try:
                wait_until("some writes", lambda: len(traffic.acknowledged) > 100)
                cluster.kill(2)
                shutil.rmtree(cluster.daemons[2].data)
                cluster.restart(2)
                wait_until("the old place", lambda: self.at_home(cluster))
                count = len(traffic.acknowledged)
                wait_until("more writes", lambda: len(traffic.acknowledged) > count + 200)
            finally:
                traffic.join()
            # What was under way at the kill may wait until the detectors agree, and is answered then.
            self.assertEqual(traffic.errors[:5], [])
            # It refills by itself: once it counts again everywhere, all three answer for every key.
            everything = before + traffic.acknowledged
            wait_until("a node that answers for all it owns", lambda: self.answers_for_all(cluster, everything[::97]),
                       patience_s=300)
            moved = sum(cluster.counter(number, name) for number in range(3) for name in ("repair_bytes_fetched", "repair_bytes_given"))
            share = sum(len(key) + len(value_of(key)) + ENTRY_OVERHEAD for key in everything)
            self.assertLess(moved, 1.2 * share, "bytes of entries that rounds of anti-entropy moved, against its share")
            for number in range(3):
                with cluster.store(number) as store:
                    left = everything
                    # All of three must answer: a link that is full for a moment refuses some of so many at once.
                    for _ in range(10):
                        lost = missing(store, left, ALL)
                        left = [key for key, _ in lost]
                    self.assertEqual(lost[:5], [], "%d of %d differ, asked through n%d" % (len(lost), len(everything), number + 1))

    def answers_for_all(self, cluster, keys):
        with cluster.store(2) as store:
            return not missing(store, keys, ALL)

    def test_what_it_has_not_got_yet_the_others_answer(self):
        with Workspace() as workspace:
            cluster = Cluster(workspace, 3, **SETTINGS).start()
            before = filled_keys(2000)
            self.assertEqual(fill(cluster, before)[:3], [])
            cluster.kill(2)
            shutil.rmtree(cluster.daemons[2].data)
            cluster.restart(2)
            wait_until("the old place", lambda: self.at_home(cluster))
            # Read through the empty one, at once: what it has not got yet the others answer.
            for number in range(3):
                with cluster.store(number) as store:
                    lost = missing(store, before, TWO)
                    self.assertEqual(lost[:5], [], "%d are missing through n%d" % (len(lost), number + 1))

    def test_who_returns_with_its_disk_after_its_place_was_taken_says_so(self):
        with Workspace() as workspace:
            cluster = Cluster(workspace, 3, **SETTINGS).start()
            self.assertEqual(fill(cluster, filled_keys(300))[:3], [])
            cluster.kill(2)
            data = cluster.daemons[2].data
            os.rename(data, data + ".old")
            cluster.restart(2)
            wait_until("the old place", lambda: self.at_home(cluster))
            cluster.kill(2)
            os.rename(data, data + ".new")
            os.rename(data + ".old", data)
            cluster.restart(2)
            wait_until("its word", lambda: "empty data directory" in (cluster.status(2).problem or ""))
            with cluster.store(2) as store:  # it passes on what it is asked
                self.assertEqual(missing(store, filled_keys(300), RequestOptions(
                    consistency=Consistency(level=constants.LEVEL_ONE))), [])


class Rot(unittest.TestCase):
    def flip(self, path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x10]))

    def test_a_block_that_rots_is_healed_from_the_others(self):
        with Workspace() as workspace:
            cluster = Cluster(workspace, 3, **SETTINGS, storage_engine__lsm__memtable_bytes="64 KiB").start()
            keys = filled_keys(3000)
            self.assertEqual(fill(cluster, keys)[:3], [])
            engine = os.path.join(cluster.daemons[1].data, "engine")
            tables = lambda: sorted(name for name in os.listdir(engine) if name.startswith(TABLE_FILES))
            wait_until("table files", lambda: len(tables()) > 0)
            cluster.terminate(1)
            # In the middle of the largest: not where hints lie, which only this node may know of.
            name = max((os.path.join(engine, table) for table in tables()), key=os.path.getsize)
            self.flip(name, os.path.getsize(name) // 2)
            cluster.restart(1)
            cluster.wait_settled()
            cli = Cli(cluster.daemons[1])
            code, found = cli.json("scrub")
            # It waits for the refill; unless a read has met the block before.
            self.assertEqual((code, {bad["healing"] for bad in found["bad"]} - {"refilled"}), (0, set()), found)
            wait_until("a block given up", lambda: cluster.counter(1, "blocks_given_up") > 0)
            with cluster.store(1) as store:
                wait_until("a healed block", lambda: not missing(store, keys, ALL), patience_s=120)
            code, found = cli.json("scrub")
            self.assertEqual((code, found["bad"]), (0, []))


if __name__ == "__main__":
    unittest.main()
