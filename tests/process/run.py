#!/usr/bin/python3
"""Runs the process tests: real daemons, a Python client, hostile bytes, kills, full disks.

    tests/process/run.py [--build DIR] [--list] [--tap] [PATTERN...]

PATTERN picks the cases whose name contains it; ASHLAR_BRIEF=1 runs fewer rounds of each. Prints unittest's results and "N passed, N failed, N skipped";
with --tap the same as the Test Anything Protocol, for meson. Needs Debian's python3-thrift: /usr/bin/python3.
"""

import argparse
import os
import sys
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


def main():
    words = argparse.ArgumentParser(description="Process tests of Ashlar.")
    words.add_argument("--build", help="build directory (default: build, or ASHLAR_BUILD)")
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
    Results.tap = given.tap
    runner = unittest.TextTestRunner(stream=sys.stderr, verbosity=1 if given.tap else 2, resultclass=Results)
    result = runner.run(unittest.TestSuite(chosen))
    if given.tap:
        print("1..%d" % Results.count, flush=True)
    bad, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    if not given.tap:
        for seconds, name in sorted(Results.took, reverse=True)[:5]:
            print("%6.1f s  %s" % (seconds, name))
        print("%d passed, %d failed, %d skipped" % (Results.passed, bad, skipped))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
