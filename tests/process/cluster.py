"""Several real daemons that form one cluster, and what tests do to them.

`ashlar playground --prepare` lays them out: names n1, n2, ... (numbered from 0 here), directories, configurations, ports,
which stay the same over restarts, as on real machines. The tests start the daemons themselves, by the commands it names, and
end them by process id, by the Workspace or by stop().
"""

import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import unittest

from client import GetRequest, Operator, Store, StoreError, admin
from harness import ASHLAR, ASHLARD, Daemon, PATIENCE_S, SANITIZER, Workspace, clean_environment, plugin_directory, wait_until
from network import Network
from traffic import missing

# So that a case is short: what is not heard for a second is avoided, after two it is down if a second source agrees. What
# a sanitizer slows is not to be taken for dead.
SILENCE_S = 1 if SANITIZER == "none" else 3
QUICK = {"failure_detector__heartbeat__suspect_after": "%ds" % SILENCE_S,
         "failure_detector__heartbeat__down_after": "%ds" % (2 * SILENCE_S), "failure_detector__heartbeat__probe_every": "300ms"}
ROADS = ("clients", "admin", "peers", "background")


def note_ports(layout):
    """False if a cluster of another process of this run (run.py) has one of these ports, perhaps while its node is down."""
    notes = os.environ.get("ASHLAR_TEST_PORTS")
    if notes is None:
        return True
    with open(os.path.join(notes, "taken"), "a+") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        taken.seek(0)
        wanted = {node[road].rsplit(":", 1)[1] for node in layout["nodes"] for road in ROADS}
        if wanted & set(taken.read().split()):
            return False
        taken.write(" ".join(sorted(wanted)) + "\n")
        taken.flush()
        return True


class Member(Daemon):
    """A node as the playground laid it out."""

    def __init__(self, workspace, place, namespace=None):
        self.place = place
        super().__init__(workspace, place["name"], {})
        self.data, self.config, self.log_file = place["directory"] + "/data", place["config"], place["log"]
        self.host = place["clients"].rsplit(":", 1)[0]
        self.namespace = namespace
        self.command = (["ip", "netns", "exec", namespace] if namespace else []) + place["command"]

    def write_config(self):
        """It is written already."""


