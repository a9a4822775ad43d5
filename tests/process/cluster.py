"""Several real daemons that form one cluster on loopback, and what tests do to them.

Nodes are numbered from 0 and named n1, n2, ...; the first one's background port is the seed of all. Ports are chosen
once and kept over restarts, as on real machines. Everything ends by process id, by the Workspace or by stop().
"""

import random
import signal
import socket

from client import Operator, Store, admin
from harness import wait_until


def free_port():
    """Below the range the system takes for outgoing connections, so that nobody takes it while its node is down."""
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Cluster:
    def __init__(self, workspace, nodes=3, name="play", **settings):
        """Settings as for Workspace.daemon; nothing is started yet."""
        self.workspace = workspace
        self.name = name
        self.seed = "127.0.0.1:%d" % free_port()
        self.daemons = []
        for number in range(nodes):
            background = self.seed if number == 0 else "127.0.0.1:%d" % free_port()
            self.daemons.append(self.newcomer("n%d" % (number + 1), listen__background=background, cluster__expect=nodes, **settings))

    def newcomer(self, node_name, **settings):
        """A daemon that asks this cluster's seed for the others; settings may make a stranger of it."""
        given = {"cluster__name": self.name, "cluster__seeds": self.seed, "listen__clients": "127.0.0.1:%d" % free_port(),
                 "listen__admin": "127.0.0.1:%d" % free_port(), "listen__peers": "127.0.0.1:%d" % free_port(),
                 "listen__background": "127.0.0.1:%d" % free_port(), **settings}
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
        return Store(self.daemons[number].client_port, **more)

    def operator(self, number):
        return Operator(self.daemons[number].admin_port)

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

    def settled(self):
        """Every node runs, finds every other a living member, and owes nothing to anybody."""
        statuses = self.statuses()
        return len(statuses) == len(self) and all(
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
