"""Writes fingerprint.h: per plugin kind, a hash of the headers its contract consists of.

usage: fingerprint.py HEADER_DIR OUTPUT COMPILER

Comments and white space do not count, so rewording a comment breaks no plugin.
"""
import hashlib
import pathlib
import re
import sys

COMMON = ["types.h", "result.h", "disk.h", "host.h", "settings.h", "plugin.h"]
KINDS = {
    "partitioner": ["ring.h", "partitioner.h"],
    "replicator": ["ring.h", "replicator.h"],
    "failure_detector": ["failure_detector.h"],
    "conflict_resolver": ["conflict_resolver.h"],
    "storage_engine": ["storage_engine.h"],
}


def essence(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"\s+", " ", text).strip()


def main() -> None:
    directory, output, compiler = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    lines = ["// Made by interfaces/fingerprint.py.", "#pragma once", "namespace ashlar::fingerprint {"]
    for kind, headers in KINDS.items():
        digest = hashlib.sha256()
        for header in COMMON + headers:
            digest.update(essence((directory / header).read_text()).encode())
        lines.append(f'inline constexpr const char* {kind} = "{digest.hexdigest()[:16]}";')
    lines.append(f'inline constexpr const char* compiler = "{compiler}";')
    lines.append("}  // namespace ashlar::fingerprint")
    output.write_text("\n".join(lines) + "\n")


main()
