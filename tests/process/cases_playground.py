"""`ashlar playground`: a cluster in one command, which takes everything with it when it ends."""

import json
import os
import signal
import subprocess
import unittest

from harness import ASHLAR, ASHLARD, PATIENCE_S, Cli, Workspace, clean_environment, plugin_directory, wait_until


class Playing:
    """A running playground whose temporary directories lie in the workspace."""

    def __init__(self, workspace, *words):
        self.process = subprocess.Popen(
            [ASHLAR, "playground", "--ashlard", ASHLARD, "--set", "plugins.directory=" + plugin_directory(), *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=clean_environment(TMPDIR=workspace.path, ASHLAR_NODE_NAME="not-for-the-nodes"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def document(self):
        return json.loads(self.process.stdout.readline())

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        out, words = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, words


def gone(process):
    try:
        os.kill(process, 0)
        return False
    except ProcessLookupError:
        return True


class Playground(unittest.TestCase):
    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.close)

    def test_three_nodes_on_one_screen_until_interrupted(self):
        with Playing(self.workspace) as playing:
            lines = []
            while not lines or not lines[-1].startswith("Ctrl-C"):
                lines.append(playing.process.stdout.readline())
                self.assertTrue(lines[-1], playing.process.stderr.read() if playing.process.poll() is not None else lines)
            self.assertLessEqual(len(lines), 24)
            screen = "".join(lines)
            for word in ("3 nodes", "n1 ", "n2 ", "n3 ", "Table playground: 3 replicas", "ashlar put", "ashlar get", "ashlar key explain", "kill -9 ", "ashlar status", "/env"):
                self.assertIn(word, screen)
            folder = screen.split(", in ")[1].split("\n")[0]
            self.assertTrue(os.path.isdir(folder))
            for number in (1, 2, 3):
                with open("%s/n%d/data/lock" % (folder, number)) as lock:
                    self.assertFalse(gone(int(lock.read())))
            # As the screen says, in a shell of its own.
            done = subprocess.run(["sh", "-c", ". %s/env && ashlar put cup tea && ashlar get cup" % folder], capture_output=True,
                                  timeout=PATIENCE_S, env=clean_environment())
            self.assertEqual((done.stdout, done.stderr), (b"tea", b""))
            processes = [int(line.split()[-1]) for line in lines if line.startswith("n")]
            code, _, words = playing.end()
            self.assertEqual((code, words), (0, ""))
            self.assertFalse(os.path.exists(folder))
            self.assertTrue(all(gone(process) for process in processes), processes)

    def test_a_node_killed_and_started_by_the_command_that_is_told(self):
        with Playing(self.workspace, "--json") as playing:
            told = playing.document()
            self.assertEqual((told["schema"], told["ready"], len(told["nodes"])), (1, True, 3))
            third, cli = told["nodes"][2], Cli(endpoints=told["endpoints"].rsplit(",", 1)[0], admin=told["admin"])
            os.kill(third["process"], signal.SIGKILL)
            wait_until("its end", lambda: gone(third["process"]))
            done = cli("put", "cup", "tea", "-t", told["table"])
            self.assertEqual(done.returncode, 0, done.stderr)
            again = subprocess.Popen(third["command"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     env=clean_environment())
            try:
                alone = Cli(endpoints=third["clients"], admin=third["admin"])
                wait_until("it to serve again", lambda: alone("get", "cup", "-t", told["table"]).stdout == b"tea")
                code, _, words = playing.end(signal.SIGTERM)
                self.assertEqual(code, 0, words)
                self.assertIn("n3 ended by signal 9", words)
                self.assertEqual(again.wait(PATIENCE_S), 0, "one that was started by hand is stopped, too")
            finally:
                again.kill()
                again.wait()
            self.assertFalse(os.path.exists(told["directory"]))

    def test_what_is_kept_goes_on_with_its_data(self):
        folder = self.workspace.file("mine")
        for round_ in range(2):
            with Playing(self.workspace, "--json", "--nodes", "1", "--dcs", "2", "--keep", folder) as playing:
                told = playing.document()
                self.assertEqual([node["datacentre"] for node in told["nodes"]], ["dc1", "dc2"])
                cli = Cli(endpoints=told["endpoints"], admin=told["admin"])
                if round_ == 0:
                    before = told["endpoints"]
                    self.assertEqual(cli("put", "cup", "tea", "-t", "playground", "--level", "each_quorum").returncode, 0)
                self.assertEqual(told["endpoints"], before)
                self.assertEqual(cli("get", "cup", "-t", "playground").stdout, b"tea")
                self.assertEqual(playing.end()[0], 0)
            self.assertTrue(os.path.isdir(folder))
        with Playing(self.workspace, "--nodes", "2", "--keep", folder) as playing:
            _, words = playing.process.communicate(timeout=PATIENCE_S)
            self.assertEqual(playing.process.returncode, 2)
            self.assertIn("--nodes 1 --dcs 2", words)

    def test_nodes_that_cannot_start_say_why_and_nothing_stays(self):
        with Playing(self.workspace, "--set", "storage_engine.use=nosuch") as playing:
            _, words = playing.process.communicate(timeout=PATIENCE_S)
            self.assertEqual(playing.process.returncode, 1)
            self.assertIn("nosuch", words)
        self.assertEqual([name for name in os.listdir(self.workspace.path) if name.startswith("ashlar-playground")], [])

    def test_no_daemon_outlives_a_playground_that_was_killed(self):
        with Playing(self.workspace, "--json", "--nodes", "1") as playing:
            told = playing.document()
            playing.process.kill()
            wait_until("the end of its node", lambda: all(gone(node["process"]) for node in told["nodes"]))

    def test_prepared_only(self):
        done = subprocess.run([ASHLAR, "playground", "--prepare", "--json", "--keep", self.workspace.file("laid"), "--nodes", "2",
                               "--addresses", "127.0.0.2,127.0.0.3", "--set", "sync.mode=interval"], capture_output=True,
                              timeout=PATIENCE_S, env=clean_environment())
        told = json.loads(done.stdout)
        self.assertEqual((done.returncode, told["ready"]), (0, False))
        self.assertEqual([node["clients"] for node in told["nodes"]], ["127.0.0.2:7311", "127.0.0.3:7311"])
        for node in told["nodes"]:
            checked = subprocess.run([ASHLARD, "--check-config", node["config"]], capture_output=True, env=clean_environment())
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertFalse(os.path.exists(node["directory"] + "/data"))
