"""The command `ashlar` against a real node: every verb, every form of input and output."""

import base64
import json
import os
import pty
import subprocess
import unittest

from client import *  # noqa: F403
from harness import ASHLAR, Cli, Workspace, plugin_directory

HARD = bytes(range(256))


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon().start()
        cls.cli = Cli(cls.daemon)

    def ok(self, *arguments, **more):
        done = self.cli(*arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_values_from_argument_file_and_standard_input_come_back_raw(self):
        file = self.workspace.file("value", HARD)
        self.assertEqual(self.ok("put", "cli-a", "plain"), b"")
        self.ok("put", "cli-f", "--file", file)
        self.ok("put", "cli-x", "-x", stdin=HARD)
        self.ok("put", "cli-d", "-", stdin=b"dash")
        self.ok("put", "cli-e", "")
        for key, value in (("cli-a", b"plain"), ("cli-f", HARD), ("cli-x", HARD), ("cli-d", b"dash"), ("cli-e", b"")):
            self.assertEqual(self.ok("get", key), value)

    def test_remove_and_exists(self):
        self.ok("put", "cli-r", "1")
        self.assertEqual(self.ok("exists", "cli-r"), b"yes\n")
        self.ok("remove", "cli-r")
        for words in (["get", "cli-r"], ["exists", "cli-r"], ["remove", "cli-r"]):
            self.assertEqual(self.cli(*words).returncode, 5, words)

    def test_hex_keys(self):
        self.ok("put", "00ff0a", "1", "--hex")
        self.assertEqual(self.ok("get", "00ff0a", "--hex"), b"31\n")
        self.assertIn(b"00ff0a", self.ok("scan", "--prefix", "00ff", "--hex"))
        self.assertIn(b"\\x00\\xff\\n", self.ok("scan", "--limit", "0"))

    def test_json_loses_no_byte(self):
        self.ok("put", "cli-j", "-x", stdin=HARD)
        code, answer = self.cli.json("get", "cli-j")
        self.assertEqual((code, answer["schema"], answer["key"], answer["found"]), (0, 1, "cli-j", True))
        self.assertNotIn("value", answer["values"][0], "not UTF-8")
        self.assertEqual(base64.b64decode(answer["values"][0]["value_base64"]), HARD)
        self.assertEqual(answer["achieved"]["answered"], 1)
        code, answer = self.cli.json("get", "nothing-here")
        self.assertEqual((code, answer["found"], answer["values"]), (5, False, []))
        code, answer = self.cli.json("put", "cli-j2", "v")
        self.assertEqual((code, answer["stored"], answer["achieved"]["synced"]), (0, True, 1))
        code, answer = self.cli.json("get", "k", "-t", "nosuch")
        self.assertEqual(code, 1)
        self.assertIn("nosuch", answer["error"]["detail"])

    def test_siblings_are_made_shown_and_settled(self):
        self.ok("put", "cli-s", "old")
        code, read = self.cli.json("get", "cli-s")
        self.ok("put", "cli-s", "left", "--context", read["context"])
        self.ok("put", "cli-s", "right", "--context", read["context"])
        shown = self.ok("get", "cli-s").decode()
        for word in ("2 siblings", "SIBLING 1", "SIBLING 2", "left", "right", "BY NODE", "COUNTER", "DOT", self.daemon.endpoint, "context: ", "--sibling N"):
            self.assertIn(word, shown)
        values = next(line for line in shown.splitlines() if line.startswith("VALUE"))
        self.assertEqual(sorted(values.split()), ["VALUE", "left", "right"], "side by side")
        code, both = self.cli.json("get", "cli-s")
        self.assertEqual((both["siblings"], sorted(value["value"] for value in both["values"])), (2, ["left", "right"]))
        self.assertEqual({"%s" % value["dot"].split(":")[2] for value in both["values"]}, {value["counter"] for value in both["values"]})
        self.assertEqual(self.cli("get", "cli-s", "--strict").returncode, 6)
        self.assertEqual({self.ok("get", "cli-s", "--sibling", n) for n in "12"}, {b"left", b"right"})
        self.assertEqual(self.ok("exists", "cli-s"), b"yes (2 siblings)\n")
        said = next(line for line in shown.splitlines() if line.startswith("settle them all: ashlar "))
        self.ok(*(word.strip("'").replace("VALUE", "settled") for word in said.split("ashlar ")[1].split()))
        self.assertEqual(self.ok("get", "cli-s"), b"settled")
        self.ok("put", "cli-s", "beside", "--blind")
        self.assertIn(b"2 siblings", self.ok("get", "cli-s"))
        self.ok("put", "cli-s", "over")
        self.assertEqual(self.ok("get", "cli-s"), b"over", "an ordinary put replaces all")

    def test_show_context_keeps_standard_output_clean(self):
        self.ok("put", "cli-c", "v")
        done = self.cli("get", "cli-c", "--show-context")
        self.assertEqual(done.stdout, b"v")
        self.assertRegex(done.stderr, rb"^context: \S+\n$")

    def test_conditions(self):
        self.ok("put", "cli-i", "1", "--if-absent")
        self.assertEqual(self.cli("put", "cli-i", "2", "--if-absent").returncode, 6)
        _, read = self.cli.json("get", "cli-i")
        self.ok("put", "cli-i", "3", "--if-context", read["context"])
        self.assertEqual(self.cli("put", "cli-i", "4", "--if-context", read["context"]).returncode, 6)
        self.assertEqual(self.ok("get", "cli-i"), b"3")

    def test_ttl_and_limits_and_their_sentences(self):
        self.ok("put", "cli-t", "v", "--ttl", "1h")
        _, read = self.cli.json("get", "cli-t")
        self.assertEqual(round((read["values"][0]["expires_us"] - read["values"][0]["written_us"]) / 1e6), 3600)
        done = self.cli("put", "cli-t", "-x", stdin=bytes(20_000))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"10240", done.stderr)
        done = self.cli("put", "cli-t", "v", "-t", "nosuch")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"nosuch", done.stderr)
        self.assertEqual(self.cli("put", "", "v").returncode, 1)

    def test_scan_pages_limits_and_stops_when_nobody_reads(self):
        with Store(self.daemon.client_port) as store:
            store.multi_put(MultiPutRequest(table="default", items=[PutItem(key=b"scan-%02d" % i, value=b"v%d" % i, overwrite=True) for i in range(30)]))
        lines = self.ok("scan", "--prefix", "scan-", "--limit", "0").decode().splitlines()
        self.assertEqual(sorted(lines), ["scan-%02d\tv%d" % (i, i) for i in range(30)])
        done = self.cli("scan", "--prefix", "scan-", "--limit", "10", "--keys-only")
        first = done.stdout.decode().splitlines()
        self.assertEqual(first, [line.split("\t")[0] for line in lines[:10]])
        page = done.stderr.decode().split("--page ")[1].split(",")[0]
        rest = self.ok("scan", "--prefix", "scan-", "--limit", "0", "--keys-only", "--page", page).decode().splitlines()
        self.assertEqual(first + rest, [line.split("\t")[0] for line in lines])
        done = subprocess.run("'%s' scan --limit 0 | head -1; echo ${PIPESTATUS[0]}" % ASHLAR, shell=True, executable="/bin/bash",
                              capture_output=True, env=self.cli.environment)
        self.assertEqual(done.stdout.splitlines()[-1], b"0")
        self.assertEqual(done.stderr.replace(b"(more", b""), done.stderr, "no complaint about the closed pipe")

    def test_status_plugins_config(self):
        text = self.ok("status").decode()
        self.assertIn("serving", text)
        self.assertIn("cluster ashlar", text)
        code, status = self.cli.json("status", "--counters")
        self.assertEqual((code, status["state"], len(status["members"])), (0, "serving", 1))
        self.assertIn("equal_partitions", self.ok("plugin", "list").decode())
        code, plugins = self.cli.json("plugin", "list")
        self.assertTrue(any(card["name"] == "lsm" and card["loaded"] for card in plugins["plugins"]))
        self.assertIn("storage_engine_lsm.so", self.ok("plugin", "info", "storage_engine/lsm").decode())
        self.assertEqual(self.cli("plugin", "info", "nosuch").returncode, 5)
        self.assertIn(self.daemon.config, self.ok("config", "show", "node.").decode())
        code, config = self.cli.json("config", "show")
        origins = {entry["name"]: entry["origin"] for entry in config["settings"]}
        self.assertTrue(origins["node.name"].startswith(self.daemon.config + ":"))
        self.assertEqual(origins["limits.entry_bytes"], "default")

    def test_config_check_is_the_daemons(self):
        good = self.cli("config", "check", self.daemon.config)
        self.assertEqual(good.returncode, 0, good.stderr)
        bad = self.workspace.file("bad.yaml", "limits:\n  nosuch: 1\n")
        done = self.cli("config", "check", bad, ASHLAR_PLUGINS_DIRECTORY=plugin_directory())
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"bad.yaml:2:", done.stdout + done.stderr)

    def test_tables(self):
        self.ok("table", "create", "cli-table", "--ttl", "1d", "--read", "one", "--write", "all")
        code, table = self.cli.json("table", "describe", "cli-table")
        self.assertEqual((code, table["ttl_s"], table["read"], table["write"]), (0, 86_400, "one", "all"))
        self.ok("put", "k", "in table", "-t", "cli-table")
        self.assertEqual(self.ok("get", "k", ASHLAR_TABLE="cli-table"), b"in table")
        self.assertIn(b"cli-table", self.ok("table", "list"))
        self.assertEqual(self.cli("table", "drop", "cli-table").returncode, 2, "a script must say --yes")
        self.ok("table", "drop", "cli-table", "--yes")
        self.assertEqual(self.cli("table", "describe", "cli-table").returncode, 5)
        self.assertEqual(self.cli("table", "drop", "cli-table", "--yes").returncode, 5)
        self.assertEqual(self.cli("table", "create", "Not A Name").returncode, 1)

    def test_scrub_finds_nothing_wrong(self):
        code, answer = self.cli.json("scrub")
        self.assertEqual((code, answer["bad"]), (0, []))

    def on_terminal(self, *arguments, **environment):
        """Runs it with a terminal as standard output and error; gives what the terminal got."""
        mine, theirs = pty.openpty()
        process = subprocess.Popen([ASHLAR, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                                   env={**self.cli.environment, "TERM": "xterm", **environment})
        os.close(theirs)
        out = b""
        try:
            while True:
                piece = os.read(mine, 65536)
                if not piece:
                    break
                out += piece
        except OSError:
            pass  # how Linux says that the other side is closed
        os.close(mine)
        process.wait()
        return out

    def test_a_terminal_gets_colour_unless_told_otherwise_and_no_raw_bytes(self):
        self.ok("put", "cli-tty", "-x", stdin=b"\x1b[2Jharm\xff")
        shown = self.on_terminal("get", "cli-tty")
        self.assertIn(b"\\x1b[2Jharm\\xff", shown)
        self.assertIn(b"\x1b[1m", self.on_terminal("status"))
        self.assertNotIn(b"\x1b[", self.on_terminal("status", NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.ok("status"))
        self.ok("put", "cli-text", "two\nlines")
        self.assertEqual(self.on_terminal("get", "cli-text"), b"two\r\nlines\r\n")


class ImportExport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.daemon = cls.workspace.daemon().start()
        cls.cli = Cli(cls.daemon)

    def table(self, name):
        with Operator(self.daemon.admin_port) as operator:
            operator.create_table(admin.CreateTableRequest(name=name))
        return name

    def contents(self, table):
        out, page = {}, None
        with Store(self.daemon.client_port) as store:
            while True:
                answer = store.scan(ScanRequest(table=table, page=page))
                out.update((entry.key, sorted(version.value for version in entry.values)) for entry in answer.entries)
                page = answer.page
                if page is None:
                    return out

    def import_(self, file, table, *more):
        code, report = self.cli.json("import", file, "-t", table, *more)
        self.assertEqual(code, 0, report)
        return report

    def test_json_lines(self):
        table = self.table("json")
        lines = [json.dumps({"key": "j%d" % i, "value": "värde %d" % i}) for i in range(700)]
        report = self.import_(self.workspace.file("in.jsonl", "\n".join(lines)), table)
        self.assertEqual((report["stored"], report["records"], report["complete"]), (700, 700, True))
        self.assertEqual(self.contents(table), {b"j%d" % i: [("värde %d" % i).encode()] for i in range(700)})

    def test_whole_objects_by_a_member(self):
        table = self.table("objects")
        self.import_(self.workspace.file("objects.json", '{"id": 1, "x": [1.50]}\n{"id": "b"}\n'), table, "--key-field", "id", "--key-prefix", "p/")
        self.assertEqual(self.contents(table), {b"p/1": [b'{"id": 1, "x": [1.50]}'], b"p/b": [b'{"id": "b"}']})

    def test_csv(self):
        table = self.table("csv")
        rows = "id,name,note\r\n" + "".join('%d,"Name, %d","says ""%d""\nand more"\r\n' % (i, i, i) for i in range(300))
        report = self.import_(self.workspace.file("in.csv", rows), table, "--key-column", "id", "--value-column", "note")
        self.assertEqual(report["stored"], 300)
        self.assertEqual(self.contents(table), {b"%d" % i: [b'says "%d"\nand more' % i] for i in range(300)})

    def test_debian_control(self):
        table = self.table("control")
        paragraphs = ["Package: p%d\nArchitecture: %s\nDescription: text\n line\n .\n" % (i, "all" if i % 2 else "amd64") for i in range(200)]
        report = self.import_(self.workspace.file("status", "\n".join(paragraphs)), table)
        self.assertEqual(report["stored"], 200)
        self.assertEqual(self.contents(table), {b"p%d:%s" % (i, b"all" if i % 2 else b"amd64"): [paragraphs[i].encode()] for i in range(200)})

    def test_standard_input(self):
        table = self.table("stdin")
        done = self.cli("import", "-", "--format", "json", "-t", table, stdin=b'{"key":"k","value":"v"}\n')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.contents(table), {b"k": [b"v"]})
        self.assertEqual(self.cli("import", "-", "-t", table, stdin=b"").returncode, 2)

    def test_export_comes_back_as_it_was_with_siblings_and_expiry(self):
        source, target = self.table("source"), self.table("target")
        with Store(self.daemon.client_port) as store:
            store.multi_put(MultiPutRequest(table=source, items=[PutItem(key=b"e%d" % i, value=b"v%d" % i) for i in range(500)]))
            store.put(PutRequest(table=source, key=HARD[::-1], value=HARD))
            store.put(PutRequest(table=source, key=b"empty", value=b""))
            store.put(PutRequest(table=source, key=b"brief", value=b"1", ttl_s=3600))
            for value in (b"left", b"right", b"third"):
                store.put(PutRequest(table=source, key=b"siblings", value=value))
        file = self.workspace.file("export.jsonl")
        done = self.cli("export", "-t", source, "-o", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, b"")
        report = self.import_(file, target)
        self.assertEqual(report["stored"], 504)
        self.assertEqual(self.contents(target), self.contents(source))
        with Store(self.daemon.client_port) as store:
            there = store.get(GetRequest(table=target, key=b"brief")).values[0]
            was = store.get(GetRequest(table=source, key=b"brief")).values[0]
        self.assertAlmostEqual(there.expires_us, was.expires_us, delta=5_000_000)
        piped = self.cli("export", "-t", target)
        with open(file, "rb") as lines:
            self.assertEqual({line.split(b'"dot"')[0] for line in piped.stdout.splitlines() if b"siblings" not in line and b"expires" not in line},
                             {line.split(b'"dot"')[0] for line in lines.read().splitlines() if b"siblings" not in line and b"expires" not in line})

    def test_a_killed_import_goes_on_where_it_was_acknowledged(self):
        table = self.table("resumed")
        count = 60_000
        file = self.workspace.file("large.jsonl", "".join('{"key":"r%06d","value":"value of %d"}\n' % (i, i) for i in range(count)))
        acked, state = self.workspace.file("acked"), file + ".ashlar-import"
        kills = 0
        while True:
            process = subprocess.Popen([ASHLAR, "import", file, "-t", table, "--acked", acked, "--json", "--sync", "interval"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.cli.environment)
            if kills < 3:
                try:
                    # Killed once it noted progress that was not there before.
                    before = self.offset(state)
                    while process.poll() is None and self.offset(state) <= before:
                        try:
                            process.wait(0.005)
                        except subprocess.TimeoutExpired:
                            pass
                    process.kill()
                except ProcessLookupError:
                    pass
            out, err = process.communicate()
            if process.returncode == 0:
                break
            self.assertEqual(process.returncode, -9, err)
            kills += 1
        report = json.loads(out)
        if kills == 0:
            self.skipTest("the machine stored 60,000 records before the first note")
        self.assertEqual(report["stored"], count)
        self.assertGreater(report["records_of_earlier_runs"], 0)
        self.assertFalse(os.path.exists(state))
        with open(acked) as lines:
            listed = lines.read().split("\n")
        self.assertEqual(set(listed[:-1]), {"r%06d" % i for i in range(count)})
        self.assertLess(len(listed), count + kills * 2000, "only what was in flight is sent twice")
        contents = self.contents(table)
        self.assertEqual(len(contents), count)
        self.assertTrue(all(contents[b"r%06d" % i] == [b"value of %d" % i] for i in range(count)))

    @staticmethod
    def offset(state):
        try:
            with open(state) as file:
                return json.load(file)["offset"]
        except (OSError, ValueError):
            return 0

    def test_an_import_survives_the_daemon_being_killed(self):
        workspace = Workspace()
        self.addCleanup(workspace.close)
        daemon = workspace.daemon().start()
        count = 40_000
        file = workspace.file("large.jsonl", "".join('{"key":"r%06d","value":"value of %d"}\n' % (i, i) for i in range(count)))
        acked = workspace.file("acked")
        process = subprocess.Popen([ASHLAR, "import", file, "--acked", acked], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=Cli(daemon).environment)
        while process.poll() is None and (not os.path.exists(acked) or os.path.getsize(acked) < 30_000):
            try:
                process.wait(0.005)
            except subprocess.TimeoutExpired:
                pass
        daemon.kill()
        process.communicate()
        self.assertEqual(process.returncode, 3)
        daemon.start()
        with open(acked, "rb") as lines:
            keys = lines.read().split()
        self.assertGreater(len(keys), 1000)
        with Store(daemon.client_port) as store:
            for at in range(0, len(keys), 1000):
                for item in store.multi_get(MultiGetRequest(table="default", keys=keys[at:at + 1000])).items:
                    self.assertEqual([version.value for version in item.values], [b"value of %d" % int(item.key[1:])], item.key)
        code, report = Cli(daemon).json("import", file)
        self.assertEqual((code, report["stored"]), (0, count))
        self.assertGreater(report["records_of_earlier_runs"], 0)
