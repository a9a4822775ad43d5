"""Starts that must be refused, with an exit code and a sentence that helps; and configuration."""

import os
import shutil
import subprocess
import unittest

from client import *  # noqa: F403
from harness import ASHLARD, BUILD, Cli, Workspace, clean_environment, plugin_directory


def check_config(path):
    return subprocess.run([ASHLARD, "--check-config", path], capture_output=True, timeout=120,
                          env=clean_environment(ASHLAR_PLUGINS_DIRECTORY=plugin_directory()))


class Start(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.close)

    def filled(self, **settings):
        """A daemon that stored something and ended."""
        daemon = self.workspace.daemon(**settings).start()
        with Store(daemon.client_port) as store:
            store.put(PutRequest(table="default", key=b"k", value=b"kept", overwrite=True))
        self.assertEqual(daemon.terminate(), 0)
        return daemon

    def still_there(self, daemon):
        daemon.start()
        with Store(daemon.client_port) as store:
            self.assertEqual(store.get(GetRequest(table="default", key=b"k")).values[0].value, b"kept")
        daemon.kill()

    def refused(self, daemon, *words):
        code, log = daemon.refuses()
        self.assertNotEqual(code, 0, log)
        self.assertGreater(code, 0, "ended by a signal:\n" + log)
        for word in words:
            self.assertIn(word, log)
        self.assertNotIn("ready:", log)
        return code, log

    def test_a_directory_in_use_is_refused_and_the_first_goes_on(self):
        first = self.workspace.daemon().start()
        second = self.workspace.daemon("node2")
        second.settings.update({"node.data_directory": first.data, "node.name": "node1"})
        self.refused(second, "in use", str(first.process.pid))
        with Store(first.client_port) as store:
            store.put(PutRequest(table="default", key=b"k", value=b"v"))

    def test_a_directory_of_another_node_is_refused_by_name(self):
        daemon = self.filled()
        daemon.settings["node.name"] = "someone-else"
        self.refused(daemon, "node1", "someone-else")
        daemon.settings["node.name"] = "node1"
        self.still_there(daemon)

    def test_a_directory_of_another_cluster_is_refused_by_name(self):
        daemon = self.filled()
        daemon.settings["cluster.name"] = "other-cluster"
        self.refused(daemon, "ashlar", "other-cluster")
        del daemon.settings["cluster.name"]
        self.still_there(daemon)

    def test_a_directory_that_cannot_be_is_refused(self):
        daemon = self.workspace.daemon()
        daemon.settings["node.data_directory"] = self.workspace.file("no/such/place")
        self.refused(daemon, "no/such/place")
        daemon.settings["node.data_directory"] = self.workspace.file("a-file", "text")
        self.refused(daemon, "a-file")
        daemon.settings["node.data_directory"] = "relative/path"
        self.refused(daemon, "absolute")

    def test_a_port_in_use_is_refused_by_address(self):
        first = self.workspace.daemon().start()
        second = self.workspace.daemon("node2", listen__clients=first.endpoint)
        self.refused(second, first.endpoint)

    def test_listening_beyond_loopback_needs_plain_words(self):
        daemon = self.workspace.daemon(listen__clients="0.0.0.0:0")
        self.refused(daemon, "insecure_without_tls")

    def test_foreign_files_in_the_data_directory_do_no_harm(self):
        daemon = self.filled()
        with open(os.path.join(daemon.data, "lost+found.txt"), "w") as out:
            out.write("not ours")
        self.still_there(daemon)

    def test_a_bad_configuration_is_said_with_file_and_line(self):
        cases = {
            "unknown section": ("node:\n  name: n\nnods:\n  name: x\n", 4, "nods"),
            "unknown key": ("node:\n  name: n\n  nmae: x\n", 3, "nmae"),
            "out of range": ("node:\n  name: n\nlimits:\n  connections: 0\n", 4, "connections"),
            "wrong type": ("limits:\n  entry_bytes: many\n", 2, "entry_bytes"),
            "not a choice": ("sync:\n  mode: sometimes\n", 2, "mode"),
            "not YAML": ("node:\n  name: [n\n", None, ""),
        }
        for name, (text, line, word) in cases.items():
            with self.subTest(name):
                path = self.workspace.file("bad.yaml", text)
                done = check_config(path)
                said = (done.stdout + done.stderr).decode()
                self.assertEqual(done.returncode, 2, said)
                self.assertIn(path + ":" + (str(line) + ":" if line else ""), said)
                self.assertIn(word, said)

    def test_the_log_says_how_the_last_life_ended(self):
        daemon = self.workspace.daemon().start()
        self.assertIn("ms: first start, incarnation 1,", daemon.log())
        daemon.kill()
        daemon.start()
        self.assertIn("the last stop was not clean", daemon.log())
        self.assertNotIn("the last stop was clean", daemon.log())
        self.assertEqual(daemon.terminate(), 0)
        daemon.start()
        self.assertIn("the last stop was clean", daemon.log())

    def test_a_missing_configuration_file_is_said(self):
        done = check_config(self.workspace.file("missing.yaml"))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"missing.yaml", done.stdout + done.stderr)

    def test_a_good_configuration_is_quiet_success(self):
        daemon = self.workspace.daemon()
        daemon.write_config()
        done = check_config(daemon.config)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_bad_configuration_does_not_start(self):
        daemon = self.workspace.daemon(limits__connections=0)
        code, log = daemon.refuses()
        self.assertEqual(code, 2, log)
        self.assertIn(daemon.config + ":", log)

    def test_environment_and_command_line_override_and_say_so(self):
        daemon = self.workspace.daemon(limits__siblings_warn=5, node__rack="r1")
        daemon.start("--set", "limits.siblings_refuse=50", ASHLAR_NODE_RACK="r2")
        with Operator(daemon.admin_port) as operator:
            entries = {entry.name: entry for entry in operator.config(admin.ConfigRequest()).entries}
        self.assertEqual((entries["node.rack"].text, entries["node.rack"].origin), ("r2", "environment ASHLAR_NODE_RACK"))
        self.assertEqual((entries["limits.siblings_refuse"].text, entries["limits.siblings_refuse"].origin), ("50", "command line"))
        self.assertTrue(entries["limits.siblings_warn"].origin.startswith(daemon.config + ":"), entries["limits.siblings_warn"])
        self.assertEqual(entries["limits.context_bytes"].origin, "default")

    def test_where_it_was_built_it_finds_its_plugins(self):
        if any(os.stat(os.path.join(BUILD, name)).st_mode & 0o022 for name in (".", "plugins", "plugins/storage_engine_lsm.so")):
            self.skipTest("the build is writable by others, so its plugins are refused")
        done = subprocess.run([ASHLARD, "--explain"], capture_output=True, timeout=120, env=clean_environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"storage_engine.lsm.memtable_bytes", done.stdout)

    def test_a_manual_without_the_plugins_says_so(self):
        done = subprocess.run([ASHLARD, "--explain", "--plugins", self.workspace.file("nowhere")], capture_output=True, timeout=120,
                              env=clean_environment())
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"nowhere", done.stderr)
        self.assertIn(b"node.data_directory", done.stdout)

    def test_the_manual_names_every_setting_in_force(self):
        done = subprocess.run([ASHLARD, "--explain", "--plugins", plugin_directory()], capture_output=True, timeout=120, env=clean_environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        manual = done.stdout.decode()
        daemon = self.workspace.daemon().start()
        with Operator(daemon.admin_port) as operator:
            entries = operator.config(admin.ConfigRequest()).entries
        self.assertGreater(len(entries), 20)
        for entry in entries:
            self.assertIn(entry.name.split(".")[-1], manual)


class Plugins(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.close)

    def own_plugins(self):
        path = self.workspace.file("plugins")
        shutil.copytree(plugin_directory(), path)
        os.chmod(path, 0o755)
        return path

    def refused(self, daemon, *words):
        code, log = daemon.refuses()
        self.assertGreater(code, 0, log)
        for word in words:
            self.assertIn(word, log)
        self.assertNotIn("ready:", log)

    def test_a_plugin_that_is_not_there_is_named_with_what_is(self):
        daemon = self.workspace.daemon(storage_engine__use="nosuch")
        self.refused(daemon, "nosuch", "lsm", "memory")

    def test_a_module_others_may_write_to_is_refused(self):
        plugins = self.own_plugins()
        victim = os.path.join(plugins, "storage_engine_lsm.so")
        os.chmod(victim, 0o777)
        daemon = self.workspace.daemon(plugins__directory=plugins)
        self.refused(daemon, "storage_engine_lsm.so", "may be changed")
        os.chmod(victim, 0o755)
        os.chmod(plugins, 0o777)
        self.refused(daemon, plugins, "may be changed")

    def test_a_relative_plugin_directory_is_refused(self):
        daemon = self.workspace.daemon(plugins__directory="plugins")
        self.refused(daemon, "absolute")

    def test_a_module_that_is_no_plugin_is_refused_in_words(self):
        plugins = self.own_plugins()
        victim = os.path.join(plugins, "storage_engine_lsm.so")
        with open(victim, "wb") as out:
            out.write(b"this is not a shared module")
        daemon = self.workspace.daemon(plugins__directory=plugins)
        self.refused(daemon, "lsm")
        libc = next(path for path in ("/lib/x86_64-linux-gnu/libz.so.1", "/lib/x86_64-linux-gnu/libm.so.6", "/lib64/libm.so.6",
                                      "/lib/aarch64-linux-gnu/libm.so.6") if os.path.exists(path))
        shutil.copyfile(libc, victim)
        os.chmod(victim, 0o755)
        self.refused(daemon, "lsm")

    def test_a_module_of_another_contract_is_refused_field_by_field(self):
        """Another kind's module under this kind's name: kind and fingerprint differ."""
        plugins = self.own_plugins()
        shutil.copyfile(os.path.join(plugins, "replicator_simple.so"), os.path.join(plugins, "storage_engine_lsm.so"))
        daemon = self.workspace.daemon(plugins__directory=plugins)
        self.refused(daemon, "lsm", "kind")

    def test_a_damaged_module_beside_the_used_ones_is_only_reported(self):
        plugins = self.own_plugins()
        with open(os.path.join(plugins, "partitioner_broken.so"), "wb") as out:
            out.write(b"not a module")
        os.chmod(os.path.join(plugins, "partitioner_broken.so"), 0o755)
        daemon = self.workspace.daemon(plugins__directory=plugins).start()
        with Operator(daemon.admin_port) as operator:
            cards = {(card.kind, card.name): card for card in operator.plugins(admin.PluginsRequest()).plugins}
        self.assertTrue(cards[("partitioner", "broken")].refusal)
        self.assertFalse(cards[("partitioner", "broken")].loaded)
        self.assertTrue(cards[("storage_engine", "lsm")].loaded)
        self.assertFalse(cards[("storage_engine", "memory")].loaded)

    def test_one_line_swaps_a_part_on_an_empty_directory_and_is_refused_on_a_full_one(self):
        swaps = (("storage_engine.use", "lsm", "memory"), ("conflict_resolver.use", "dotted_version_vector", "last_write_wins"),
                 ("conflict_resolver.use", "dotted_version_vector", "vector_clock"), ("partitioner.use", "equal_partitions", "hash_ring"))
        for number, (setting, before, after) in enumerate(swaps):
            with self.subTest(setting=setting, after=after):
                daemon = self.workspace.daemon("swap%d" % number)
                daemon.settings[setting] = after
                daemon.start()
                with Store(daemon.client_port) as store, Operator(daemon.admin_port) as operator:
                    context = store.put(PutRequest(table="default", key=b"k", value=b"1")).context
                    store.put(PutRequest(table="default", key=b"k", value=b"2", context=context))
                    self.assertEqual([v.value for v in store.get(GetRequest(table="default", key=b"k")).values], [b"2"])
                    loaded = {card.name for card in operator.plugins(admin.PluginsRequest()).plugins if card.loaded}
                    self.assertIn(after, loaded)
                self.assertEqual(daemon.terminate(), 0)
                daemon.settings[setting] = before
                self.refused(daemon, before, after)
                daemon.settings[setting] = after
                daemon.start()
                if after != "memory":
                    with Store(daemon.client_port) as store:
                        self.assertEqual([v.value for v in store.get(GetRequest(table="default", key=b"k")).values], [b"2"])
                daemon.kill()

    def test_last_write_wins_keeps_one(self):
        daemon = self.workspace.daemon(conflict_resolver__use="last_write_wins").start()
        with Store(daemon.client_port) as store:
            for value in (b"1", b"2", b"3"):
                store.put(PutRequest(table="default", key=b"k", value=value))
            self.assertEqual([v.value for v in store.get(GetRequest(table="default", key=b"k")).values], [b"3"])

    def test_a_vector_clock_is_pruned_past_its_threshold_and_says_so(self):
        """Counters per key: every kill makes another actor, each of which leaves a pair in the clock."""
        daemon = self.workspace.daemon(conflict_resolver__use="vector_clock", conflict_resolver__vector_clock__clock_pairs_max=3)
        writers = set()
        for life in range(5):
            daemon.start()
            with Store(daemon.client_port) as store:
                seen = store.get(GetRequest(table="default", key=b"k")).context
                store.put(PutRequest(table="default", key=b"k", value=b"%d" % life, context=seen))
                got = store.get(GetRequest(table="default", key=b"k"))
                self.assertEqual([version.value for version in got.values], [b"%d" % life], "pruning loses nothing and makes no sibling of it")
                writers.add(got.values[0].dot.rsplit(":", 1)[0])
            code, answer = Cli(daemon).json("key", "explain", "k")
            self.assertEqual((code, answer["joined"]["truncated"]), (0, life >= 3), "more than three pairs are too many")
            daemon.kill()
        self.assertEqual(len(writers), 5)

    def test_vector_clock_keeps_siblings(self):
        daemon = self.workspace.daemon(conflict_resolver__use="vector_clock").start()
        with Store(daemon.client_port) as store:
            old = store.put(PutRequest(table="default", key=b"k", value=b"old")).context
            for value in (b"a", b"b"):
                store.put(PutRequest(table="default", key=b"k", value=value, context=old))
            got = store.get(GetRequest(table="default", key=b"k"))
            self.assertEqual(sorted(v.value for v in got.values), [b"a", b"b"])
            store.put(PutRequest(table="default", key=b"k", value=b"c", context=got.context))
            self.assertEqual([v.value for v in store.get(GetRequest(table="default", key=b"k")).values], [b"c"])
