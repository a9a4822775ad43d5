"""A node whose disk is lost, and blocks that rot: both are filled from the other replicas, and no client notices.

ASHLAR_TEST_ENTRIES sets how many entries are there before (20,000; a soak by hand takes 1,000,000).
"""

import os
import shutil
import threading
import unittest

from client import *  # noqa: F403
from cluster import Cluster
from harness import BRIEF, Workspace, wait_until
from traffic import TWO, Traffic, missing, value_of

ENTRIES = int(os.environ.get("ASHLAR_TEST_ENTRIES", "4000" if BRIEF else "20000"))
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
                items = [PutItem(key=key, value=value_of(key)) for key in part[at:at + 200]]
                answer = store.multi_put(MultiPutRequest(table="default", items=items, options=TWO))
                failures.extend(item.detail for item in answer.items if item.status != constants.STATUS_OK)

    workers = [threading.Thread(target=put, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failures


class Wiped(unittest.TestCase):
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
            # Read through the empty one, at once: what it has not got yet the others answer.
            for number in range(3):
                with cluster.store(number) as store:
                    lost = missing(store, before[::7] + traffic.acknowledged, TWO)
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


if __name__ == "__main__":
    unittest.main()
