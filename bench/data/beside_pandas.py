#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Reading bars by espalier beside zcat and pandas, in turns.

    bench/data/beside_pandas.py --binary build/bench/bench/data_read_bars --python path/to/python/with/pandas [--data FOLDER]

Starts the binary, which makes the files that are not given, and one worker an interpreter; only one of them works at a time. In a
turn each reads the same files once, from the page cache:

    zcat          zcat FILES > /dev/null: decompresses, parses nothing (cat for files that are not compressed)
    pandas        read_csv of each file with its defaults, one after the other: doubles, one thread
    espalier      read_bars or read_bar_file with 1 and with 2 threads

MB/s count the text, decompressed. A ratio is the median over turns of (the other's time / espalier's with one thread): above 1,
espalier is quicker. Two threads need two free cores; the load of the machine is printed.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support.program import processor, program  # noqa: E402 (the path is set above)


def worker():
    """Answers each line, which lists files, with the seconds that pandas takes. First prints its version."""
    import pandas

    print(pandas.__version__, flush=True)
    for line in sys.stdin:
        files = json.loads(line)
        start = time.perf_counter()
        rows = [len(pandas.read_csv(file)) for file in files]
        seconds = time.perf_counter() - start
        assert all(rows)
        print(f"{seconds:.6f}", flush=True)


def decompressed(files):
    start = time.perf_counter()
    subprocess.run(["zcat" if files[0].endswith(".gz") else "cat", *files], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(name, path, ours, theirs, turns):
    """The seconds of each turn by who read."""
    files = sorted(glob.glob(path + "/*.csv*")) if os.path.isdir(path) else [path]
    times = {}
    for turn in range(turns + 1):
        now = {f"espalier, {n}": ours.seconds(f"{name} {n}") for n in ("1 thread", "2 threads")}
        now["zcat" if files[0].endswith(".gz") else "cat"] = decompressed(files)
        now |= {who: other.seconds(json.dumps(files)) for who, other in theirs.items()}
        if turn > 0:
            for who, seconds in now.items():
                times.setdefault(who, []).append(seconds)
    return times


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", help="the built bench/data/read_bars")
    p.add_argument("--python", action="append", default=[], help="an interpreter with pandas; may be given several times")
    p.add_argument("--data", help="a folder of bars (default: one that the binary makes)")
    p.add_argument("--bytes", type=int, default=100_000_000, help="of the plain file that the binary makes (100 MB)")
    p.add_argument("--turns", type=int, default=5)
    p.add_argument("--json", action="store_true")
    p.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.worker:
        return worker()
    if not options.binary:
        p.error("--binary is required: bench/run data_read_bars --turns 1 --bytes 2000000 builds it")

    ours = program([options.binary, "--serve", "--bytes", str(options.bytes)] + (["--data", options.data] if options.data else []))
    sets = [line.split(" ", 2) for line in iter(lambda: ours.line().strip(), "")]
    theirs = {}
    for python in options.python or [sys.executable]:
        other = program([python, os.path.abspath(__file__), "--worker"])
        theirs[f"pandas {other.line().strip()}"] = other
    facts = {"machine": processor(), "command": " ".join([os.path.relpath(sys.argv[0]), *sys.argv[1:]])}
    if not options.json:
        print(*(f"{key:9} {value}" for key, value in facts.items()), sep="\n")
    for name, size, path in sets:
        before = os.getloadavg()[0]
        times = measure(name, path, ours, theirs, options.turns)
        load = {"load_before": round(before, 2), "load_after": round(os.getloadavg()[0], 2)}
        if not options.json:
            print(f"\n{name}, {int(size) / 1e6:.1f} MB; load of the machine {load['load_before']} before, {load['load_after']} after")
            print(f"{'':22} {'ms':>8} {'MB/s':>7} {'ratio':>6}  all runs, ms")
        for who, seconds in times.items():
            row = {"files": name, "bytes": int(size), "who": who, "ms": statistics.median(seconds) * 1e3,
                   "MB/s": int(size) / statistics.median(seconds) / 1e6,
                   "ratio": statistics.median(s / o for s, o in zip(seconds, times["espalier, 1 thread"])),
                   "all_ms": [round(s * 1e3, 1) for s in seconds]}
            if options.json:
                print(json.dumps({**row, **load, **facts}), flush=True)
            else:
                print(f"{who:22} {row['ms']:8.1f} {row['MB/s']:7.0f} {row['ratio']:6.2f} ", *row["all_ms"], flush=True)
    for each in [ours, *theirs.values()]:
        if code := each.end():
            sys.exit(f"{each.process.args[0]} ended with {code}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
