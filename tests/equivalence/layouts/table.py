#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The table of layouts as the page has it: runs the programs of this folder and puts their rows together.

    table.py PROGRAM… [--mpirun MPIRUN PROGRAM…] [--check PAGE]

PROGRAMs run by themselves, those behind --mpirun under it with 2, 3, 4, 6 and 8 processes. Without --check the table is printed; with
it, each of its rows must stand in PAGE, and each row of PAGE's table be among them. Losses depend on the processor's instructions and on
the arithmetic, so they are shown and not compared; so are the largest differences of programs that print those.
"""
import argparse
import collections
import pathlib
import subprocess
import sys

HEADS = {  # by what a program prints behind the bits
    ("loss",): "| model | layout | communicator | ranks (elements sent a step) | same bits | loss |",
    ("gradients", "losses"): "| model | layout | communicator | ranks (elements sent a step) | same bits | gradients | losses |",
}
COMPARED = 5  # columns


def rows_of(command):
    """The rows that a program prints, as lists of cells, the head first; a program that fails ends this one. One that prints the head alone has
    no layout for so many processes, which it calls a failure too."""
    done = subprocess.run([*command, "--all"], capture_output=True, text=True, check=False)
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in done.stdout.splitlines() if line.startswith("| ")]
    if done.returncode != 0 and len(rows) != 1:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return rows


def merged(all_rows):
    """One line a model, layout and communicator; of differences the largest."""
    lines = collections.OrderedDict()
    for model, layout, communicator, ranks, same, *shown, sent in all_rows:
        line = lines.setdefault((model, layout, communicator), {"ranks": [], "same": set(), "shown": []})
        line["ranks"].append((int(ranks), f"{int(sent):,}"))
        line["same"].add(same)
        line["shown"].append(shown)
    for (model, layout, communicator), line in lines.items():
        ranks = ", ".join(f"{n} ({sent})" for n, sent in sorted(line["ranks"]))
        shown = [" or ".join(sorted(set(cells))) if "→" in cells[0] else max(cells, key=float) for cells in zip(*line["shown"])]
        yield f"| {model} | {layout} | {communicator} | {ranks} | {' '.join(sorted(line['same']))} | {' | '.join(shown)} |"


def compared(line):
    return line.split(" | ")[:COMPARED]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--mpirun", nargs="+", default=[])
    parser.add_argument("--check", type=pathlib.Path)
    given = parser.parse_args()
    outputs = [rows_of([program]) for program in given.programs]
    for program in given.mpirun[1:]:
        for processes in (2, 3, 4, 6, 8):
            outputs.append(rows_of([given.mpirun[0], "-n", str(processes), program]))
    head = HEADS[tuple(outputs[0][0][COMPARED:-1])]
    table = list(merged(row for output in outputs for row in output[1:]))
    if not given.check:
        print(head, "|---" * (head.count("|") - 1) + "|", *table, sep="\n")
        return 0
    page = given.check.read_text(encoding="utf-8")
    begin = page.index(head)
    printed = [compared(line) for line in page[begin:].split("\n\n")[0].splitlines()[2:]]
    run = [compared(line) for line in table]
    for line in [r for r in run if r not in printed]:
        print("not on the page:", " | ".join(line))
    for line in [p for p in printed if p not in run]:
        print("not what ran:   ", " | ".join(line))
    return 0 if run and sorted(run) == sorted(printed) else 1


if __name__ == "__main__":
    sys.exit(main())
