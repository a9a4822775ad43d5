"""What tools/demo shows of three nodes: one is killed in the middle of an import, nobody notices, it catches up."""

import json
import os
import signal
import subprocess
import threading
import time

from demo_node import PATIENCE_S, Failed, Node, count, own_environment, paint
from demo_single import STATUS, read_packages

TWO = ("--level", "two")
# Answered by the node that is asked, out of what it holds itself.
OWN = ("--level", "one", "--owners-only")


def wait(what, condition):
    end = time.monotonic() + PATIENCE_S
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("waited %d s in vain for %s" % (PATIENCE_S, what))
        time.sleep(0.05)


class Reader(threading.Thread):
    """Reads acknowledged keys at R=2 through one node, one after the other, until it is told to stop."""

    def __init__(self, node, acked, packages):
        super().__init__(daemon=True)
        self.node, self.acked, self.packages = node, acked, packages
        self.stopping = threading.Event()
        self.reads = 0
        self.wrong = []

    def run(self):
        while not self.stopping.is_set():
            with open(self.acked) as lines:
                keys = [line for line in lines.read().split("\n")[:-1] if line]
            if not keys:
                time.sleep(0.01)
                continue
            key = keys[self.reads * 7919 % len(keys)]
            try:
                if self.node.ashlar("get", key, "-t", "packages", *TWO) != self.packages[package_of(key.encode())]:
                    self.wrong.append("%s has another value" % key)
            except Failed as why:
                self.wrong.append(str(why))
            self.reads += 1

    def join_it(self):
        self.stopping.set()
        self.join()


def package_of(key):
    return key.split(b"/", 1)[1]


