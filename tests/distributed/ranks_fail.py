#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Three ranks under mpirun, or four, of which one fails in one of many ways: mpirun ends in bounded time with an error status, the failure is
said once, with its name, and nobody is left.
"""
import argparse
import subprocess
import sys
import time

from survive_kills import processes_with

SAME = "requires every rank of a group to join the same operation; got "
CASES = {
    "throws": ["rank 1 of 3: the model fell over"],
    "throws no std::exception": ["rank 1 of 3: an exception that is no std::exception"],
    "exits": ["rank 1 of 3: its process ended without an error of its own"],
    "is killed": ["rank 1 of 3: its process ended without an error of its own"],
    "returns": [SAME + "broadcast of 8 float, root 0 (", " on rank 0 and the end of the run (", " on rank 1, as operation 2 of group 0."],
    "never comes": ["requires every rank to join broadcast of 8 float, root 0 (", ") within 0.5 seconds; got rank ",
                    "rank 1 is in no operation, its last was barrier ("],
    "joins another operation": [SAME + "broadcast of 8 float, root 0 (", " on rank 0 and barrier ("],
    "brings another count": [SAME + "all_reduce of 4 float by espalier::sum (", " and all_reduce of 5 float by espalier::sum ("],
    "brings another type": [SAME + "all_reduce of 4 float by espalier::sum (", " and all_reduce of 4 double by espalier::sum ("],
    "receives another count": ["requires one type and count on both ends of channel 0 → 1, direction 5; got post_send of 8 float (",
                               " and post_recv of 7 float ("],
    "posts twice": ["rank 1 of 3: espalier: mpi: requires one post in flight on each side of a channel; got a second post_recv of 1 float ("],
    "throws in a part": ["rank 1 of 3: gone"],
    "throws in GPipe": ["rank 1 of 3: the layer fell over"],
    "throws in 1F1B": ["rank 1 of 3: the layer fell over"],
    "throws in interleaved 1F1B": ["rank 1 of 3: the layer fell over"],
    "throws in ZB-H1": ["rank 1 of 3: the layer fell over"],
    "throws between two exchanges": ["rank 1 of 4: the layer fell over"],
    "throws with an exchange under way": ["rank 1 of 4: the layer fell over"],
    "throws with an exchange under way on the way back": ["rank 1 of 4: the layer fell over"],
    "asks for five ranks": ["espalier: mpi: requires 5 ranks; got a world of 3. Start the program with mpirun -n 5."],
}
SECONDS_TO_END = 10.0  # from before mpirun starts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("failing", help="the program that fails")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    for how, expected in list(CASES.items()) * options.times:
        begin = time.monotonic()
        ranks = "4" if "exchange" in how else "3"  # pairs of ranks that share layers
        done = subprocess.run([options.mpirun, "-n", ranks, options.failing, how], capture_output=True, text=True, timeout=60, check=False)
        seconds = time.monotonic() - begin
        said = [line for line in done.stderr.splitlines() if line.startswith("rank ") and f" of {ranks}: " in line]
        wrong = None
        if done.returncode == 0:
            wrong = "mpirun ended with status 0"
        elif seconds > SECONDS_TO_END:
            wrong = f"mpirun ended after {seconds:.2f} s"
        elif len(said) != 1 or not all(part in said[0] for part in expected):
            wrong = f"expected {expected} in one line"
        elif left := processes_with(options.failing):
            wrong = f"processes are left: {left}"
        if wrong:
            print(f"a rank that {how}: {wrong}; said {said}\n{done.stderr}")
            return 1
        print(f"a rank that {how}: {seconds:.2f} s from start to end", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
