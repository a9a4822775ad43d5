"""The command `ashlar` against a scripted node: exit codes and behaviour that need failures on demand."""

import json
import os
import socket
import unittest

from client import *  # noqa: F403
from harness import Cli, Workspace
from stub_server import StubNode, achieved, refuse, store_all


def version(value, dot="d:1:1"):
    return VersionValue(value=value, written_us=1_700_000_000_000_000, dot=dot)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ExitCodes(unittest.TestCase):
    def run_with(self, *arguments, stdin=b"", **script):
        with StubNode(**script) as node:
            done = Cli(endpoints=node.endpoint)(*arguments, stdin=stdin)
            self.calls = node.calls
            return done

    def test_usage_is_2(self):
        cli = Cli(endpoints="127.0.0.1:1")
        for words in ([], ["nosuch"], ["get"], ["put", "k"], ["put", "k", "v", "-x"], ["get", "k", "--level", "most"], ["get", "k", "--hex"],
                      ["put", "k", "v", "--context", "?"], ["put", "k", "v", "--blind", "--if-absent"], ["get", "k", "-e", "a:b:c"],
                      ["get", "k", "--timeout", "soon"], ["import", "nowhere.txt", "--format", "xml"], ["table", "drop", "t"]):
            with self.subTest(words):
                done = cli(*words)
                self.assertEqual(done.returncode, 2, done)
                self.assertTrue(done.stderr.startswith(b"ashlar: "), done.stderr)
                self.assertEqual(done.stdout, b"")

    def test_help_is_0_and_names_the_exit_codes(self):
        done = Cli(endpoints="127.0.0.1:1")("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"Exit codes", done.stdout)

    def test_not_reachable_is_3_and_names_every_endpoint(self):
        one, two = closed_port(), closed_port()
        done = Cli(endpoints="127.0.0.1:%d,127.0.0.1:%d" % (one, two))("get", "k")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"127.0.0.1:%d" % one, done.stderr)
        self.assertIn(b"127.0.0.1:%d" % two, done.stderr)
        self.assertIn(b"--endpoints", done.stderr)
        code, answer = Cli(endpoints="127.0.0.1:%d" % one).json("get", "k")
        self.assertEqual((code, answer["error"]["exit"], answer["schema"]), (3, 3, 1))

    def test_the_next_endpoint_is_tried(self):
        with StubNode(get=lambda _: GetResponse(status=1, values=[version(b"v")], context=b"", achieved=achieved())) as node:
            done = Cli(endpoints="127.0.0.1:%d,%s" % (closed_port(), node.endpoint))("get", "k")
        self.assertEqual((done.returncode, done.stdout), (0, b"v"))

    def test_a_read_that_breaks_goes_to_the_next_and_a_write_does_not(self):
        healthy = dict(get=lambda _: GetResponse(status=1, values=[version(b"v")], context=b"", achieved=achieved()),
                       put=lambda _: PutResponse(status=1, context=b"", achieved=achieved()))
        with StubNode(get=lambda _: None, put=lambda _: None) as broken, StubNode(**healthy) as node:
            cli = Cli(endpoints=broken.endpoint + "," + node.endpoint)
            self.assertEqual(cli("get", "k").stdout, b"v")
            done = cli("put", "k", "v")
            self.assertEqual(done.returncode, 3)
            self.assertIn(b"may or may not", done.stderr)
            self.assertEqual([name for name, _ in node.calls], ["get"])

    def test_a_node_that_drops_every_call_is_given_up(self):
        with StubNode(get=lambda _: None) as broken:
            done = Cli(endpoints="%s,127.0.0.1:%d" % (broken.endpoint, closed_port()))("get", "k")
        self.assertEqual(done.returncode, 3)

    def test_too_few_replicas_is_4(self):
        for code in (constants.ERROR_UNAVAILABLE, constants.ERROR_TIMED_OUT):
            done = self.run_with("get", "k", get=refuse(code, "1 of 2 needed replicas answered", achieved=achieved(needed=2)))
            self.assertEqual(done.returncode, 4)
            self.assertIn(b"1 of 2", done.stderr)

    def test_refusals_are_1(self):
        done = self.run_with("put", "k", "v", put=refuse(constants.ERROR_OVERLOADED, "the queue is full", retry_after_ms=250))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"250 ms", done.stderr)

    def test_not_found_is_5_and_siblings_with_strict_6(self):
        empty = GetResponse(status=1, values=[], context=b"", achieved=achieved())
        two = GetResponse(status=1, values=[version(b"a", "x:1:1"), version(b"b\x1b[31m", "y:1:1")], context=b"ctx", achieved=achieved(merged=True))
        self.assertEqual(self.run_with("get", "k", get=lambda _: empty).returncode, 5)
        self.assertEqual(self.run_with("get", "k", "--json", get=lambda _: two).returncode, 0)
        done = self.run_with("get", "k", "--strict", get=lambda _: two, ring=refuse(constants.ERROR_UNAVAILABLE, "no ring"))
        self.assertEqual(done.returncode, 6)
        for word in (b"2 siblings", b"x:1:1", b"y:1:1", b"2023-11-14T22:13:20", b"context: Y3R4"):
            self.assertIn(word, done.stdout)
        self.assertNotIn(b"\x1b", done.stdout, "a value must not steer the terminal")
        self.assertEqual(self.run_with("get", "k", "--sibling", "2", get=lambda _: two).stdout, b"b\x1b[31m")
        self.assertEqual(self.run_with("get", "k", "--sibling", "3", get=lambda _: two).returncode, 1)

    def test_an_empty_success_is_not_taken_for_an_answer(self):
        done = self.run_with("get", "k", get=lambda _: GetResponse())
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"empty answer", done.stderr)

    def test_a_server_of_another_kind_is_told_apart(self):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.addCleanup(listener.close)
        import threading

        def serve():
            connection, _ = listener.accept()
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        done = Cli(endpoints="127.0.0.1:%d" % listener.getsockname()[1])("get", "k")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"not as Ashlar does", done.stderr)

    def test_options_reach_the_node(self):
        self.run_with("put", "k", "v", "--level", "quorum", "--owners-only", "--sync", "never", "--timeout", "1500ms", "--ttl", "1h", "-t", "t",
                      put=lambda _: PutResponse(status=1, context=b"", achieved=achieved()))
        request = self.calls[-1][1]
        self.assertEqual((request.table, request.key, request.value, request.ttl_s, request.overwrite), ("t", b"k", b"v", 3600, True))
        options = request.options
        self.assertEqual((options.consistency.level, options.consistency.strict), (constants.LEVEL_QUORUM, True))
        self.assertEqual((options.sync, options.timeout_ms), (constants.SYNC_NEVER, 1500))

    def test_how_a_put_stands_to_what_is_there(self):
        script = dict(put=lambda _: PutResponse(status=1, context=b"", achieved=achieved()))
        self.run_with("put", "k", "v", "--blind", **script)
        self.assertFalse(self.calls[-1][1].overwrite)
        self.assertIsNone(self.calls[-1][1].context)
        self.run_with("put", "k", "v", "--context", "Y3R4", **script)
        self.assertEqual(self.calls[-1][1].context, b"ctx")
        self.assertFalse(self.calls[-1][1].overwrite)
        done = self.run_with("put", "k", "v", "--if-absent", put_if=lambda _: PutIfResponse(status=1, stored=False, context=b"", achieved=achieved()))
        self.assertEqual(done.returncode, 6)


