"""Keeps the architecture: a room includes only lower floors and itself, and below the host nothing touches the world.

usage: floors.py includes SOURCE_ROOT
       floors.py symbols SOURCE_ROOT BUILD_ROOT LIBRARY...

`includes` walks every #include of interfaces/, kernel/ and plugins/. `symbols` asks nm which outside functions the
pure libraries link against. Both print every breach with its file and exit 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

# The floors of kernel/; a room may include rooms of lower floors and its own files. Rooms that share a floor never
# include each other.
FLOORS = {
    "base": 1,
    "wire": 2,
    "port": 3,
    "ledger": 4,
    "ring": 4,
    "member": 5,
    "accord": 6,
    "request": 6,
    "handoff": 6,
    "repair": 6,
    "node": 7,
    "host": 8,
    "main": 9,
}
# Standard headers that open a door to the world: clocks, threads, files, sockets, chance, and libm.
WORLD = re.compile(
    r"<(chrono|thread|mutex|shared_mutex|condition_variable|future|random|fstream|filesystem|iostream|cstdio|stdio\.h|ctime|time\.h"
    r"|cmath|math\.h|unordered_map|unordered_set|csignal|unistd\.h|fcntl\.h|sys/.*|netinet/.*|pthread\.h|dlfcn\.h|boost/.*|thrift/.*"
    r"|zmq.*|spdlog/.*|yaml-cpp/.*|uuid.*)>"
)
PLUGIN_LIBRARIES = {"storage_engine/lsm": r"<lz4\w*\.h>", "storage_engine/rocksdb": r"<rocksdb/.*>"}
# A short lock around a map no loop waits on long; each with its reason at the place.
ALLOWED_WORLD = {"plugins/storage_engine/lsm/block_cache.h": {"<mutex>"}, "plugins/storage_engine/lsm/block_cache.cc": {"<mutex>"}}
FORBIDDEN_SYMBOLS = re.compile(
    r"std::chrono::|std::thread|std::random_device|std::filesystem|std::basic_[io]?fstream|std::condition_variable"
    r"|\b(clock_gettime|gettimeofday|time|nanosleep|usleep|pthread_create|fork|socket|connect|accept|open|openat|fopen|read|pread|write"
    r"|pwrite|fsync|fdatasync|rand|random|srand|getrandom|getenv|dlopen)$"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.M)
breaches = []


def breach(path, why):
    breaches.append(f"{path}: {why}")


def includes_of(path):
    return INCLUDE.findall(path.read_text(errors="replace"))


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in {".h", ".cc"})


def check_kernel(root):
    for room in FLOORS:
        if not (root / "kernel" / room).is_dir():
            breach(pathlib.Path("tests/house/floors.py"), f"gives a floor to '{room}', which is no room of kernel/")
    for path in sources(root / "kernel"):
        relative = path.relative_to(root)
        room = relative.parts[1]
        if room not in FLOORS:
            breach(relative, f"room '{room}' has no floor: give it one in tests/house/floors.py and docs/architecture.md")
            continue
        for include in includes_of(path):
            name = include[1:-1]
            target = name.split("/")[0]
            if include[0] == '"' and target in FLOORS and target != room and FLOORS[target] >= FLOORS[room]:
                breach(relative, f"includes {name}: {target} (floor {FLOORS[target]}) is not below {room} (floor {FLOORS[room]})")
            if FLOORS[room] < FLOORS["host"] and WORLD.match(include):
                breach(relative, f"includes {include}: below kernel/host nothing touches the world")


def check_plugins(root):
    for path in sources(root / "plugins"):
        relative = path.relative_to(root)
        own = "/".join(relative.parts[1:3])
        for include in includes_of(path):
            name = include[1:-1]
            if include[0] == '"':
                here = (path.parent / name).exists() or (root / "plugins" / own / name).exists()
                if not here and not name.startswith(("ashlar/", "kit/")):
                    breach(relative, f"includes {name}: a plugin sees only interfaces/ and its own folder")
            elif WORLD.match(include) and include not in ALLOWED_WORLD.get(str(relative), ()):
                if not re.match(PLUGIN_LIBRARIES.get(own, "$^"), include):
                    breach(relative, f"includes {include}: a plugin has no door to the world but its Host")


def check_interfaces(root):
    for path in sources(root / "interfaces"):
        relative = path.relative_to(root)
        for include in includes_of(path):
            name = include[1:-1]
            if include[0] == '"' and not name.startswith(("ashlar/", "kit/")):
                breach(relative, f"includes {name}: the contracts stand on nothing else")
            if include[0] == '"' and relative.parts[1] == "ashlar" and name.startswith("kit/"):
                breach(relative, f"includes {name}: the kit is for plugin authors, the contracts do not need it")
            if WORLD.match(include):
                breach(relative, f"includes {include}: the contracts are free of the world and of libraries")


def check_symbols(build, libraries):
    for library in libraries:
        listing = subprocess.run(["nm", "-C", "-u", library], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            symbol = re.sub(r"@.*$", "", line.strip().removeprefix("U ").removeprefix("w ").strip())
            if FORBIDDEN_SYMBOLS.search(symbol):
                breach(pathlib.Path(library).relative_to(build), f"links against {symbol}")


def main():
    what, root = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if what == "includes":
        check_kernel(root)
        check_plugins(root)
        check_interfaces(root)
    else:
        check_symbols(pathlib.Path(sys.argv[3]).resolve(), [str(pathlib.Path(p).resolve()) for p in sys.argv[4:]])
    for line in breaches:
        print(line)
    print(f"{len(breaches)} breaches")
    sys.exit(1 if breaches else 0)


main()
