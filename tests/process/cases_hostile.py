"""Bytes nobody should send: the connection ends or gets a typed error, others are served, memory stays bounded."""

import random
import socket
import struct
import time
import unittest

from client import *  # noqa: F403
from harness import PATIENCE_S, SANITIZER, Workspace, wait_until

# A claim of 2 GB that was believed would show; buffers and caches stay far below, sanitizers' shadows too.
GROWTH_KIB = (64 if SANITIZER == "none" else 512) * 1024


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon(limits__handshake_timeout="500 ms", limits__frame_timeout="1 s").start()
        with Store(cls.daemon.client_port) as store:
            store.put(PutRequest(table="default", key=b"witness", value=b"unharmed", overwrite=True))

    def setUp(self):
        self.before = self.daemon.resident_kib()

    def tearDown(self):
        self.served()
        growth = self.daemon.resident_kib() - self.before
        self.assertLess(growth, GROWTH_KIB, "memory grew by %d KiB" % growth)

    def served(self):
        self.assertTrue(self.daemon.alive(), self.daemon.log()[-4000:])
        for protocol in ("binary", "compact"):
            with Store(self.daemon.client_port, protocol) as store:
                self.assertEqual(store.get(GetRequest(table="default", key=b"witness")).values[0].value, b"unharmed")

    def connect(self):
        out = raw_connection(self.daemon.client_port)
        self.addCleanup(out.close)
        return out

    def ends(self, data, closed=True):
        """Sends bytes; gives the answer. The server must close, or answer when `closed` is false."""
        connection = self.connect()
        try:
            connection.sendall(data)
        except ConnectionError:
            return b""
        if closed:
            return read_all(connection)
        head = connection.recv(4)
        return head

    def test_other_protocols(self):
        hello = bytes.fromhex("16030102000100") + bytes(505)
        for name, data in (("http", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("tls", hello), ("redis", b"*1\r\n$4\r\nPING\r\n"),
                           ("ssh", b"SSH-2.0-OpenSSH_9.2\r\n"), ("unframed binary", binary_call("hello", b"\0")),
                           ("unframed compact", b"\x82\x21\x01\x05hello\0"), ("zeros", bytes(64)), ("ones", b"\xff" * 64)):
            with self.subTest(name):
                self.assertLess(len(self.ends(data)), 1000)

    def test_frame_sizes_that_lie(self):
        for size in (0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 256 * 1024 * 1024, 17 * 1024 * 1024):
            with self.subTest(size=size):
                self.ends(struct.pack(">I", size) + b"\x80\x01\x00\x01")

    def test_an_empty_frame(self):
        self.ends(frame(b""))

    def test_twenty_bytes_that_claim_two_gigabytes(self):
        request = b"\x0c\x00\x01"
        claims = {
            "name": frame(binary_call("", bytes(4), length=0x7FFFFFFF)),
            "table": frame(binary_call("get", request + b"\x0b\x00\x01" + struct.pack(">I", 0x7FFFFFFF))),
            "key": frame(binary_call("get", request + b"\x0b\x00\x02" + struct.pack(">I", 0x7FFFFFF0))),
            "negative": frame(binary_call("get", request + b"\x0b\x00\x02" + struct.pack(">i", -1))),
            "list": frame(binary_call("multi_get", request + b"\x0f\x00\x02\x0b" + struct.pack(">I", 0x7FFFFFFF))),
            "list of structs": frame(binary_call("multi_put", request + b"\x0f\x00\x02\x0c" + struct.pack(">I", 0x7FFFFFFF))),
            "unknown map": frame(binary_call("get", request + b"\x0d\x00\x63\x0b\x0b" + struct.pack(">I", 0x7FFFFFFF))),
            "unknown list of bytes": frame(binary_call("get", request + b"\x0f\x00\x63\x03" + struct.pack(">I", 0x7FFFFFFF))),
            "compact name": frame(b"\x82\x21\x01\xff\xff\xff\xff\x07"),
            "compact key": frame(b"\x82\x21\x01\x03get\x1c\x28\xff\xff\xff\xff\x07"),
            "compact list": frame(b"\x82\x21\x01\x09multi_get\x1c\x29\xf8\xff\xff\xff\xff\x07"),
        }
        for name, data in claims.items():
            with self.subTest(name):
                for _ in range(20):
                    connection = self.connect()
                    connection.sendall(data)
                    connection.recv(4096)
                    connection.close()

    def test_nesting_deeper_than_any_request(self):
        for depth in (100, 10_000, 1_000_000):
            with self.subTest(depth=depth):
                self.ends(frame(binary_call("get", b"\x0c\x00\x63" * depth)))
                self.ends(frame(b"\x82\x21\x01\x03get" + b"\x1c" * depth))

    def test_truncated_calls_of_every_length(self):
        whole = binary_call("get", b"\x0c\x00\x01" + b"\x0b\x00\x01" + struct.pack(">I", 7) + b"default" + b"\x0b\x00\x02" +
                            struct.pack(">I", 1) + b"k" + b"\0\0")
        for cut in range(1, len(whole)):
            connection = self.connect()
            connection.sendall(frame(whole[:cut]))
            connection.recv(4096)
            connection.close()
        connection = self.connect()
        connection.sendall(frame(whole))
        self.assertEqual(len(connection.recv(4)), 4, "the whole call is answered")

    def test_an_unknown_call_is_said_and_the_connection_goes_on(self):
        connection = self.connect()
        connection.sendall(frame(binary_call("drop_everything", b"\0")) + frame(binary_call("hello", b"\x0c\x00\x01\0\0", 7)))
        def answer():
            size = struct.unpack(">I", self.exactly(connection, 4))[0]
            return self.exactly(connection, size)
        first, second = answer(), answer()
        self.assertEqual(first[3], 3, "an exception message")
        self.assertEqual(second[3], 2, "a reply")
        self.assertEqual(second[13:17], struct.pack(">I", 7))

    def exactly(self, connection, size):
        out = b""
        while len(out) < size:
            piece = connection.recv(size - len(out))
            self.assertTrue(piece, "closed after %d of %d bytes" % (len(out), size))
            out += piece
        return out

    def test_fields_nobody_knows_are_skipped(self):
        more = b"\x0b\x00\x63" + struct.pack(">I", 3) + b"new" + b"\x0f\x00\x64\x0a" + struct.pack(">I", 2) + bytes(16)
        body = (b"\x0c\x00\x01" + more + b"\x0b\x00\x01" + struct.pack(">I", 7) + b"default" + b"\x0b\x00\x02" +
                struct.pack(">I", 7) + b"witness" + b"\0\0")
        connection = self.connect()
        connection.sendall(frame(binary_call("get", body)))
        size = struct.unpack(">I", self.exactly(connection, 4))[0]
        self.assertIn(b"unharmed", self.exactly(connection, size))

    def test_random_bytes(self):
        chance = random.Random(20240229)
        for round_ in range(150):
            data = chance.randbytes(chance.randrange(1, 400))
            if round_ % 3 == 0:
                data = frame(data)
            elif round_ % 3 == 1:
                data = frame(b"\x80\x01\x00\x01" + data)
            connection = self.connect()
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            read_all(connection)
            connection.close()

    def test_valid_calls_with_flipped_bits(self):
        chance = random.Random(7)
        whole = binary_call("put", b"\x0c\x00\x01" + b"\x0b\x00\x01" + struct.pack(">I", 7) + b"default" + b"\x0b\x00\x02" +
                            struct.pack(">I", 4) + b"flip" + b"\x0b\x00\x03" + struct.pack(">I", 5) + b"value" + b"\0\0")
        for _ in range(300):
            damaged = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                at = chance.randrange(len(damaged))
                damaged[at] ^= 1 << chance.randrange(8)
            connection = self.connect()
            connection.sendall(frame(bytes(damaged)))
            connection.shutdown(socket.SHUT_WR)
            read_all(connection)
            connection.close()

    def test_slow_senders_are_closed_and_cost_nobody(self):
        slow = [self.connect() for _ in range(20)]
        for connection in slow:
            connection.sendall(b"\0")
        self.served()
        self.assertEqual(read_all(slow[0]), b"", "closed by the handshake timeout")
        for connection in slow[1:]:
            read_all(connection)

    def test_a_sender_that_stalls_in_a_later_frame_is_closed(self):
        connection = self.connect()
        connection.sendall(frame(binary_call("hello", b"\x0c\x00\x01\0\0")))
        size = struct.unpack(">I", self.exactly(connection, 4))[0]
        self.exactly(connection, size)
        connection.sendall(struct.pack(">I", 1000) + b"\x80\x01\x00\x01")
        self.assertEqual(read_all(connection), b"")

    def test_a_trickle_does_not_keep_a_frame_alive(self):
        connection = self.connect()
        connection.sendall(struct.pack(">I", 100_000))
        end = time.monotonic() + PATIENCE_S
        with self.assertRaises(OSError):
            while time.monotonic() < end:
                connection.sendall(b"x")
                time.sleep(0.05)

    def test_half_open_connections_get_their_answer(self):
        connection = self.connect()
        connection.sendall(frame(binary_call("hello", b"\x0c\x00\x01\0\0")))
        connection.shutdown(socket.SHUT_WR)
        self.assertIn(b"equal_partitions", read_all(connection), "who stops sending may still read")

    def test_a_reader_that_never_reads_costs_bounded_memory(self):
        with Store(self.daemon.client_port) as store:
            store.multi_put(MultiPutRequest(table="default", items=[
                PutItem(key=b"big%d" % i, value=bytes(10_000), overwrite=True) for i in range(100)]))
        keys = b"".join(struct.pack(">I", len(key)) + key for key in (b"big%d" % i for i in range(100)))
        body = (b"\x0c\x00\x01" + b"\x0b\x00\x01" + struct.pack(">I", 7) + b"default" + b"\x0f\x00\x02\x0b" +
                struct.pack(">I", 100) + keys + b"\0\0")
        call = frame(binary_call("multi_get", body))
        connection = self.connect()
        connection.settimeout(2)
        sent = 0
        try:
            for _ in range(400):  # asks for 400 MB and takes none
                connection.sendall(call)
                sent += 1
        except OSError:
            pass
        self.served()

    def test_the_admin_port_is_as_careful(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, struct.pack(">I", 0x7FFFFFFF), frame(b"\x80\x01"),
                     frame(binary_call("status", b"\x0c\x00\x01" * 100_000)),
                     frame(binary_call("create_table", b"\x0c\x00\x01\x0b\x00\x01\x7f\xff\xff\xff"))):
            with self.subTest(data=data[:16]):
                connection = raw_connection(self.daemon.admin_port)
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                read_all(connection)
                connection.close()
        with Operator(self.daemon.admin_port) as operator:
            self.assertEqual(operator.status(admin.StatusRequest()).state, "serving")


class Crowds(unittest.TestCase):
    def test_connections_over_the_cap_are_refused_and_the_others_served(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(limits__connections=40, limits__handshake_timeout="30 s").start()
            with Store(daemon.client_port) as store:
                store.put(PutRequest(table="default", key=b"k", value=b"v"))
                crowd = []
                for _ in range(120):
                    try:
                        crowd.append(raw_connection(daemon.client_port))
                    except OSError:
                        pass
                for _ in range(20):
                    self.assertEqual(store.get(GetRequest(table="default", key=b"k")).values[0].value, b"v")
                open_ = 0
                for connection in crowd:
                    connection.settimeout(0.02)
                    try:
                        open_ += 0 if connection.recv(1) == b"" else 1
                    except socket.timeout:
                        open_ += 1
                    except ConnectionError:
                        pass
                self.assertLessEqual(open_, 40)
                self.assertGreaterEqual(open_, 30)
                for connection in crowd:
                    connection.close()

            def again():
                try:
                    with Store(daemon.client_port) as store:
                        return store.get(GetRequest(table="default", key=b"k")).values
                except Exception:
                    return None

            self.assertTrue(wait_until("room for a new connection", again))

    def test_one_address_cannot_take_all(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(limits__connections_per_address=10, limits__handshake_timeout="30 s").start()
            crowd = []
            for _ in range(30):
                try:
                    crowd.append(raw_connection(daemon.client_port))
                except OSError:
                    pass
            closed = 0
            for connection in crowd:
                connection.settimeout(0.05)
                try:
                    closed += 1 if connection.recv(1) == b"" else 0
                except socket.timeout:
                    pass
                except ConnectionError:
                    closed += 1
            self.assertGreaterEqual(closed, 20)
            for connection in crowd:
                connection.close()

    def test_idle_connections_are_closed(self):
        with Workspace() as workspace:
            daemon = workspace.daemon(limits__idle_timeout="300 ms").start()
            connection = raw_connection(daemon.client_port)
            connection.sendall(frame(binary_call("hello", b"\x0c\x00\x01\0\0")))
            self.assertIn(b"equal_partitions", read_all(connection))
            connection.close()
