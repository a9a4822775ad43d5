"""Two data centres of three nodes each, and the cable between them: cut, both serve on; mended, they are equal."""

from client import *  # noqa: F403
from cluster import QUICK, WholeCluster
from harness import wait_until
from traffic import Traffic, level

EAST, WEST = (0, 1, 2), (3, 4, 5)
LOCAL_QUORUM = level(constants.LEVEL_LOCAL_QUORUM)
LOCAL_ONE = level(constants.LEVEL_LOCAL_ONE)
LOCAL_OWNER = level(constants.LEVEL_LOCAL_ONE, strict=True)
EACH_QUORUM = level(constants.LEVEL_EACH_QUORUM)


class TwoCentres(WholeCluster):
    name = "two"
    dcs = 2
    settings = QUICK
    cables = True

    def test_one_cut_off_whole_both_serve_local_levels_and_are_equal_after(self):
        with self.cluster.store(0) as store:
            answer = store.put(PutRequest(table="default", key=b"before", value=b"v", options=EACH_QUORUM))
            self.assertEqual(answer.achieved.replicas, 6)
        # Writers and readers at the quorum of their own side, and at one of it, on both sides.
        everything = [Traffic(self.cluster.stores(*nodes), name, options=options) for nodes, name, options in (
            (EAST[:2], "east", LOCAL_QUORUM), (WEST[:2], "west", LOCAL_QUORUM),
            (EAST[2:], "east-one", LOCAL_ONE), (WEST[2:], "west-one", LOCAL_ONE))]
        try:
            self.more(everything, 100)
            self.network.part(EAST, WEST)
            self.more(everything, 100)
            for at, of in ((0, 3), (3, 0), (1, 5), (4, 2)):
                wait_until("the other side to be down", lambda: self.cluster.standing(at, of).state == "down")
            self.more(everything, 300)
            with self.cluster.store(0) as store, self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="default", key=b"both", value=b"v", options=EACH_QUORUM))
            self.assertIn(refused.exception.error_code, (constants.ERROR_UNAVAILABLE, constants.ERROR_TIMED_OUT), refused.exception.detail)
            self.network.heal()
        finally:
            for traffic in everything:
                traffic.join()
        self.assertEqual([traffic.errors[:3] for traffic in everything], [[]] * 4, "each side serves its own levels")
        self.cluster.wait_settled()
        keys = [key for traffic in everything for key in traffic.acknowledged]
        for number in EAST + WEST:
            self.nothing_missing(number, keys, LOCAL_OWNER)

    def more(self, everything, count):
        before = [len(traffic.acknowledged) for traffic in everything]
        wait_until("%d more writes of each" % count, lambda: all(
            len(traffic.acknowledged) > many + count for traffic, many in zip(everything, before)))