class Playground:
    """`ashlar playground`: three nodes on loopback, in a folder of their own."""

    def __init__(self, build, folder):
        self.folder, self.client = folder, build.client
        self.words = os.path.join(os.path.dirname(folder), "playground.log")
        with open(self.words, "w") as words:
            # A session of its own, so that Ctrl-C ends the demo first and --keep outlives it.
            self.process = subprocess.Popen(build.playground(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words,
                                            text=True, start_new_session=True, env=own_environment())
        self.nodes = []

    def wait(self):
        """Until it is one ring."""
        told = self.process.stdout.readline()
        if not told:
            raise Failed("the playground ended with %d" % self.process.wait(PATIENCE_S))
        told = json.loads(told)
        if "error" in told:
            raise Failed(told["error"]["detail"])
        self.nodes = [Node(self.client, place) for place in told["nodes"]]

    def end(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def settled(nodes):
    """Each finds all three to be living members, and owes nothing to anybody."""
    for node in nodes:
        found = node.status()["nodes"]
        if sum(other["member"] and other["state"] in ("alive", "slow") for other in found) != len(nodes):
            return False
        if any(other["hints_owed"] for other in found):
            return False
    return True


def owed(nodes):
    return sum(other["hints_owed"] for node in nodes for other in node.status()["nodes"])


def show_forming(playground, report):
    report.step("Three nodes find each other and agree on their first ring (ashlar playground)")
    began = time.monotonic()
    playground.wait()
    nodes, seconds = playground.nodes, time.monotonic() - began
    epochs = {node.status()["epoch"] for node in nodes}
    report.check(settled(nodes) and len(epochs) == 1, "%s are one cluster, ring epoch %d, after %.1f s" %
                 (", ".join(node.name for node in nodes), max(epochs), seconds))


def import_round(node, others, prefix, acked):
    """An import at W=2 that may ask the two first nodes."""
    words = [node.client, "--endpoints", ",".join([node.clients] + [other.clients for other in others]), "import", STATUS, "-t", "packages",
             "--format", "control", "--key-prefix", prefix, "--batch", "8", "--acked", acked, "--no-resume", *TWO,
             "--state", os.path.join(node.folder, "state")]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=own_environment())


def show_death(nodes, report, packages, acked):
    """Gives the figures: records acknowledged, reads, hints."""
    first, second, third = nodes
    report.step("Import at W=2 while others read at R=2, and SIGKILL one of three in the middle")
    first.ashlar("table", "create", "packages")
    wait("the table on every node", lambda: all(b"packages" in node.ashlar("table", "list") for node in nodes))
    open(acked, "w").close()
    reader = Reader(second, acked, packages)
    reader.start()
    rounds, before_kill = 0, None
    try:
        # One round before, one in which it happens, and at least one after.
        while before_kill is None or rounds < 3 or reader.reads < reads_before + 30:
            at_start = os.path.getsize(acked)
            importer = import_round(first, [second], "round%d/" % rounds, acked)
            while importer.poll() is None:
                if rounds >= 1 and before_kill is None and os.path.getsize(acked) > at_start + len(packages) // 3 * 12:
                    third.end(signal.SIGKILL)
                    reads_before = reader.reads
                    with open(acked) as lines:
                        before_kill = len(lines.read().splitlines())
                time.sleep(0.001)
            if importer.returncode != 0:
                raise Failed("an import ended with %d: %s" % (importer.returncode, importer.stderr.read().decode().strip()))
            rounds += 1
    finally:
        reader.join_it()
    with open(acked) as lines:
        keys = lines.read().splitlines()
    report.check(before_kill < len(keys), "%s was killed after %s of %s records; none failed, all acknowledged by two replicas" %
                 (third.name, count(before_kill), count(len(keys))))
    report.check(not reader.wrong, "reads went on: %s in all, %s after the kill, no error and no wrong value%s" %
                 (count(reader.reads), count(reader.reads - reads_before), "; " + reader.wrong[0] if reader.wrong else ""))
    for node in (first, second):
        found = node.table("packages", *TWO)
        missing = [key for key in keys if found.get(key.encode()) != [packages[package_of(key.encode())]]]
        report.check(not missing, "all of them are read at R=2 through %s%s" % (node.name, "; missing: " + ", ".join(missing[:3]) if missing else ""))
    state = wait("suspicion", lambda: [other["state"] for other in first.status()["nodes"]
                                       if other["name"] == third.name and other["state"] in ("suspect", "down")])[0]
    # What the dead node did not answer became a hint when its time was up at the latest.
    hints = wait("hints", lambda: owed([first, second]))
    report.check(hints > 0, "%s finds it %s now; %s hints are kept for it" % (first.name, state, count(hints)))
    return keys, reader.reads, hints


def show_return(nodes, report, packages, keys):
    """Gives the seconds until nothing was owed."""
    report.step("Restart it, let the hints be paid, and compare all replicas")
    began = time.monotonic()
    nodes[2].start()
    wait("all hints to be paid", lambda: settled(nodes))
    seconds = time.monotonic() - began
    report.check(True, "%s is a living member again and is owed nothing, %.1f s after its start" % (nodes[2].name, seconds))
    whole = {node.name: sorted(node.ashlar("export", "-t", "packages", *OWN).splitlines()) for node in nodes}
    mine = {name: {as_key(line) for line in lines} for name, lines in whole.items()}
    lost = {name: len(set(keys) - held) for name, held in mine.items()}
    report.check(not any(lost.values()), "each node by itself holds all %s acknowledged records%s" %
                 (count(len(set(keys))), "" if not any(lost.values()) else "; missing: %s" % lost))
    report.check(whole["n1"] == whole["n2"] == whole["n3"], "and all three replicas are equal, entry by entry")
    wrong = [key for key, values in nodes[2].table("packages", *OWN).items() if values != [packages[package_of(key)]]]
    report.check(not wrong, "byte for byte what the file says, at %s too" % nodes[2].name)
    return seconds


def as_key(line):
    entry = json.loads(line)
    return entry.get("key", entry.get("key_base64"))


def show_cluster(playground, report):
    """All of it, with the nodes left running; gives its figures."""
    packages = read_packages()
    show_forming(playground, report)
    nodes = playground.nodes
    acked = os.path.join(nodes[0].folder, "acked")
    keys, reads, hints = show_death(nodes, report, packages, acked)
    seconds = show_return(nodes, report, packages, keys)
    return "three nodes: %s records at W=2 and %s reads at R=2 across a kill, 0 errors; %s hints paid, replicas equal %.1f s after the restart" % (
        count(len(keys)), count(reads), count(hints), seconds)


def keep_cluster(playground, folder):
    third = playground.nodes[2]
    print()
    print(paint(1, "Three nodes are running:"))
    for node in playground.nodes:
        print("  %s   clients %s   admin %s   process %d" % (node.name, node.clients, node.admin, node.number))
    print("Try:")
    print("  . %s/env" % playground.folder)
    print("  ashlar status                                   # who is there, who is accused by whom, what is owed")
    print("  ashlar get round0/bash:%s -t packages --level two" % ("amd64" if os.uname().machine == "x86_64" else "arm64"))
    print("  ashlar put greeting 'good morning' && ashlar get greeting")
    print("  kill -9 %-8d                                # then: put, get and status again; a while later it is down" % third.number)
    print("  ashlard --config $PLAYGROUND/n3/ashlar.yaml &   # back: its hints are paid")
    print("Stop them: kill %d. Their data: %s (remove it when done)" % (playground.process.pid, folder))
