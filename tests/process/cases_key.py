"""ashlar key explain: one key as three real nodes hold it."""

from client import *  # noqa: F403
from cluster import QUICK, WholeCluster
from harness import Cli, wait_until
from traffic import ALL, TWO


class Explain(WholeCluster):
    settings = QUICK

    def put(self, number, key, value, options, context=None):
        with self.cluster.store(number) as store:
            store.put(PutRequest(table="default", key=key, value=value, options=options, context=context))

    def get(self, number, key, options):
        with self.cluster.store(number) as store:
            return store.get(GetRequest(table="default", key=key, options=options))

    def cli(self, number):
        return Cli(self.cluster.daemons[number])

    def explain(self, number, key, *more):
        return self.cli(number).json("key", "explain", key, *more)

    def of(self, answer, number):
        return next(replica for replica in answer["replicas"] if replica["name"] == "n%d" % (number + 1))

    def test_equal_replicas_and_a_key_that_is_nowhere(self):
        self.put(0, b"equal", b"value", ALL)
        for number in range(3):
            code, answer = self.explain(number, "equal", "--strict")
            self.assertEqual(code, 0)
            self.assertEqual((answer["key"], answer["owners"], answer["hints_owed"], answer["resolver"]),
                             ("equal", 3, 0, "dotted_version_vector"))
            self.assertEqual([replica["rank"] for replica in answer["replicas"]], [1, 2, 3])
            self.assertEqual({replica["entry"]["entry_hash"] for replica in answer["replicas"]}, {answer["joined"]["entry_hash"]})
            version, = answer["joined"]["versions"]
            self.assertEqual((version["what"], version["writer"], version["value_bytes"]), ("value", "n1", 5))
            got = self.get(number, b"equal", TWO)
            self.assertEqual((version["dot"], version["written_us"]), (got.values[0].dot, got.values[0].written_us))
        shown = self.cli(1)("key", "explain", "equal").stdout.decode()
        for word in ("RANK", "owner", "alive", "1 value", "THROUGH", "HELD BY", "hints owed: 0", "read repair has nothing to do"):
            self.assertIn(word, shown)
        code, answer = self.explain(0, "nothing-here")
        self.assertEqual((code, [replica["said"] for replica in answer["replicas"]]), (5, ["nothing"] * 3))
        done = self.cli(0)("key", "explain", "k", "-t", "nosuch")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"nosuch", done.stderr)
        self.assertEqual(self.cli(0)("key", "explain").returncode, 2)

    def test_a_node_that_is_down_is_unreachable_and_owed_one_hint(self):
        self.cluster.kill(2)
        self.put(0, b"owed", b"value", TWO)

        def owed():
            code, answer = self.explain(1, "owed", "--timeout", "1s")
            return code == 0 and answer["hints_owed"] == 1 and self.of(answer, 2)["state"] == "down" and answer
        answer = wait_until("a hint for n3", owed)
        self.assertEqual(self.of(answer, 2)["said"], "unreachable")
        self.assertEqual(self.of(answer, 0)["owes"], ["n3"])
        self.assertEqual([self.of(answer, number)["said"] for number in (0, 1)], ["entry", "entry"])
        shown = self.cli(1)("key", "explain", "owed", "--timeout", "1s").stdout.decode()
        for word in ("owners that did not tell: n3 (unreachable)", "hints owed: 1, n1 to n3"):
            self.assertIn(word, shown)
        self.cluster.restart(2)
        self.cluster.wait_settled()
        code, answer = self.explain(2, "owed", "--strict")
        self.assertEqual((code, answer["hints_owed"], self.of(answer, 2)["said"]), (0, 0, "entry"))

    def test_siblings_and_tombstones(self):
        self.put(0, b"cart", b"milk", ALL)
        self.put(1, b"cart", b"eggs", ALL)
        code, answer = self.explain(2, "cart", "--strict")
        self.assertEqual(code, 6, "siblings")
        self.assertEqual(sorted((version["writer"], version["value_bytes"]) for version in answer["joined"]["versions"]), [("n1", 4), ("n2", 4)])
        self.assertEqual(sorted(part["name"] for part in answer["joined"]["clock"]), ["n1", "n2"])
        self.assertFalse(any(replica["read_repair"] for replica in answer["replicas"]))
        self.assertIn("2 siblings: ashlar get shows them", self.cli(0)("key", "explain", "cart").stdout.decode())
        seen = self.get(0, b"cart", ALL)
        with self.cluster.store(0) as store:
            store.remove(RemoveRequest(table="default", key=b"cart", context=seen.context, options=ALL))
        code, answer = self.explain(1, "cart", "--strict")
        version, = answer["joined"]["versions"]
        self.assertEqual((code, version["what"], version["value_bytes"], version["value_hash"]), (0, "removed", 0, ""))
        self.assertIn("1 tombstone", self.cli(0)("key", "explain", "cart").stdout.decode())

    def test_a_call_that_asks_for_what_cannot_be(self):
        bad = ((dict(table="default", key=b""), constants.ERROR_INVALID_REQUEST), (dict(table="nosuch", key=b"k"), constants.ERROR_NOT_FOUND),
               (dict(table="default", key=b"k", timeout_ms=0), constants.ERROR_INVALID_REQUEST),
               (dict(table="default", key=b"k", timeout_ms=60_001), constants.ERROR_INVALID_REQUEST))
        with self.cluster.operator(0) as operator:
            for request, code in bad:
                with self.subTest(request), self.assertRaises(StoreError) as refused:
                    operator.explain_key(admin.ExplainKeyRequest(**request))
                self.assertEqual(refused.exception.error_code, code)
            self.assertEqual(operator.explain_key(admin.ExplainKeyRequest(table="default", key=b"k", timeout_ms=500)).owners, 3)

    def test_bytes_that_are_no_text(self):
        key = bytes(range(256))
        self.put(0, key, b"\x00\xff", ALL)
        code, answer = self.explain(1, key.hex(), "--hex")
        self.assertEqual((code, "key" in answer, answer["joined"]["versions"][0]["value_bytes"]), (0, False, 2))
        done = self.cli(0)("key", "explain", key.hex(), "--hex")
        self.assertEqual(done.returncode, 0)
        self.assertIn(key.hex().encode(), done.stdout)
