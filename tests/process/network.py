"""Network namespaces: machines of their own for daemons, and the cables between them, which tests cut and mend.

Each node has a namespace with one address; a router's namespace stands between them. A cut is a routing rule there: what
comes from one node to another is dropped without a word, in one direction only, and nobody's own network changes. All of it
needs root and iproute2 and nothing of the kernel but namespaces, veth and rules.
"""

import atexit
import contextlib
import ctypes
import os
import shutil
import subprocess
import unittest

CLONE_NEWNET = 0x40000000
PREFIX = "ashlar-test-"

_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def inside(namespace):
    """This thread opens its sockets in that namespace; None is where it is."""
    if namespace is None:
        yield
        return
    with open("/proc/thread-self/ns/net") as home, open("/run/netns/" + namespace) as there:
        enter(there)
        try:
            yield
        finally:
            enter(home)


def enter(opened):
    if _libc.setns(opened.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def leftovers():
    """Namespaces of test runs that were killed before they could clean up."""
    for line in ip("netns", "list").splitlines():
        name = line.split()[0]
        if name.startswith(PREFIX) and not os.path.exists("/proc/" + name[len(PREFIX):].split("-")[0]):
            yield name


class Network:
    """`count` namespaces that reach each other. Close it with close()."""

    made = 0

    def __init__(self, count):
        if os.geteuid() != 0:
            raise unittest.SkipTest("network namespaces need root")
        if not shutil.which("ip"):
            raise unittest.SkipTest("network namespaces need iproute2")
        Network.made += 1
        stem = "%s%d-%d" % (PREFIX, os.getpid(), Network.made)
        self.router = stem + "-r"
        self.namespaces = ["%s-%d" % (stem, number + 1) for number in range(count)]
        self.addresses = ["10.77.%d.2" % (number + 1) for number in range(count)]
        self.cuts = set()
        atexit.register(self.close)
        try:
            for name in leftovers():
                subprocess.run(["ip", "netns", "del", name], capture_output=True)  # unless another run was faster
            ip("netns", "add", self.router)
        except subprocess.CalledProcessError as refused:
            raise unittest.SkipTest("no network namespaces here: " + refused.stderr.strip())
        ip("netns", "exec", self.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for number, name in enumerate(self.namespaces):
            self.connect(number, name)

    def connect(self, number, name):
        gate, router = "10.77.%d.1" % (number + 1), ["-n", self.router]
        ip("netns", "add", name)
        ip(*router, "link", "add", "to%d" % number, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip(*router, "addr", "add", gate + "/30", "dev", "to%d" % number)
        ip(*router, "link", "set", "to%d" % number, "up")
        ip("-n", name, "addr", "add", self.addresses[number] + "/30", "dev", "eth0")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "route", "add", "default", "via", gate)

    def cut(self, senders, receivers):
        """What these send to those is lost from now on, and nothing else."""
        for sender in senders:
            for receiver in receivers:
                if sender != receiver and (sender, receiver) not in self.cuts:
                    self.rule("add", sender, receiver)
                    self.cuts.add((sender, receiver))

    def part(self, some, others):
        """Neither of the two sides hears the other."""
        self.cut(some, others)
        self.cut(others, some)

    def heal(self):
        for sender, receiver in sorted(self.cuts):
            self.rule("del", sender, receiver)
        self.cuts.clear()

    def rule(self, verb, sender, receiver):
        ip("-n", self.router, "rule", verb, "iif", "to%d" % sender, "to", self.addresses[receiver] + "/32", "blackhole")

    def close(self):
        """The daemons in them must have ended; also after a failed test."""
        for name in [self.router, *self.namespaces]:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        atexit.unregister(self.close)
