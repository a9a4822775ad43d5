"""What tools/demo shows once everything is built.

One node stores this machine's package database, makes and settles a conflict, is killed with SIGKILL in the middle of
an import, and still holds every record it had acknowledged. Then three nodes form a cluster; one is killed in the
middle of an import at W=2, reads and writes go on, it comes back, is paid its hints, and all replicas are equal.
Exit 0 only if every check held.
"""

import argparse
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from demo_cluster import Playground, keep_cluster, show_cluster
from demo_node import PATIENCE_S, Build, Failed, Node, Report, own_environment, paint
from demo_single import STATUS, show_single

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(words, folder, report, started):
    """What is started is put into `started`, which whoever calls ends."""
    if not os.path.exists(STATUS):
        raise Failed("%s is not there: this demo stores the package database of a Debian machine" % STATUS)
    began = time.monotonic()
    build = Build(os.path.abspath(words.build), folder)
    report.step("Start a node on loopback, in %s" % folder)
    laid = subprocess.run(build.playground(os.path.join(folder, "alone"), "--nodes", "1", "--prepare"), capture_output=True, env=own_environment())
    if laid.returncode != 0:
        raise Failed(laid.stderr.decode().strip())
    alone = Node(build.client, json.loads(laid.stdout)["nodes"][0])
    started.append(alone)
    single = show_single(alone, report)
    report.check(alone.end(signal.SIGTERM) == 0, "the node stopped cleanly")
    playground = Playground(build, os.path.join(folder, "cluster"))
    started.append(playground)
    cluster = show_cluster(playground, report)
    if not words.keep:
        codes = [playground.end(signal.SIGTERM), playground.nodes[2].process.wait(PATIENCE_S)]
        report.check(codes == [0, 0], "the nodes stopped cleanly; everything is cleaned up")
    print(paint(1, "%d checks held" % report.checks) + " in %.0f s." % (time.monotonic() - began))
    print("One node: %s.\n%s%s." % (single, cluster[0].upper(), cluster[1:]))
    if words.keep:
        keep_cluster(playground, folder)


def last_words(started, folder):
    for one in started:
        one.end(signal.SIGTERM)
    for log in sorted(glob.glob(os.path.join(folder, "**", "*.log"), recursive=True)):
        with open(log) as lines:
            sys.stderr.write("--- the last words of %s:\n%s" % (os.path.relpath(log, folder), "".join(lines.readlines()[-15:])))


def main():
    words = argparse.ArgumentParser(prog="tools/demo", description=__doc__.split("\n")[0], epilog=__doc__.split("\n\n", 1)[1],
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--keep", action="store_true", help="leave the cluster running and print how to use it")
    words.add_argument("--build", default=os.path.join(ROOT, "build"), help="build directory (default: build)")
    words = words.parse_args()
    folder = tempfile.mkdtemp(prefix="ashlar-demo.")
    started = []
    done = kept = False
    try:
        run(words, folder, Report(), started)
        done, kept = True, words.keep
        return 0
    except Failed as why:
        print("   %s %s" % (paint(31, "FAILED"), why), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if not done:
            last_words(started, folder)
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
