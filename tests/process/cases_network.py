"""Three daemons with a network of their own each, whose cables are cut and mended, one way and both ways."""

import time
import unittest

from client import *  # noqa: F403
from cluster import QUICK, SILENCE_S, WholeCluster
from harness import BRIEF, wait_until
from traffic import ONE, ONE_OWNER, TWO, Traffic, value_of


class CutOff:
    """What is common to all: three nodes whose failures are judged by the detector of `settings`, and the case every detector must pass."""

    name = "parted"
    settings = QUICK
    cables = True

    def tearDown(self):
        self.network.heal()

    def goes_on(self, harm, mend, meanwhile=lambda: None):
        """The two others take and give at W = R = 2 without an error while node 3 is harmed; afterwards it holds everything.
        Its own clients may be refused, but never told what is not so."""
        traffic = Traffic(self.cluster.stores(0, 0, 1, 1), self._testMethodName)
        own = Traffic(self.cluster.stores(2), self._testMethodName + "-own")
        try:
            wait_until("some hundred writes", lambda: len(traffic.acknowledged) > 200 and len(own.acknowledged) > 20)
            harm()
            before = len(traffic.acknowledged)
            wait_until("hints", lambda: self.cluster.hints_owed_by(0, 1) > 0)
            wait_until("writes without it", lambda: len(traffic.acknowledged) > before + 500)
            meanwhile()
            mend()
        finally:
            traffic.join()
            own.join()
        self.assertEqual(traffic.errors[:5], [])
        self.assertEqual([what for _, what in own.errors if "gave" in what][:5], [])
        self.cluster.wait_settled()
        self.nothing_missing(2, traffic.acknowledged, ONE_OWNER)
        for number in range(3):
            self.nothing_missing(number, own.acknowledged, ONE_OWNER)

    def found(self, *states):
        return lambda: wait_until("the others to find it " + " or ".join(states), lambda: all(
            self.cluster.standing(at, 2).state in states for at in (0, 1)))

    def test_a_node_cut_off_is_not_missed_and_catches_up(self):
        def found_down():
            self.found("down")()
            for at, other in ((0, "n2"), (1, "n1")):
                seen = self.cluster.standing(at, 2)
                self.assertTrue(seen.against, "status says what speaks against it")
                wait_until("status to name the other witness", lambda: other in self.cluster.standing(at, 2).accused_by)

        self.goes_on(lambda: self.network.part([2], [0, 1]), self.network.heal, found_down)


class Parted(CutOff, WholeCluster):
    long = True  # begins before others (run.py)

    def test_a_node_that_hears_but_is_not_heard(self):
        self.goes_on(lambda: self.network.cut([2], [0, 1]), self.network.heal, self.found("suspect", "down"))

    def test_a_node_that_is_heard_but_does_not_hear(self):
        self.goes_on(lambda: self.network.cut([0, 1], [2]), self.network.heal, self.found("suspect", "down"))

    def test_two_that_do_not_hear_each_other_but_a_third_hears_both(self):
        """n1 and n3 are parted; each still makes two with n2."""
        traffic = Traffic(self.cluster.stores(0, 1, 2), self._testMethodName)
        try:
            wait_until("some hundred writes", lambda: len(traffic.acknowledged) > 200)
            self.network.part([0], [2])
            before = len(traffic.acknowledged)
            wait_until("writes without each other", lambda: len(traffic.acknowledged) > before + 500)
            time.sleep(3 * SILENCE_S)
        finally:
            traffic.join()
        self.assertEqual(traffic.errors[:5], [])
        self.network.heal()
        self.cluster.wait_settled()
        for number in (0, 1, 2):
            self.nothing_missing(number, traffic.acknowledged, ONE_OWNER)

    def test_what_the_one_that_was_cut_off_took_alone_reaches_all(self):
        self.network.part([2], [0, 1])
        wait_until("the others to be down", lambda: all(self.cluster.standing(2, of).state in ("suspect", "down") for of in (0, 1)))
        keys = [b"island-%d" % number for number in range(50)]
        with self.cluster.store(2) as store:
            for key in keys:
                store.put(PutRequest(table="default", key=key, value=value_of(key), options=ONE))
            with self.assertRaises(StoreError) as refused:
                store.put(PutRequest(table="default", key=b"two", value=b"v", options=TWO))
            self.assertIn(refused.exception.error_code, (constants.ERROR_UNAVAILABLE, constants.ERROR_TIMED_OUT), refused.exception.detail)
        self.network.heal()
        self.cluster.wait_settled()
        for number in (0, 1):
            self.nothing_missing(number, keys, ONE_OWNER)

    @unittest.skipIf(BRIEF, "cases_cluster does the same on loopback")
    def test_killed_and_started_again_under_load(self):
        self.goes_on(lambda: self.cluster.kill(2), lambda: self.cluster.restart(2))

    def test_restarted_in_order_under_load(self):
        self.goes_on(lambda: self.assertEqual(self.cluster.terminate(2), 0), lambda: self.cluster.restart(2))

    @unittest.skipIf(BRIEF, "cases_cluster does the same on loopback")
    def test_stopped_and_continued_under_load(self):
        self.goes_on(lambda: self.cluster.pause(2), lambda: self.cluster.resume(2))


@unittest.skipIf(BRIEF, "the detectors' contract suite runs there")
class PartedBySwim(CutOff, WholeCluster):
    settings = {"failure_detector__use": "swim", "failure_detector__swim__period": "300ms",
                "failure_detector__swim__probe_timeout": "150ms"}


@unittest.skipIf(BRIEF, "the detectors' contract suite runs there")
class PartedByPhiAccrual(CutOff, WholeCluster):
    settings = {"failure_detector__use": "phi_accrual", "failure_detector__phi_accrual__acceptable_pause": "1s",
                "failure_detector__phi_accrual__down_at_most": "4s", "failure_detector__phi_accrual__probe_every": "300ms"}
