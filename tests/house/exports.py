"""Every plugin module exports exactly one symbol and runs no code while it is loaded.

usage: exports.py MODULE...
"""
import subprocess
import sys

bad = 0
for module in sys.argv[1:]:
    listing = subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout
    names = sorted({line.split()[-1].split("@")[0] for line in listing.splitlines()})
    if names != ["ashlar_plugin"]:
        print(f"{module}: exports {names}, wanted only ashlar_plugin")
        bad += 1
    symbols = subprocess.run(["nm", "-C", module], capture_output=True, text=True, check=True).stdout
    starters = [line for line in symbols.splitlines() if "_GLOBAL__sub_I_" in line]
    if starters:
        print(f"{module}: static constructors: {starters}")
        bad += 1
print(f"{len(sys.argv) - 1} modules, {bad} breaches")
sys.exit(1 if bad or len(sys.argv) == 1 else 0)
