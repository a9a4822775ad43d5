#!/usr/bin/python3
"""What it costs to find and heal the difference between three replicas, against the number of keys that differ.

    tests/bench/exchange/run.py [--build DIR] [--quick] [--json]

Three real daemons (N=3) hold 1,000,000 keys of 100-byte values on their disks (--quick: 100,000). For each number of
differing keys that many are written anew on all three, acknowledged from memory (`sync.mode: never`), and one node loses them
by SIGKILL: nobody owes it anything and nobody knows. Then `ashlar verify` compares once, so that the trees which the kill has
made stale are hashed (that time is given, too), and `ashlar repair` is measured: its time, what moved, and what all three
nodes sent to each other meanwhile, gossip included. Rounds that nobody orders are off.
"""

import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SENT = ("peer_link_bytes_out", "background_bytes_out")
SAID = ("peer_link_messages_out", "background_messages_out")


def key_of(number):
    return b"key-%08d" % number


def load(cluster, store_of, keys, value_of, options, client):
    """All keys, in batches; what is refused as too much is asked again."""
    with store_of(0) as store:
        for first in range(0, len(keys), 500):
            left = keys[first:first + 500]
            while left:
                items = [client.PutItem(key=key_of(key), value=value_of(key), overwrite=True) for key in left]
                answer = store.multi_put(client.MultiPutRequest(table="default", items=items, options=options))
                left = [key for key, item in zip(left, answer.items) if item.error_code is not None]
                if left:
                    time.sleep(0.2)


def main():
    words = argparse.ArgumentParser(description="The cost of comparing and healing replicas.")
    words.add_argument("--build", default=os.path.join(ROOT, "build"))
    words.add_argument("--quick", action="store_true", help="100,000 keys instead of 1,000,000")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    os.environ["ASHLAR_BUILD"] = os.path.abspath(given.build)
    sys.path.insert(0, os.path.join(ROOT, "tests", "process"))
    import client
    from cluster import Cluster
    from harness import Cli, Workspace
    from traffic import ALL

    count = 100_000 if given.quick else 1_000_000
    rows = []
    with Workspace() as workspace:
        cluster = Cluster(workspace, 3, repair__convergence_target="400 d", sync__mode="never", sync__write_interval="1 h").start()
        admins = ",".join(daemon.admin_endpoint for daemon in cluster.daemons)
        cli = Cli(cluster.daemons[0], admin=admins)

        def run(*arguments):
            begun = time.monotonic()
            done = subprocess.run([*COMMAND, *arguments, "--json"], capture_output=True, env=cli.environment, timeout=1800)
            return time.monotonic() - begun, done.returncode, json.loads(done.stdout or b"{}"), done.stderr

        def sums():
            counted = [cluster.counter(number, name) for number in range(3) for name in SENT]
            said = [cluster.counter(number, name) for number in range(3) for name in SAID]
            return sum(counted), sum(said)

        from harness import ASHLAR
        COMMAND = [ASHLAR]
        begun = time.monotonic()
        load(cluster, cluster.store, range(count), lambda key: b"%0100d" % key, ALL, client)
        print("%d keys on three nodes after %.0f s" % (count, time.monotonic() - begun), file=sys.stderr)
        # A clean stop puts everything on the disk: only what is written from here on can be lost.
        for number in range(3):
            cluster.terminate(number)
            cluster.restart(number)
            cluster.wait_settled()
        took, code, _, problem = run("repair")
        if code != 0:
            sys.exit("the replicas could not be made equal: %s" % problem.decode())
        print("first repair: %.1f s" % took, file=sys.stderr)
        for differing in (0, 1, 100, 10_000):
            chosen = range(0, count, count // differing)[:differing] if differing else ()
            load(cluster, cluster.store, chosen, lambda key: b"%0100d" % (key + differing), ALL, client)
            if differing:
                cluster.kill(2)
                cluster.restart(2)
                cluster.wait_settled()
            hashed, code, found, _ = run("verify")
            before = sums()
            took, code, healed, problem = run("repair")
            after = sums()
            if code != 0:
                sys.exit("not healed: %s" % problem.decode())
            reports = [node["repair"] for node in healed["nodes"]]
            checked, code, _, _ = run("verify")
            rows.append({
                "keys": count, "differing": differing, "found": found["keys_differing"], "first_compare_s": round(hashed, 2),
                "repair_s": round(took, 2), "compare_equal_s": round(checked, 2), "equal_after": code == 0,
                "ranges_compared": sum(report["ranges_compared"] for report in reports),
                "entries_moved": sum(report["entries_given"] + report["entries_fetched"] for report in reports),
                "entry_bytes": sum(report["bytes_given"] + report["bytes_fetched"] for report in reports),
                "bytes_sent": after[0] - before[0], "messages_sent": after[1] - before[1]})
    if given.json:
        print(json.dumps({"schema": 1, "rows": rows}))
        return
    print("%9s %8s %14s %9s %9s %9s %12s %12s %9s %7s" % (
        "differing", "found", "first compare", "repair", "messages", "sums", "bytes sent", "entry bytes", "entries", "equal"))
    for row in rows:
        print("%9d %8d %12.2f s %7.2f s %9d %9d %12d %12d %9d %7s" % (
            row["differing"], row["found"], row["first_compare_s"], row["repair_s"], row["messages_sent"], row["ranges_compared"],
            row["bytes_sent"], row["entry_bytes"], row["entries_moved"], "yes" if row["equal_after"] else "NO"))


if __name__ == "__main__":
    main()
