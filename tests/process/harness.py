"""Real daemons for the process tests: on loopback, on free ports, in a temporary directory each.

A Daemon is started from a YAML file made of dotted settings, waited for by its "ready:" line, and ended by its
process id only. Everything is removed by the Workspace, also after a failed test.
"""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

BUILD = os.environ.get("ASHLAR_BUILD", os.path.join(os.path.dirname(__file__), "..", "..", "build"))
BUILD = os.path.abspath(BUILD)
ASHLARD = os.path.join(BUILD, "kernel", "main", "ashlard")
ASHLAR = os.path.join(BUILD, "clients", "cli", "ashlar")

# "none", "address,undefined" or "thread": sanitizers keep freed memory and shadow what is used.
SANITIZER = os.environ.get("ASHLAR_SANITIZER", "none")

# What sanitizers run: every case, but fewer rounds of those that repeat themselves.
BRIEF = os.environ.get("ASHLAR_BRIEF") == "1"

# Generous: a sanitizer build on a busy machine starts slowly. Nothing asserts that something is fast.
PATIENCE_S = 60

READY = re.compile(r"ready: clients (\S+):(\d+) admin (\S+):(\d+)")
ROADS = re.compile(r"ready: .* peers \S+:(\d+) background \S+:(\d+)")

REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error: ")

_plugins = None


def plugin_directory():
    """A copy of the built plugins that nobody else may write to, whatever the umask of the build was."""
    global _plugins
    if _plugins is None:
        _plugins = tempfile.mkdtemp(prefix="ashlar-plugins.")
        atexit.register(shutil.rmtree, _plugins, True)
        os.chmod(_plugins, 0o755)
        built = os.path.join(BUILD, "plugins")
        for name in sorted(os.listdir(built)):
            if name.endswith(".so"):
                shutil.copyfile(os.path.join(built, name), os.path.join(_plugins, name))
                os.chmod(os.path.join(_plugins, name), 0o755)
    return _plugins


def clean_environment(**more):
    """Without the settings of whoever runs the tests."""
    out = {name: text for name, text in os.environ.items() if not name.startswith("ASHLAR")}
    out.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")
    # A report ends the process, so that a test fails over it.
    out.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
    out.setdefault("TSAN_OPTIONS", "halt_on_error=1")
    out.update(more)
    return out


def wait_until(what, condition, patience_s=PATIENCE_S):
    """Waits for something that must happen; how long it takes is not judged."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for: %s" % (patience_s, what))
        time.sleep(0.01)


def yaml_lines(tree, indent=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield "%s%s:" % (indent, key)
            yield from yaml_lines(value, indent + "  ")
        else:
            yield "%s%s: %s" % (indent, key, json.dumps(value))


class Workspace:
    """A temporary directory and the daemons in it. Close it with close(), or use it as a context."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="ashlar-test.")
        self.daemons = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        reports = []
        for daemon in self.daemons:
            try:
                daemon.kill()
            except AssertionError as report:
                reports.append(report)
        shutil.rmtree(self.path, ignore_errors=True)
        if reports:
            raise reports[0]

    def file(self, name, text=None):
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "wb") as out:
                out.write(text if isinstance(text, bytes) else text.encode())
        return path

    def daemon(self, name="node1", **settings):
        """Settings as section__key=value; not started yet."""
        out = Daemon(self, name, {key.replace("__", "."): value for key, value in settings.items()})
        self.daemons.append(out)
        return out


class Daemon:
    def __init__(self, workspace, name, settings):
        self.workspace = workspace
        self.name = name
        self.data = workspace.file(name + ".data")
        self.config = workspace.file(name + ".yaml")
        self.log_file = workspace.file(name + ".log")
        self.settings = {
            "node.name": name,
            "node.data_directory": self.data,
            "listen.clients": "127.0.0.1:0",
            "listen.admin": "127.0.0.1:0",
            "plugins.directory": plugin_directory(),
        }
        self.settings.update(settings)
        self.command = [ASHLARD, "--config", self.config]
        self.process = None
        self.reported = False
        self.namespace = None        # of the network, in which it runs; None: ours
        self.host = "127.0.0.1"
        self.client_port = None
        self.admin_port = None
        self.peer_port = None        # of a node that may have others
        self.background_port = None

    def write_config(self):
        tree = {}
        for name, value in self.settings.items():
            *sections, key = name.split(".")
            at = tree
            for section in sections:
                at = at.setdefault(section, {})
            at[key] = value
        with open(self.config, "w") as out:
            out.write("\n".join(yaml_lines(tree)) + "\n")

    def launch(self, *arguments, **environment):
        """Starts the process without waiting for it to serve."""
        self.write_config()
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([*self.command, *arguments], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=clean_environment(**environment))
        return self

    def start(self, *arguments, **environment):
        return self.launch(*arguments, **environment).wait_ready()

    def wait_ready(self):
        """Of a daemon that launch() started."""
        def ready():
            if self.process.poll() is not None:
                raise AssertionError("ashlard ended with %s instead of serving:\n%s" % (self.process.returncode, self.log()))
            return READY.search(self.log())

        wait_until("ashlard to serve", ready)
        return self.start_found()

    def start_found(self):
        """Takes the ports from the ready line of a daemon that launch() started."""
        found = READY.search(self.log())
        self.client_port, self.admin_port = int(found.group(2)), int(found.group(4))
        roads = ROADS.search(self.log())
        if roads:
            self.peer_port, self.background_port = int(roads.group(1)), int(roads.group(2))
        return self

    def refuses(self, *arguments, **environment):
        """Starts it, expects it to give up; gives (exit code, what it said)."""
        self.launch(*arguments, **environment)
        try:
            code = self.process.wait(PATIENCE_S)
            self.check_reports()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("ashlard serves instead of refusing:\n" + self.log())
        return code, self.log()

    def log(self):
        with open(self.log_file, "rb") as log:
            return log.read().decode(errors="replace")

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            self.check_reports()

    def check_reports(self):
        """A daemon that was to be killed anyway must not hide what a sanitizer said about it."""
        found = REPORT.search(self.log())
        if found and not self.reported:
            self.reported = True
            raise AssertionError("a sanitizer's report:\n" + self.log()[found.start():][:6000])

    def terminate(self):
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_S)
        self.check_reports()
        return code

    def resident_kib(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    @property
    def endpoint(self):
        return "%s:%d" % (self.host, self.client_port)

    @property
    def admin_endpoint(self):
        return "%s:%d" % (self.host, self.admin_port)


class Cli:
    """The command `ashlar` against one daemon."""

    def __init__(self, daemon=None, endpoints=None, admin=None):
        self.environment = clean_environment(
            ASHLAR_ENDPOINTS=endpoints or daemon.endpoint, ASHLAR_ADMIN=admin or (daemon.admin_endpoint if daemon else "127.0.0.1:1"))

    def __call__(self, *arguments, stdin=b"", **environment):
        return subprocess.run([ASHLAR, *arguments], input=stdin, capture_output=True, timeout=PATIENCE_S * 2,
                              env={**self.environment, **environment})

    def json(self, *arguments, **more):
        done = self(*arguments, "--json", **more)
        if not done.stdout:
            raise AssertionError("%s says nothing, exit code %d: %s" % (arguments, done.returncode, done.stderr))
        return done.returncode, json.loads(done.stdout)