class ImportTrouble(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.close)
        self.file = self.workspace.file("in.jsonl", "".join('{"key":"k%d","value":"v%d"}\n' % (i, i) for i in range(1000)))
        self.state = self.file + ".ashlar-import"

    def test_overloaded_batches_and_items_are_sent_again(self):
        turn = [0]

        def sometimes(request):
            turn[0] += 1
            if turn[0] % 3 == 0:
                raise StoreError(error_code=constants.ERROR_OVERLOADED, detail="full", retry_safe=True, retry_after_ms=1)
            answer = store_all(request)
            if turn[0] % 3 == 1 and len(answer.items) > 1:
                answer.items[1] = MultiPutItem(status=2, key=answer.items[1].key, error_code=constants.ERROR_OVERLOADED, detail="full")
            else:
                seen.update(item.key for item in request.items)
                return answer
            seen.update(item.key for at, item in enumerate(request.items) if at != 1)
            return answer

        seen = set()
        acked = self.workspace.file("acked")
        with StubNode(multi_put=sometimes) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", self.file, "--acked", acked)
        self.assertEqual((code, report["stored"], report["failed"]["count"]), (0, 1000, 0))
        self.assertEqual(seen, {b"k%d" % i for i in range(1000)})
        with open(acked) as lines:
            self.assertEqual(lines.read().split(), ["k%d" % i for i in range(1000)])
        self.assertFalse(os.path.exists(self.state))

    def test_failures_stop_the_state_and_a_second_run_retries_from_there(self):
        def failing(request):
            answer = store_all(request)
            for item in answer.items:
                if item.key == b"k500":
                    item.status, item.error_code, item.detail = 2, constants.ERROR_CORRUPT, "a bad block"
            return answer

        with StubNode(multi_put=failing) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", self.file)
            self.assertEqual((code, report["stored"], report["failed"]["count"], report["complete"]), (1, 999, 1, False))
            self.assertEqual(report["failed"]["reasons"][0]["reason"], "corrupt")
        self.assertTrue(os.path.exists(self.state))
        with StubNode(multi_put=store_all) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", self.file)
            sent = [item.key for name, request in node.calls if name == "multi_put" for item in request.items]
        self.assertEqual((code, report["stored"], report["complete"]), (0, 1000, True))
        self.assertIn(b"k500", sent)
        self.assertNotIn(b"k0", sent, "what was before the failure is not sent again")
        self.assertFalse(os.path.exists(self.state))

    def test_a_lasting_refusal_stops_at_once(self):
        with StubNode(multi_put=refuse(constants.ERROR_NO_SPACE, "the disk reserve is reached")) as node:
            done = Cli(endpoints=node.endpoint)("import", self.file)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"disk reserve", done.stderr)
            self.assertLess(len(node.calls), 10)

    def test_a_lost_connection_is_3_and_the_next_run_goes_on(self):
        turn = [0]

        def dying(request):
            turn[0] += 1
            return store_all(request) if turn[0] < 5 else None

        with StubNode(multi_put=dying) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", self.file)
        self.assertEqual(code, 3)
        # Four batches were acknowledged; the cut may overtake the last replies, which then do not count.
        stored = report["stored"]
        self.assertIn(stored, (100, 200, 300, 400))
        with StubNode(multi_put=store_all) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", self.file)
            sent = [item.key for name, request in node.calls if name == "multi_put" for item in request.items]
        self.assertEqual((code, report["stored"], report["records_of_earlier_runs"]), (0, 1000, stored))
        self.assertEqual(sent, [b"k%d" % i for i in range(stored, 1000)])

    def test_one_key_is_never_twice_in_flight(self):
        file = self.workspace.file("same.jsonl", "".join('{"key":"k%d","value":"v%d"}\n' % (i % 3, i) for i in range(50)))
        last = {}

        def watch(request):
            keys = [item.key for item in request.items]
            self.assertEqual(len(keys), len(set(keys)))
            last.update((item.key, item.value) for item in request.items)
            return store_all(request)

        with StubNode(multi_put=watch) as node:
            code, report = Cli(endpoints=node.endpoint).json("import", file)
        self.assertEqual((code, report["stored"]), (0, 50))
        self.assertEqual(last, {b"k0": b"v48", b"k1": b"v49", b"k2": b"v47"})

    def test_entries_over_the_limit_are_refused_unsent_and_counted(self):
        file = self.workspace.file("large.jsonl", json.dumps({"key": "large", "value": "x" * 20_000}) + "\n" + '{"key":"","value":"1"}\n{"key":"ok","value":"1"}\nnot json\n')
        with StubNode(multi_put=store_all) as node:
            cli = Cli(endpoints=node.endpoint)
            code, report = cli.json("import", file)
            self.assertEqual((code, report["stored"], report["refused"]["count"]), (0, 1, 3))
            self.assertEqual({reason["reason"]: reason["count"] for reason in report["refused"]["reasons"]},
                             {"entry over the limit of 10240 bytes": 1, "empty key": 1, "not valid JSON": 1})
            self.assertEqual(cli("import", file, "--strict").returncode, 1)
            done = cli("import", file)
        self.assertIn(b"refused 3", done.stdout)
        self.assertIn(b"entry over the limit of 10240 bytes", done.stdout)
        self.assertIn(b"failed  0", done.stdout)
        self.assertNotIn(b"\r", done.stderr, "no progress line where there is no terminal")
