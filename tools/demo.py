"""What tools/demo shows once everything is built.

Stores this machine's package database, makes and settles a conflict, kills the node with SIGKILL in the middle of an
import, restarts it, and looks for every record it had acknowledged. Exit 0 only if every check held.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STATUS = "/var/lib/dpkg/status"
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


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


class Node:
    """One ashlard on loopback in a directory of its own."""

    def __init__(self, build, folder, usual_ports):
        self.program = os.path.join(build, "kernel", "main", "ashlard")
        self.client = os.path.join(build, "clients", "cli", "ashlar")
        for program in (self.program, self.client):
            if not os.access(program, os.X_OK):
                raise Failed("%s is not built: run tools/demo without --no-setup" % program)
        self.folder = folder
        self.log = os.path.join(folder, "ashlard.log")
        self.config = os.path.join(folder, "ashlar.yaml")
        self.process = None
        plugins = os.path.join(folder, "plugins")
        os.mkdir(plugins, 0o755)
        for name in os.listdir(os.path.join(build, "plugins")):
            if name.endswith(".so"):
                # A copy that nobody else may write to, whatever the umask of the build was: others are refused.
                shutil.copyfile(os.path.join(build, "plugins", name), os.path.join(plugins, name))
                os.chmod(os.path.join(plugins, name), 0o755)
        usual = usual_ports and free(7311) and free(7312)
        with open(self.config, "w") as out:
            out.write("node:\n  name: demo\n  data_directory: %s\n" % json.dumps(os.path.join(folder, "data")))
            out.write("listen:\n  clients: 127.0.0.1:%d\n  admin: 127.0.0.1:%d\n" % ((7311, 7312) if usual else (0, 0)))
            out.write("plugins:\n  directory: %s\n" % json.dumps(plugins))

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
                self.clients, self.admin = found.groups()
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

    def table(self, name):
        """Everything a table holds, by way of export: key -> list of values."""
        out = {}
        for line in self.ashlar("export", "-t", name).splitlines():
            entry = json.loads(line)
            values = entry.get("siblings", [entry])
            out[as_bytes(entry, "key")] = [as_bytes(value, "value") for value in values]
        return out


def as_bytes(entry, name):
    if name in entry:
        return entry[name].encode()
    import base64
    return base64.b64decode(entry[name + "_base64"])


def read_packages():
    """The status file, cut by hand, to compare with: key -> paragraph."""
    with open(STATUS, "rb") as file:
        text = file.read()
    out = {}
    for paragraph in re.split(rb"\n(?:[ \t]*\n)+", text.strip(b"\n") + b"\n"):
        paragraph = paragraph.rstrip(b"\n") + b"\n"
        fields = dict(re.findall(rb"(?mi)^(package|architecture):[ \t]*(.*?)[ \t]*$", paragraph))
        fields = {name.lower(): text for name, text in fields.items()}
        if fields.get(b"package"):
            key = fields[b"package"] + (b":" + fields[b"architecture"] if fields.get(b"architecture") else b"")
            out[key] = paragraph
    return out


def show_import(node, report, packages):
    report.step("Store this machine's package database (%s), one record a package" % STATUS)
    node.ashlar("table", "create", "packages")
    answer = json.loads(node.ashlar("import", STATUS, "-t", "packages", "--format", "control", "--json", "--no-resume",
                                    "--state", os.path.join(node.folder, "state")))
    for reason in answer["refused"]["reasons"]:
        report.note("refused %d: %s (e.g. %s)" % (reason["count"], reason["reason"], reason["example"]))
    report.check(answer["failed"]["count"] == 0 and answer["stored"] > 0 and
                 answer["stored"] + answer["refused"]["count"] == len(packages),
                 "%s of %s records stored, %s refused, 0 failed: %s records/s, each batch synced to disk" %
                 (count(answer["stored"]), count(len(packages)), count(answer["refused"]["count"]), count(int(answer["records_per_second"]))))
    stored = node.table("packages")
    some = sorted(stored)[:: max(1, len(stored) // 5)][:5]
    for key in some:
        if node.ashlar("get", key.decode(), "-t", "packages") != packages[key]:
            raise Failed("the value of %s differs from the file" % key.decode())
    report.check(True, "read back byte for byte: %s" % ", ".join(key.decode() for key in some))
    report.check(len(stored) == answer["stored"] and all(values == [packages[key]] for key, values in stored.items()),
                 "and the whole table, exported, equals the file")
    return answer


def show_siblings(node, report):
    report.step("Two writers who read the same value do not overwrite each other")
    node.ashlar("put", "cart", "milk")
    old = json.loads(node.ashlar("get", "cart", "--json"))["context"]
    node.ashlar("put", "cart", "milk, bread", "--context", old)
    node.ashlar("put", "cart", "milk, eggs", "--context", old)
    both = json.loads(node.ashlar("get", "cart", "--json"))
    values = sorted(value["value"] for value in both["values"])
    report.check(values == ["milk, bread", "milk, eggs"], "both are kept, as siblings: %s" % " | ".join(values))
    node.ashlar("put", "cart", "milk, bread, eggs", "--context", both["context"])
    after = json.loads(node.ashlar("get", "cart", "--json"))
    report.check([value["value"] for value in after["values"]] == ["milk, bread, eggs"],
                 "a write that saw both settles them: milk, bread, eggs")


def kill_in_the_middle(node, report, packages):
    report.step("SIGKILL in the middle of an import")
    node.ashlar("table", "create", "copies")
    acked = os.path.join(node.folder, "acked")
    open(acked, "w").close()
    for round_ in range(1000):
        prefix = "copy%d/" % round_
        before = os.path.getsize(acked)
        importer = subprocess.Popen(
            node.words("import", STATUS, "-t", "copies", "--format", "control", "--key-prefix", prefix, "--batch", "8", "--acked", acked,
                       "--state", os.path.join(node.folder, "state-copies"), "--no-resume"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=node.environment())
        # Not in the first round, so that some of the data is older; then when a good part of a round is through.
        wanted = before + (len(packages) // 2) * 12
        while importer.poll() is None:
            if round_ >= 2 and os.path.getsize(acked) > wanted:
                node.end(signal.SIGKILL)
                break
            time.sleep(0.001)
        code = importer.wait(PATIENCE_S)
        if node.process.poll() is not None:
            break
        if code != 0:
            raise Failed("an import ended with %d while the node was up" % code)
    with open(acked) as lines:
        keys = lines.read().splitlines()
    of_this_round = sum(1 for key in keys if key.startswith(prefix))
    report.check(code == 3 and 0 < of_this_round < len(packages),
                 "import %d was cut off after %s of its records; %s acknowledged in all" % (round_ + 1, count(of_this_round), count(len(keys))))
    return keys


def find_again(node, report, packages, stored, keys):
    report.step("Restart, and look for every acknowledged record")
    seconds = node.start()
    found = node.table("copies")
    missing = [key for key in keys if found.get(key.encode()) != [packages[key.encode().split(b"/", 1)[1]]]]
    report.check(not missing, "all %s acknowledged records are there, byte for byte%s" %
                 (count(len(set(keys))), "" if not missing else "; missing: " + ", ".join(missing[:5])))
    foreign = [key for key, values in found.items() if values != [packages.get(key.split(b"/", 1)[1])]]
    report.check(not foreign, "and nothing that was not written (%s more were stored but not yet acknowledged)" % count(len(found) - len(set(keys))))
    report.check(len(node.table("packages")) == stored and node.ashlar("get", "cart") == b"milk, bread, eggs",
                 "the first table and the settled cart are as they were")
    return seconds, len(found)


def keep(node, report):
    print()
    print(paint(1, "The node is running") + " (process %d), with the package database in table packages. Try:" % node.process.pid)
    usual = node.clients.endswith(":7311")
    print('  export PATH="%s:$PATH"' % os.path.dirname(node.client))
    if not usual:
        print("  export ASHLAR_ENDPOINTS=%s ASHLAR_ADMIN=%s   # the usual ports were taken" % (node.clients, node.admin))
    print("  ashlar status")
    print("  ashlar get bash:amd64 -t packages" if os.uname().machine == "x86_64" else "  ashlar scan -t packages --limit 5")
    print("  ashlar put greeting 'good morning' && ashlar get greeting")
    print("Stop it: kill %d. Its data: %s (remove it when done)" % (node.process.pid, node.folder))


def run(words, folder, report):
    if not os.path.exists(STATUS):
        raise Failed("%s is not there: this demo stores the package database of a Debian machine" % STATUS)
    node = Node(os.path.abspath(words.build), folder, words.keep)
    ended = False
    try:
        report.step("Start a node on loopback, in %s" % folder)
        node.start()
        cards = [card for card in json.loads(node.ashlar("plugin", "list", "--json"))["plugins"] if card["loaded"]]
        order = ("partitioner", "replicator", "failure_detector", "conflict_resolver", "storage_engine")
        used = {kind: "+".join(card["name"] for card in cards if card["kind"] == kind) for kind in order}
        report.check(all(used.values()), "serving on %s, made of " % node.clients + ", ".join(used[kind] for kind in order))
        packages = read_packages()
        answer = show_import(node, report, packages)
        show_siblings(node, report)
        keys = kill_in_the_middle(node, report, packages)
        seconds, in_all = find_again(node, report, packages, answer["stored"], keys)
        print(paint(1, "%d checks held." % report.checks) + " %s records in the first import at %s/s; %s acknowledged before the kill; "
              "serving again %.0f ms after the restart." % (count(answer["stored"]), count(int(answer["records_per_second"])),
                                                            count(len(set(keys))), seconds * 1000))
        if words.keep:
            keep(node, report)
        else:
            code = node.end(signal.SIGTERM)
            report.check(code == 0, "the node stopped cleanly; everything is cleaned up")
        ended = True
    finally:
        if not ended:
            node.end(signal.SIGKILL)
            if os.path.exists(node.log):
                with open(node.log) as log:
                    sys.stderr.write("--- the node's last words:\n" + "".join(log.readlines()[-15:]))


def main():
    words = argparse.ArgumentParser(prog="tools/demo", description=__doc__.split("\n")[0], epilog=__doc__.split("\n\n", 1)[1],
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--keep", action="store_true", help="leave the node running and print how to use it")
    words.add_argument("--build", default=os.path.join(ROOT, "build"), help="build directory (default: build)")
    words = words.parse_args()
    report = Report()
    folder = tempfile.mkdtemp(prefix="ashlar-demo.")
    kept = False
    try:
        run(words, folder, report)
        kept = words.keep
        return 0
    except Failed as why:
        print("   %s %s" % (paint(31, "FAILED"), why), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
