"""What tools/demo shows once everything is built.

One node stores this machine's package database, makes and settles a conflict, is killed with SIGKILL in the middle of
an import, and still holds every record it had acknowledged. Then three nodes form a cluster; one is killed in the
middle of an import at W=2, reads and writes go on, it comes back, is paid its hints, and all replicas are equal.
Exit 0 only if every check held.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

from demo_cluster import keep_cluster, make_nodes, show_cluster
from demo_node import Failed, Node, Report, copy_plugins, paint
from demo_single import STATUS, show_single

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(words, folder, report, nodes):
    """Nodes that are started are put into `nodes`, which whoever calls ends."""
    if not os.path.exists(STATUS):
        raise Failed("%s is not there: this demo stores the package database of a Debian machine" % STATUS)
    began = time.monotonic()
    build = os.path.abspath(words.build)
    report.step("Start a node on loopback, in %s" % folder)
    plugins = copy_plugins(build, folder)
    nodes.append(Node(build, folder, plugins, "alone"))
    single = show_single(nodes[0], report)
    report.check(nodes[0].end(signal.SIGTERM) == 0, "the node stopped cleanly")
    three = make_nodes(build, folder, plugins, words.keep)
    nodes.extend(three)
    cluster = show_cluster(three, report)
    if not words.keep:
        codes = [node.end(signal.SIGTERM) for node in three]
        report.check(codes == [0, 0, 0], "the nodes stopped cleanly; everything is cleaned up")
    print(paint(1, "%d checks held" % report.checks) + " in %.0f s." % (time.monotonic() - began))
    print("One node: %s.\n%s%s." % (single, cluster[0].upper(), cluster[1:]))
    if words.keep:
        keep_cluster(three, folder)


def last_words(nodes):
    for node in nodes:
        node.end(signal.SIGKILL)
        if os.path.exists(node.log):
            with open(node.log) as log:
                sys.stderr.write("--- the last words of %s:\n%s" % (node.name, "".join(log.readlines()[-15:])))


def main():
    words = argparse.ArgumentParser(prog="tools/demo", description=__doc__.split("\n")[0], epilog=__doc__.split("\n\n", 1)[1],
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--keep", action="store_true", help="leave the cluster running and print how to use it")
    words.add_argument("--build", default=os.path.join(ROOT, "build"), help="build directory (default: build)")
    words = words.parse_args()
    folder = tempfile.mkdtemp(prefix="ashlar-demo.")
    nodes = []
    done = kept = False
    try:
        run(words, folder, Report(), nodes)
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
            last_words(nodes)
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
