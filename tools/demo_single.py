"""What tools/demo shows of one node: an import, siblings, a kill, everything still there."""

import json
import os
import re
import signal
import subprocess
import time

from demo_node import PATIENCE_S, Failed, count, own_environment

STATUS = "/var/lib/dpkg/status"


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


def show_single(node, report):
    """All of it, with the node left running; gives its figures."""
    node.start()
    cards = [card for card in json.loads(node.ashlar("plugin", "list", "--json"))["plugins"] if card["loaded"]]
    order = ("partitioner", "replicator", "failure_detector", "conflict_resolver", "storage_engine")
    used = {kind: "+".join(card["name"] for card in cards if card["kind"] == kind) for kind in order}
    report.check(all(used.values()), "serving on %s, made of " % node.clients + ", ".join(used[kind] for kind in order))
    packages = read_packages()
    answer = show_import(node, report, packages)
    show_siblings(node, report)
    keys = kill_in_the_middle(node, report, packages)
    seconds = find_again(node, report, packages, answer["stored"], keys)
    return "%s records in the first import at %s/s; %s acknowledged before the kill; serving again %.0f ms after the restart" % (
        count(answer["stored"]), count(int(answer["records_per_second"])), count(len(set(keys))), seconds * 1000)


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
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=own_environment())
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
    return seconds
