#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that the headers below include/espalier include only the folders below their own.

It reads #include lines and nothing else; what the folders hold is not its concern. `include_order.py INCLUDE` prints a
line for each include that breaks the order and ends with status 1 if there is one.
"""
import pathlib
import re
import sys

# Bottom to top: a folder may include itself and every folder before it.
ORDER = ["core", "memory", "data", "math", "optim", "nn", "models", "comm", "partition", "checkpoint", "observe", "train", "serve"]
# Folders that may include less than all that lies below them.
ONLY = {"data": {"core", "memory"}}
# Third-party headers that one folder alone may include.
KEPT_IN = {r"mpi\.h|boost/.*": "comm/mpi", r"nccl\.h": "comm/nccl", r"curl/.*": "checkpoint/s3"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def allowed(folder):
    """The folders that `folder` may include."""
    return {folder} | ONLY.get(folder, set(ORDER[: ORDER.index(folder)]))


def complaint(include_root, header, bracket, included):
    """What is wrong with one #include line of one header, or None."""
    if bracket == '"':
        return "is written with quotes; write <espalier/folder/file.hpp>"
    for pattern, home in KEPT_IN.items():
        if re.fullmatch(pattern, included) and not str(header).startswith(f"espalier/{home}"):
            return f"belongs to {home}/ only"
    if not included.startswith("espalier/"):
        return None
    if not (include_root / included).is_file():
        return "does not exist"
    if len(header.parts) == 2:  # the umbrella lies above all folders
        return None
    target = pathlib.PurePosixPath(included).parts
    if len(target) == 2:
        return "is the umbrella, which lies above all folders"
    folder = header.parts[1]
    if folder not in ORDER:
        return f"is included from {folder}/, which has no place in the order"
    if target[1] not in allowed(folder):
        return f"lies above {folder}/ or beside it"
    return None


def violations(include_root):
    """A line for each include that breaks the order, in the order of files."""
    found = []
    for path in sorted(p for p in include_root.rglob("*") if p.suffix in (".hpp", ".cuh")):
        header = pathlib.PurePosixPath(path.relative_to(include_root).as_posix())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            if match and (text := complaint(include_root, header, *match.groups())):
                found.append(f"{header}:{number}: {match[2]} {text}")
    return found


def main():
    include_root = pathlib.Path(sys.argv[1])
    found = violations(include_root)
    for line in found:
        print(line)
    headers = sum(1 for _ in include_root.rglob("*.hpp"))
    print(f"{headers} headers, {len(found)} includes against the order")
    return 1 if found or headers == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
