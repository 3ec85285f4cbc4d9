#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Builds the documents as a site: the pages of docs/ and README.md, and a reference made from the headers' docstrings.

`docs/build_site.py --out DIR` needs Python 3.9 and nothing else; open DIR/index.html in a browser, no server is needed. It prints
what is amiss with docstrings and links, and ends with status 1 if anything is. `--check` only looks at the docstrings, and
`--undocumented` lists what has none.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "make"), str(ROOT / "tests" / "structure")]

import library  # noqa: E402
import pages  # noqa: E402


def allowed_names(root):
    """The names that may go without a docstring."""
    path = root / "docs" / "make" / "undocumented.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {line for line in lines if line and not line.startswith("#")}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--out", type=pathlib.Path, help="the folder to write; pages that are there are replaced, others stay")
    options.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    options.add_argument("--check", action="store_true", help="look at the docstrings and write nothing")
    options.add_argument("--undocumented", action="store_true", help="list everything without a docstring, members too")
    given = options.parse_args()
    if not (given.out or given.check or given.undocumented):
        options.error("give --out DIR, --check or --undocumented")
    made = library.read(given.root / "include")
    if given.undocumented:
        for name, place in (*made.undocumented.items(), *made.plain_members.items()):
            print(f"{place}: {name}")
        return 0
    allowed = allowed_names(given.root)
    faults = [*made.faults, *(f"{place}: {name} has no docstring" for name, place in made.undocumented.items() if name not in allowed)]
    for name in allowed - made.undocumented.keys():
        print(f"note: {name} is documented now, or is gone: docs/make/undocumented.txt need not name it")
    count = 0
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        site = pages.Site(given.root, given.out)
        count = site.make()
        faults += site.dead
    for line in faults:
        print(line)
    print(f"{count} pages, {len(made.headers)} headers, {len(made.undocumented)} names without a docstring, {len(faults)} faults")
    return 1 if faults or not made.headers else 0


if __name__ == "__main__":
    sys.exit(main())
