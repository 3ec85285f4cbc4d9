#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Saving and loading of a checkpoint by espalier beside dd and PyTorch, on one disk, in turns.

    bench/checkpoint/beside_torch.py --binary build/bench/bench/checkpoint_directory --python /usr/bin/python3

Starts the binary and one worker an interpreter; only one of them works at a time. In a turn each writes and reads the same number
of bytes in the same tensors once:

    dd            dd if=FILE of=OTHER bs=1M conv=fsync, FILE being in memory (the page cache); the time is the one that dd prints
    espalier      save_state: file, checksums, flushes, commit, reading back, removal of the step before;
                  newest_sound and load_state
    torch         torch.save, flush, fsync; torch.load

Each replaces what it wrote before. What is read was just written and comes from memory. A ratio is the median over turns of (the
other's time / espalier's): above 1, espalier is quicker. dd and saving stand beside save_state; loading beside newest_sound and
load_state together, and once more beside load_state alone, which compares the checksums of what it reads too.
PyTorch's loading gives new tensors, espalier's fills those of the run.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support.program import processor, program  # noqa: E402 (the path is set above)


def worker(options):
    """Reads lines `name extent…`, an empty one, then answers `save` and `load` with seconds. First prints PyTorch's version."""
    import torch

    torch.set_num_threads(1)
    print(torch.__version__, flush=True)
    torch.manual_seed(0)
    state, path = {}, os.path.join(options.folder, "torch.pt")
    for line in iter(sys.stdin.readline, "\n"):
        name, *extents = line.split()
        state[name] = torch.rand(*map(int, extents))
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        if line.strip() == "save":
            with open(path, "wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
        else:
            loaded = torch.load(path)
        seconds = time.perf_counter() - start
        if line.strip() == "load":
            assert all(torch.equal(loaded[name], tensor) for name, tensor in state.items())
            del loaded
        print(f"{seconds:.6f}", flush=True)


def dd(source, target):
    done = subprocess.run(["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync"], check=True, capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": "C"})
    return float(re.search(r"copied, ([0-9.e+-]+) s", done.stderr).group(1))


def disk(folder):
    return " ".join(subprocess.run(["df", "--output=source,fstype,size,avail", "-h", folder], check=True, capture_output=True,
                                   text=True).stdout.splitlines()[1].split())


def compare(size, options, folder):
    """One size in turns; the seconds of each turn by what was done, the number of bytes, PyTorch's versions."""
    ours = program([options.binary, "--serve", "--bytes", str(size), "--folder", folder])
    tensors = [line.split() for line in iter(lambda: ours.line().strip(), "")]
    count = 0
    for _, *extents in tensors:
        n = 4
        for extent in extents:
            n *= int(extent)
        count += n
    theirs = {}
    for number, python in enumerate(options.python or ["/usr/bin/python3"]):
        own = os.path.join(folder, f"torch-{number}")
        os.mkdir(own)
        other = program([python, os.path.abspath(__file__), "--worker", "--folder", own])
        theirs["torch " + other.line().strip()] = other
        for tensor in tensors:
            other.ask(" ".join(tensor))
        other.ask("")
        other.line()
    source = os.path.join(folder, "source")
    with open(source, "wb") as file:
        for at in range(0, count, 1 << 20):
            file.write(os.urandom(min(1 << 20, count - at)))
        file.flush()
        os.fsync(file.fileno())

    times = {"dd": []}
    for turn in range(options.turns + 1):
        now = {"dd": dd(source, os.path.join(folder, "target")), "save_state": ours.seconds("save_state")}
        now |= {name + " save": other.seconds("save") for name, other in theirs.items()}
        now["newest_sound, load_state"] = ours.seconds("both")
        now["load_state"] = ours.seconds("load_state")
        now |= {name + " load": other.seconds("load") for name, other in theirs.items()}
        if turn > 0:
            for what, seconds in now.items():
                times.setdefault(what, []).append(seconds)
    for each in [ours, *theirs.values()]:
        if code := each.end():
            sys.exit(f"{each.process.args[0]} ended with {code}")
    return times, count


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", help="the built bench/checkpoint/directory")
    p.add_argument("--python", action="append", default=[], help="an interpreter with torch; may be given several times")
    p.add_argument("--folder", help="where to write; a folder is made there and deleted (default: beside the binary)")
    p.add_argument("--bytes", type=int, action="append", default=[], help="of the state; may be repeated (64 MB and 512 MB)")
    p.add_argument("--turns", type=int, default=9)
    p.add_argument("--json", action="store_true")
    p.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.worker:
        return worker(options)
    if not options.binary:
        p.error("--binary is required: bench/run checkpoint_directory --turns 1 --bytes 4000000 builds it")

    above = options.folder or os.path.dirname(os.path.abspath(options.binary))
    command = " ".join([os.path.relpath(sys.argv[0]), *sys.argv[1:]])
    facts = {"machine": processor(), "disk": disk(above), "command": command}
    if not options.json:
        print(*(f"{key:9} {value}" for key, value in facts.items()), sep="\n")
    for size in options.bytes or [64_000_000, 512_000_000]:
        folder = tempfile.mkdtemp(prefix="beside_torch.", dir=above)
        before = os.getloadavg()[0]
        try:
            times, count = compare(size, options, folder)
        finally:
            shutil.rmtree(folder)
        load = {"load_before": round(before, 2), "load_after": round(os.getloadavg()[0], 2)}
        if not options.json:
            print(f"\n{count / 1e6:.1f} MB; load of the machine {load['load_before']} before, {load['load_after']} after")
            print(f"{'':24}  {'beside':24} {'ms':>8} {'MB/s':>7} {'ratio':>6}  all runs, ms")
        rows = [(what, "newest_sound, load_state" if "load" in what else "save_state") for what in times]
        rows += [(what, "load_state") for what in times if what.endswith(" load")]
        for what, beside in rows:
            seconds = times[what]
            row = {"what": what, "beside": beside, "bytes": count, "ms": statistics.median(seconds) * 1e3,
                   "MB/s": count / statistics.median(seconds) / 1e6,
                   "ratio": statistics.median(s / o for s, o in zip(seconds, times[beside])),
                   "all_ms": [round(s * 1e3, 1) for s in seconds]}
            if options.json:
                print(json.dumps({**row, **load, **facts}), flush=True)
            else:
                print(f"{what:24}  {beside:24} {row['ms']:8.1f} {row['MB/s']:7.0f} {row['ratio']:6.2f} ", *row["all_ms"],
                      flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
