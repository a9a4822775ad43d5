"""The nodes of tools/demo and what the person sees of it."""

import base64
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time

PATIENCE_S = 120
READY = re.compile(r"ready: clients (\S+) admin (\S+)")
USUAL_PORTS = (7311, 7312, 7313, 7314)

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(code, text):
    return "\x1b[%sm%s\x1b[0m" % (code, text) if COLOUR else text


class Failed(Exception):
    """A check that did not hold: the demo ends with it."""


class Report:
    """What the person sees: numbered steps, a line for each check."""

    def __init__(self):
        self.step_number = 0
        self.checks = 0

    def step(self, text):
        self.step_number += 1
        print(paint(1, "%d. %s" % (self.step_number, text)), flush=True)

    def note(self, text):
        print("   " + text, flush=True)

    def check(self, good, text):
        if not good:
            raise Failed(text)
        self.checks += 1
        print("   %s %s" % (paint(32, "ok"), text), flush=True)


def count(number):
    return "{:,}".format(number)


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_port():
    """Below the range the system takes for outgoing connections, so that nobody takes it while its node is down."""
    while True:
        port = random.randrange(15000, 32000)
        if free(port):
            return port


def copy_plugins(build, folder):
    """A copy that nobody else may write to, whatever the umask of the build was: others are refused."""
    plugins = os.path.join(folder, "plugins")
    os.mkdir(plugins, 0o755)
    for name in os.listdir(os.path.join(build, "plugins")):
        if name.endswith(".so"):
            shutil.copyfile(os.path.join(build, "plugins", name), os.path.join(plugins, name))
            os.chmod(os.path.join(plugins, name), 0o755)
    return plugins


class Node:
    """One ashlard on loopback in a directory of its own, `folder`/`name`."""

    def __init__(self, build, folder, plugins, name, cluster=None, ports=None):
        """`cluster` is what the section of that name says; without it the node stays alone."""
        self.program = os.path.join(build, "kernel", "main", "ashlard")
        self.client = os.path.join(build, "clients", "cli", "ashlar")
        for program in (self.program, self.client):
            if not os.access(program, os.X_OK):
                raise Failed("%s is not built: run tools/demo without --no-setup" % program)
        self.name = name
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.log = os.path.join(self.folder, "ashlard.log")
        self.config = os.path.join(self.folder, "ashlar.yaml")
        self.process = None
        ports = ports or [free_port() for _ in USUAL_PORTS]
        self.background = "127.0.0.1:%d" % ports[3]
        self.clients, self.admin = "127.0.0.1:%d" % ports[0], "127.0.0.1:%d" % ports[1]
        listen = {"clients": self.clients, "admin": self.admin}
        if cluster:
            listen.update(peers="127.0.0.1:%d" % ports[2], background=self.background)
        sections = {"cluster": cluster or {}, "node": {"name": name, "data_directory": os.path.join(self.folder, "data")},
                    "listen": listen, "plugins": {"directory": plugins}}
        with open(self.config, "w") as out:
            for section, settings in sections.items():
                out.write("%s: %s\n" % (section, json.dumps(settings)))

    def start(self):
        """Gives the seconds until it served."""
        with open(self.log, "w") as log:
            # A session of its own, so that Ctrl-C ends the demo first and --keep outlives it.
            environment = {name: text for name, text in os.environ.items() if not name.startswith("ASHLAR")}
            began = time.monotonic()
            self.process = subprocess.Popen([self.program, "--config", self.config], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True, env=environment)
        while True:
            with open(self.log) as log:
                found = READY.search(log.read())
            if found:
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise Failed("ashlard ended with %d instead of serving" % self.process.returncode)
            if time.monotonic() - began > PATIENCE_S:
                raise Failed("ashlard did not serve within %d s" % PATIENCE_S)
            time.sleep(0.002)

    def end(self, how):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_S) if self.process is not None else 0

    def words(self, *words):
        return [self.client, "--endpoints", self.clients, "--admin", self.admin, *words]

    def environment(self):
        return {name: text for name, text in os.environ.items() if not name.startswith("ASHLAR")}

    def ashlar(self, *words, good=(0,)):
        done = subprocess.run(self.words(*words), capture_output=True, stdin=subprocess.DEVNULL, env=self.environment())
        if done.returncode not in good:
            raise Failed("ashlar %s ended with %d: %s" % (" ".join(words), done.returncode, done.stderr.decode().strip()))
        return done.stdout

    def status(self):
        return json.loads(self.ashlar("status", "--json"))

    def table(self, name, *level):
        """Everything a table holds, by way of export: key -> list of values."""
        out = {}
        for line in self.ashlar("export", "-t", name, *level).splitlines():
            entry = json.loads(line)
            values = entry.get("siblings", [entry])
            out[as_bytes(entry, "key")] = [as_bytes(value, "value") for value in values]
        return out


def as_bytes(entry, name):
    if name in entry:
        return entry[name].encode()
    return base64.b64decode(entry[name + "_base64"])
