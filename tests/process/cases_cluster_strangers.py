"""Who does not belong to a cluster and comes to its ports: refused, counted, told of, and nobody else notices."""

import contextlib
import os
import random
import struct
import unittest

import zmtp
from client import *  # noqa: F403
from cluster import WholeCluster
from harness import SANITIZER, Workspace, wait_until
from traffic import Traffic

# A claim of 2 GB that was believed would show; sanitizers' shadows stay below too.
GROWTH_KIB = (64 if SANITIZER == "none" else 512) * 1024

# A node's frame begins "ASH1", length, checksum, then protocol, cluster, node, life.
MAGIC = b"ASH1"


def node_frame(body, length=None, checksum=0):
    return MAGIC + struct.pack("<IQ", len(body) if length is None else length, checksum) + body


GARBAGE = {
    "zeros": bytes(64),
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "tls": bytes.fromhex("16030102000100") + bytes(505),
    "noise": random.Random(7).randbytes(5000),
    "a giant frame": node_frame(b"\1" * 21, length=0x7FFFFFFF),
    "the greatest frame": node_frame(b"\1" * 21, length=0xFFFFFFFF),
    "an empty frame": node_frame(b""),
    "a wrong checksum": node_frame(b"\1" * 100),
}


class Expecting(unittest.TestCase):
    def test_nodes_that_expect_different_numbers_name_each_other_and_form_once_they_agree(self):
        with Workspace() as workspace:
            def node(name, **more):
                return workspace.daemon(name, cluster__name="odd", listen__peers="127.0.0.1:0",
                                        listen__background="127.0.0.1:0", **more).start()

            def status(daemon):
                with Operator(daemon.admin_port) as operator:
                    return operator.status(admin.StatusRequest())

            def says(daemon, words):
                wait_until("a status that says '%s'" % words, lambda: words in status(daemon).problem)
                wait_until("a line that says it", lambda: words in daemon.log())

            first = node("first", cluster__expect=2)
            second = node("second", cluster__expect=3, cluster__seeds="127.0.0.1:%d" % first.background_port)
            says(first, "expects 3 nodes, this node 2: make cluster.expect equal")
            says(second, "expects 2 nodes, this node 3: make cluster.expect equal")
            self.assertIn("no first ring is made: second (", first.log())
            self.assertEqual((status(first).epoch, status(second).epoch), (0, 0))
            self.assertEqual(second.terminate(), 0)
            second.settings["cluster.expect"] = 2
            second.start()
            wait_until("a ring of two", lambda: status(first).epoch == 1 and status(second).epoch == 1)
            late = node("late", cluster__expect=2, cluster__seeds="127.0.0.1:%d" % first.background_port)
            says(late, "the cluster has a ring of 2 nodes (epoch 1) and this node is not among them")


