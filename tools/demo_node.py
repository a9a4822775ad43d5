"""The nodes of tools/demo and what the person sees of it. `ashlar playground` lays them out."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time

PATIENCE_S = 120
READY = re.compile(r"ready: clients (\S+) admin (\S+)")

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


def runs(number):
    try:
        os.kill(number, 0)
        return True
    except ProcessLookupError:
        return False


def copy_plugins(build, folder):
    """A copy that nobody else may write to, whatever the umask of the build was: others are refused."""
    plugins = os.path.join(folder, "plugins")
    os.mkdir(plugins, 0o755)
    for name in os.listdir(os.path.join(build, "plugins")):
        if name.endswith(".so"):
            shutil.copyfile(os.path.join(build, "plugins", name), os.path.join(plugins, name))
            os.chmod(os.path.join(plugins, name), 0o755)
    return plugins


def own_environment():
    """Without the settings of whoever runs the demo."""
    return {name: text for name, text in os.environ.items() if not name.startswith("ASHLAR")}


class Build:
    """The programs that are shown, with plugins they accept."""

    def __init__(self, build, folder):
        self.daemon = os.path.join(build, "kernel", "main", "ashlard")
        self.client = os.path.join(build, "clients", "cli", "ashlar")
        for program in (self.daemon, self.client):
            if not os.access(program, os.X_OK):
                raise Failed("%s is not built: run tools/demo without --no-setup" % program)
        self.plugins = copy_plugins(build, folder)

    def playground(self, folder, *words):
        """The command line of one that is kept in `folder` and tells its places as JSON."""
        return [self.client, "playground", "--json", "--keep", folder, "--ashlard", self.daemon, "--set", "plugins.directory=" + self.plugins, *words]


class Node:
    """One ashlard where a playground has put it."""

    def __init__(self, client, place):
        self.client, self.place = client, place
        self.name, self.folder, self.log = place["name"], place["directory"], place["log"]
        self.clients, self.admin = place["clients"], place["admin"]
        self.number = place.get("process")  # of a process of the playground's
        self.process = None                 # of one of our own

    def start(self):
        """Gives the seconds until it served."""
        with open(self.log, "w") as log:
            # A session of its own, so that Ctrl-C ends the demo first and --keep outlives it.
            began = time.monotonic()
            self.process = subprocess.Popen(self.place["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, env=own_environment())
        self.number = self.process.pid
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
        """Gives the exit code of a process of our own, else None."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(how)
            return self.process.wait(PATIENCE_S)
        if self.number is None:
            return None
        os.kill(self.number, how)
        while runs(self.number):
            time.sleep(0.002)
        return None

    def words(self, *words):
        return [self.client, "--endpoints", self.clients, "--admin", self.admin, *words]

    def ashlar(self, *words, good=(0,)):
        done = subprocess.run(self.words(*words), capture_output=True, stdin=subprocess.DEVNULL, env=own_environment())
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