class Cluster:
    def __init__(self, workspace, nodes=3, name="play", dcs=1, network=None, **settings):
        """Settings as for Workspace.daemon, of every node; with a Network each node stands at an address of its own. Nothing
        is started yet."""
        self.workspace = workspace
        self.name = name
        settings = {"cluster.name": name, "plugins.directory": plugin_directory(),
                    **{key.replace("__", "."): value for key, value in settings.items()}}
        words = ["--nodes", str(nodes), "--dcs", str(dcs)]
        if network:
            words += ["--addresses", ",".join(network.addresses)]
            settings["listen.insecure_without_tls"] = "yes-i-know"
        words += ["--set=%s=%s" % setting for setting in settings.items()]
        self.layout = self.lay_out(words)
        while not network and not note_ports(self.layout):
            shutil.rmtree(workspace.file(name))
            self.layout = self.lay_out(words)
        self.daemons = [Member(workspace, place, network.namespaces[number] if network else None)
                        for number, place in enumerate(self.layout["nodes"])]
        workspace.daemons += self.daemons

    def lay_out(self, words):
        return json.loads(subprocess.run(
            [ASHLAR, "playground", "--prepare", "--keep", self.workspace.file(self.name), "--ashlard", ASHLARD, "--json", *words],
            check=True, capture_output=True, timeout=PATIENCE_S, env=clean_environment()).stdout)

    def newcomer(self, node_name, **settings):
        """A daemon that asks this cluster's first node for the others; settings may make a stranger of it."""
        given = {"cluster__name": self.name, "cluster__seeds": self.layout["nodes"][0]["background"],
                 "listen__peers": "127.0.0.1:0", "listen__background": "127.0.0.1:0", **settings}
        return self.workspace.daemon("%s-%s" % (self.name, node_name), node__name=node_name, **given)

    def __len__(self):
        return len(self.daemons)

    def start(self, order=None):
        """Starts the nodes in this order and waits until the first ring is theirs."""
        for number in order if order is not None else range(len(self)):
            self.daemons[number].launch()
        for daemon in self.daemons:
            daemon.wait_ready()
        wait_until("a first ring", lambda: all(status.epoch > 0 for status in self.statuses()))
        return self.wait_settled()

    def store(self, number, **more):
        daemon = self.daemons[number]
        return Store(daemon.client_port, host=daemon.host, namespace=daemon.namespace, **more)

    def stores(self, *numbers):
        """What opens a connection to each of them, for Traffic."""
        return [functools.partial(self.store, number) for number in numbers]

    def operator(self, number):
        daemon = self.daemons[number]
        return Operator(daemon.admin_port, daemon.host, daemon.namespace)

    def status(self, number, counters=False):
        with self.operator(number) as operator:
            return operator.status(admin.StatusRequest(counters=counters))

    def counter(self, number, name):
        """0 for a counter that nothing has counted yet."""
        return next((int(fact.text) for fact in self.status(number, True).counters if fact.name == name), 0)

    def statuses(self):
        return [self.status(number) for number, daemon in enumerate(self.daemons) if daemon.alive()]

    def standing(self, at, of):
        """How node `at` sees node `of`."""
        name = "n%d" % (of + 1)
        return next(node for node in self.status(at).nodes if node.name == name)

    def hints_owed_by(self, *numbers):
        return sum(node.hints_owed for number in numbers for node in self.status(number).nodes)

    def answers(self, number):
        """Takes orders: a node that was stopped refuses for a moment what may be long given up."""
        try:
            with self.store(number) as store:
                store.get(GetRequest(table="default", key=b"-"))
            return True
        except StoreError:
            return False

    def settled(self):
        """Every node runs, finds every other a living member, owes nothing to anybody, and answers."""
        statuses = self.statuses()
        return len(statuses) == len(self) and all(self.answers(number) for number in range(len(self))) and all(
            sum(node.member and node.state in ("alive", "slow") for node in status.nodes) == len(self) and
            not any(node.hints_owed for node in status.nodes) for status in statuses)

    def wait_settled(self):
        try:
            wait_until("a settled cluster", self.settled)
        except AssertionError as vain:
            raise AssertionError("%s\n%s" % (vain, self.describe()))
        return self

    def describe(self):
        lines = []
        for daemon, status in zip([daemon for daemon in self.daemons if daemon.alive()], self.statuses()):
            lines.append("%s, epoch %d, %s" % (daemon.name, status.epoch, status.problem or "no problem"))
            lines += ["    %s: %s, member %s, owed %d, against %s, accused by %s" % (
                node.name, node.state, node.member, node.hints_owed, node.against, node.accused_by) for node in status.nodes]
        return "\n".join(lines)

    def knows(self, number, table):
        with self.operator(number) as operator:
            return table in [one.name for one in operator.describe_tables(admin.DescribeTablesRequest()).tables]

    def wait_table(self, table):
        wait_until("the table %s on all nodes" % table, lambda: all(self.knows(number, table) for number in range(len(self))))

    def wait_no_table(self, table):
        wait_until("no table %s on any node" % table, lambda: not any(self.knows(number, table) for number in range(len(self))))

    def kill(self, number):
        self.daemons[number].kill()

    def terminate(self, number):
        return self.daemons[number].terminate()

    def pause(self, number):
        self.daemons[number].process.send_signal(signal.SIGSTOP)

    def resume(self, number):
        self.daemons[number].process.send_signal(signal.SIGCONT)

    def restart(self, number):
        return self.daemons[number].start()

    def heal(self):
        """Whatever a case has done, the next one finds a whole cluster."""
        for number, daemon in enumerate(self.daemons):
            if daemon.alive():
                self.resume(number)
            else:
                daemon.launch()
        for daemon in self.daemons:
            daemon.wait_ready()
        return self.wait_settled()


class WholeCluster(unittest.TestCase):
    """Cases that share a cluster, which each of them finds whole: three nodes of each data centre."""

    name = "play"
    dcs = 1
    settings = {}
    cables = False  # each node gets a network of its own, and the class a Network that cuts them

    @classmethod
    def setUpClass(cls):
        cls.network = Network(3 * cls.dcs) if cls.cables else None
        if cls.network:
            cls.addClassCleanup(cls.network.close)
        cls.workspace = Workspace()
        cls.addClassCleanup(cls.workspace.close)
        cls.cluster = Cluster(cls.workspace, 3, cls.name, cls.dcs, cls.network, **cls.settings).start()

    def setUp(self):
        if self.network:
            self.network.heal()
        self.cluster.heal()

    def nothing_missing(self, number, keys, options=None):
        with self.cluster.store(number) as store:
            lost = missing(store, keys, options)
        self.assertEqual(lost[:5], [], "%d of %d are missing at n%d" % (len(lost), len(keys), number + 1))