class Strangers(WholeCluster):
    def setUp(self):
        """Whatever happens to the ports, clients write and read at two of three meanwhile, without an error."""
        super().setUp()
        self.node = self.cluster.daemons[0]
        self.before = self.node.resident_kib()
        self.traffic = Traffic(self.cluster.stores(0, 1, 2), self.id().rsplit(".", 1)[1])
        wait_until("traffic", lambda: len(self.traffic.acknowledged) > 30)

    def tearDown(self):
        count = len(self.traffic.acknowledged)
        wait_until("more traffic", lambda: len(self.traffic.acknowledged) > count + 30 or self.traffic.errors)
        self.assertEqual(self.traffic.join().errors[:5], [])
        for daemon in self.cluster.daemons:
            self.assertTrue(daemon.alive(), daemon.log()[-3000:])
        growth = self.node.resident_kib() - self.before
        self.assertLess(growth, GROWTH_KIB, "memory grew by %d KiB" % growth)
        self.cluster.wait_settled()

    def counted(self, *names):
        return sum(self.cluster.counter(0, name) for name in names)

    def is_refused(self, stranger, told, *words):
        """A line of the node it came to names all the words; it became no member of anything; its own status says
        what it waits for, and what it was told."""
        try:
            wait_until("a refusal that says " + ", ".join(words), lambda: any(
                all(word in line for word in words) for line in self.node.log().splitlines()), 20)
        except AssertionError as vain:
            raise AssertionError("%s\n%s" % (vain, self.node.log()[-3000:]))
        for number in range(3):
            self.assertEqual(sum(node.member for node in self.cluster.status(number).nodes), 3)
        with Operator(stranger.admin_port) as operator:
            self.assertEqual(operator.status(admin.StatusRequest()).epoch, 0, "it has no ring")
            for piece in ("1 of 3 nodes of cluster.expect are here", *told):
                wait_until("a status that says '%s'" % piece, lambda: piece in operator.status(admin.StatusRequest()).problem)
        stranger.kill()

    def test_a_node_of_another_cluster(self):
        stranger = self.cluster.newcomer("stranger", cluster__name="foreign", cluster__expect=3).start()
        self.is_refused(stranger, ("none of cluster.seeds", "cluster.name"), "foreign", "play")

    def test_a_node_with_another_partitioner(self):
        stranger = self.cluster.newcomer("orderly", partitioner__use="ordered", cluster__expect=3).start()
        self.is_refused(stranger, ("turned away: node ", "partitioner is ordered", "equal_partitions"), "orderly", "ordered",
                        "equal_partitions")

    def test_noise_on_the_port_for_peers(self):
        before = self.counted("peer_link_refused_malformed")
        for name, data in GARBAGE.items():
            with self.subTest(name):
                connection = raw_connection(self.node.peer_port)
                connection.sendall(data)
                self.assertLess(len(read_all(connection)), 1000)
                connection.close()
        self.assertEqual(self.counted("peer_link_refused_malformed") - before, len(GARBAGE))

    def test_who_says_nothing_or_half_of_it_on_the_port_for_peers(self):
        before = self.counted("peer_link_closed_no_greeting")
        silent = [raw_connection(self.node.peer_port) for _ in range(40)]
        for connection in silent[20:]:
            connection.sendall(node_frame(b"\1" * 50, length=1000))
        for connection in silent:
            self.assertEqual(read_all(connection), b"", "closed without a word")
            connection.close()
        self.assertEqual(self.counted("peer_link_closed_no_greeting") - before, len(silent))

    def test_more_connections_than_one_address_may_have(self):
        many = []
        try:
            for _ in range(400):
                many.append(raw_connection(self.node.peer_port))
            wait_until("refusals", lambda: self.counted("peer_link_refused_connections_per_address") > 100)
        finally:
            for connection in many:
                connection.close()

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.node.process.pid))

    def test_more_connections_than_one_address_may_have_on_the_background_port(self):
        before = self.descriptors()
        many = []
        try:
            for _ in range(600):
                # One that is refused may be reset before it knows that it is connected.
                with contextlib.suppress(OSError):
                    many.append(raw_connection(self.node.background_port))
            wait_until("refusals", lambda: self.counted("background_refused_connections_per_address") > 100)
            wait_until("the rest to be closed", lambda: self.descriptors() < before + 300)
        finally:
            for connection in many:
                connection.close()

    def sends_without_end(self, piece):
        """What got out before it was refused."""
        connection = zmtp.dealer(self.node.background_port)
        sent = 0
        with self.assertRaises(ConnectionError):
            while sent < 1 << 30:
                connection.sendall(piece)
                sent += len(piece)
        connection.close()
        return sent

    def test_a_message_without_end_on_the_background_port(self):
        before = self.counted("background_refused_unread")
        self.sends_without_end(zmtp.piece(bytes(1000000), more=True))
        self.sends_without_end(zmtp.piece(bytes(1000), more=True) * 100)
        wait_until("two refusals", lambda: self.counted("background_refused_unread") == before + 2)

    def test_a_message_of_endless_empty_parts_on_the_background_port(self):
        """Two bytes, of which ZeroMQ makes 64: 8 MiB may wait from one address, and what comes between two looks."""
        before = self.counted("background_refused_unread")
        self.sends_without_end(b"\x01\x00" * 50000)
        wait_until("a refusal", lambda: self.counted("background_refused_unread") > before)
        self.assertLess(self.node.resident_kib() - self.before, 8 * GROWTH_KIB)
        # The allocator keeps what it was freed.
        self.before = self.node.resident_kib()

    def test_noise_on_the_background_port(self):
        connections = []
        for data in GARBAGE.values():
            connections.append(raw_connection(self.node.background_port))
            connections[-1].sendall(data)
        for connection in connections:
            # ZeroMQ ends a handshake that does not come about, at its own time.
            self.assertLess(len(read_all(connection)), 1000)
            connection.close()

    def test_messages_of_nobody_on_the_background_port(self):
        before = self.counted("background_refused_malformed")
        for name, data in GARBAGE.items():
            with self.subTest(name):
                connection = zmtp.dealer(self.node.background_port)
                connection.sendall(zmtp.piece(data))
                connection.sendall(zmtp.piece(b"part", more=True) + zmtp.piece(data))
                self.addCleanup(connection.close)
        wait_until("all to be counted", lambda: self.counted("background_refused_malformed") - before == 2 * len(GARBAGE))

    def test_hanging_up_on_a_node_that_sleeps(self):
        """When it wakes, messages, a heartbeat and the end of the connection lie there all at once (decision 014)."""
        for _ in range(5):
            visitors = [zmtp.dealer(self.node.background_port) for _ in range(20)]
            self.cluster.pause(0)
            for visitor in visitors:
                visitor.sendall((zmtp.piece(b"x" * 100) * 50 + zmtp.ping()) * 20)
                visitor.close()
            self.cluster.resume(0)
            wait_until("it to be awake", lambda: self.counted("background_accepted") > 0)

    def test_giant_messages_on_the_background_port(self):
        for length in (0x7FFFFFFF, 1 << 40, (1 << 64) - 1):
            connection = zmtp.dealer(self.node.background_port)
            connection.sendall(zmtp.piece(b"x" * 100, length=length))
            # Whatever it says before, it ends the connection.
            read_all(connection)
            connection.close()
