#!/usr/bin/python3
"""Runs the process tests: real daemons, a Python client, hostile bytes, kills, full disks.

    tests/process/run.py [--build DIR] [--jobs N] [--list] [--tap] [PATTERN...]

PATTERN picks the cases whose name contains it; ASHLAR_BRIEF=1 runs fewer rounds of each. Prints unittest's results, the
slowest cases and "N passed, N failed, N skipped"; with --tap the same as the Test Anything Protocol, for meson. Needs
Debian's python3-thrift: /usr/bin/python3.

Most of a case is waiting, so the classes run two at a time, each in a process and a network namespace of its own: no port
of one can be another's. Where namespaces are not allowed clusters note their ports instead (cluster.py), and who takes ports
without a note runs last and alone.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def all_cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from all_cases(item)
        else:
            yield item


class Results(unittest.TextTestResult):
    """Text as unittest prints it, or a TAP line for each case."""

    tap = False
    count = 0
    took = []
    passed = 0

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.begun = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        Results.took.append((time.monotonic() - self.begun, test.id()))

    def line(self, good, test, more=""):
        if not Results.tap:
            return
        Results.count += 1
        name = test.id() if hasattr(test, "id") else str(test)
        print("%s %d - %s%s" % ("ok" if good else "not ok", Results.count, name.replace("#", ""), more), flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        Results.passed += 1
        self.line(True, test)

    def addError(self, test, err):
        super().addError(test, err)
        self.line(False, test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(False, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, test, " # SKIP " + reason)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.line(False, subtest)


# Starts a command where nothing listens but what it starts itself.
APART = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def may_stand_apart():
    try:
        return subprocess.run([*APART, "true"], capture_output=True).returncode == 0
    except OSError:
        return False


class SideBySide:
    """Runs classes of cases in processes of their own, some at a time, and tells their results as one run."""

    def __init__(self, patterns, tap):
        self.apart = APART if may_stand_apart() else []
        self.patterns, self.tap = patterns, tap
        self.lock = threading.Lock()
        self.count = 0
        self.passed, self.failed, self.skipped = [], [], []
        self.took = []

    def run(self, classes, jobs):
        self.classes = list(classes)
        threads = [threading.Thread(target=self.work) for _ in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def work(self):
        while True:
            with self.lock:
                if not self.classes:
                    return
                name = self.classes.pop(0)
            self.run_class(name)

    def run_class(self, name):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen([*self.apart, sys.executable, __file__, "--class", name, *self.patterns], text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said)
            failed_before = len(self.failed)
            for line in process.stdout:
                self.heard(line.rstrip("\n"))
            code = process.wait()
            with self.lock:
                if code != 0 and len(self.failed) == failed_before:
                    self.tell("not ok", "%s (ended with %d)" % (name, code))
                said.seek(0)
                sys.stderr.write(said.read().decode(errors="replace"))
                sys.stderr.flush()

    def heard(self, line):
        time_of = re.fullmatch(r"# ([0-9.]+) s (.*)", line)
        case = re.fullmatch(r"(ok|not ok) \d+ - (.*)", line)
        with self.lock:
            if time_of:
                self.took.append((float(time_of.group(1)), time_of.group(2)))
            elif case:
                self.tell(*case.groups())

    def tell(self, verdict, name):
        self.count += 1
        (self.failed if verdict != "ok" else self.skipped if " # SKIP" in name else self.passed).append(name)
        if self.tap:
            print("%s %d - %s" % (verdict, self.count, name), flush=True)


def class_of(case):
    return case.id().rpartition(".")[0]


def side_by_side(chosen, given):
    # What takes long begins first, then clusters, so that no process is left alone at the end.
    classes = {class_of(case): (not getattr(case, "long", False), not hasattr(case, "dcs")) for case in chosen}
    order = sorted(classes, key=classes.get)
    run = SideBySide(given.pattern, given.tap)
    alone = [] if run.apart else [name for name in order if name.startswith("cases_playground.")]
    with tempfile.TemporaryDirectory(prefix="ashlar-ports.") as notes:
        if not run.apart:
            os.environ["ASHLAR_TEST_PORTS"] = notes
        run.run([name for name in order if name not in alone], given.jobs)
        run.run(alone, 1)
    if given.tap:
        print("1..%d" % run.count, flush=True)
    if not given.tap:
        sum_up(run.took, len(run.passed), len(run.failed), len(run.skipped))
    return 1 if run.failed else 0


def sum_up(took, passed, failed, skipped):
    for seconds, name in sorted(took, reverse=True)[:5]:
        print("%6.1f s  %s" % (seconds, name))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))


def main():
    words = argparse.ArgumentParser(description="Process tests of Ashlar.")
    words.add_argument("--build", help="build directory (default: build, or ASHLAR_BUILD)")
    words.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="classes at a time (default: %(default)s)")
    words.add_argument("--class", dest="alone", help=argparse.SUPPRESS)  # one of them, for the run that started us
    words.add_argument("--list", action="store_true", help="print the names of the cases")
    words.add_argument("--tap", action="store_true", help="print TAP")
    words.add_argument("pattern", nargs="*", help="run the cases whose name contains one of these")
    given = words.parse_args()
    if given.build:
        os.environ["ASHLAR_BUILD"] = os.path.abspath(given.build)
    sys.path.insert(0, HERE)
    found = all_cases(unittest.defaultTestLoader.discover(HERE, pattern="cases_*.py"))
    chosen = [case for case in found if not given.pattern or any(word in case.id() for word in given.pattern)]
    if given.list:
        print("\n".join(case.id() for case in chosen))
        return 0
    if not chosen:
        print("no case matches", *given.pattern)
        return 2
    if given.alone:
        chosen = [case for case in chosen if class_of(case) == given.alone]
    elif given.jobs > 1 and len({class_of(case) for case in chosen}) > 1:
        return side_by_side(chosen, given)
    Results.tap = given.tap or bool(given.alone)
    verbosity = 1 if given.tap else 2
    runner = unittest.TextTestRunner(stream=sys.stderr, verbosity=verbosity, resultclass=Results)
    result = runner.run(unittest.TestSuite(chosen))
    if given.alone:
        for seconds, name in Results.took:
            print("# %.2f s %s" % (seconds, name))
    elif given.tap:
        print("1..%d" % Results.count, flush=True)
    else:
        sum_up(Results.took, Results.passed, len(result.failures) + len(result.errors), len(result.skipped))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
