#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Two ranks under mpirun train for ever; one is killed. mpirun must have ended within two seconds, with an error status, no process
and no shared-memory segment may be left, and the surviving rank must have named the dead one; each of it every time.
"""
import argparse
import os
import signal
import subprocess
import sys
import time

from failures import segments, unused
from survive_kills import processes_with, work_folder

SECONDS_TO_END = 2.0


def one_death(options, folder, victim):
    """Kills rank `victim`; gives (seconds until mpirun had ended, what was wrong or None)."""
    before = segments()
    log = folder.parent / (folder.name + ".out")
    with open(log, "w", encoding="utf-8") as out:
        launcher = subprocess.Popen(
            [options.mpirun, "-n", "2", options.survivor, "mpi", "2", str(folder), str(10**9), "10"],
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        started = time.monotonic()
        while "safe" not in log.read_text(encoding="utf-8"):  # both train, and a checkpoint is written
            if launcher.poll() is not None or time.monotonic() - started > 60:
                return 0, f"the run did not begin: {log.read_text(encoding='utf-8')}"
            time.sleep(0.01)
        ranks = sorted(p for p in processes_with(str(folder)) if p != launcher.pid)
        os.kill(ranks[victim], signal.SIGKILL)
        begin = time.monotonic()
        try:
            status = launcher.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return SECONDS_TO_END, "mpirun has not ended"
    seconds = time.monotonic() - begin
    text = log.read_text(encoding="utf-8")
    if status in (0, 75):  # 75 would say that it was asked to stop: mpirun sends SIGTERM to the rank that is left
        return seconds, f"mpirun ended with status {status}"
    if left := processes_with(str(folder)):
        return seconds, f"processes are left: {left}"
    if left := unused(segments() - before):
        return seconds, f"shared-memory segments are left: {left}"
    if "stopped" in text:
        return seconds, f"the death was taken for a request to stop: {text}"
    if "its process ended without an error of its own" not in text:
        return seconds, f"nobody has named the dead rank: {text}"
    return seconds, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survivor", help="the program to kill a rank of")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    with work_folder("deaths") as work:
        all_seconds = []
        for i in range(options.times):
            seconds, wrong = one_death(options, work / f"run-{i}", i % 2)
            if wrong:
                print(f"death {i + 1}, after {seconds:.2f} s: {wrong}")
                return 1
            all_seconds.append(seconds)
        all_seconds.sort()
        print(f"{options.times} of {options.times}: mpirun had ended {all_seconds[len(all_seconds) // 2]:.2f} s (median), "
              f"{all_seconds[-1]:.2f} s (longest) after a rank was killed; no process and no segment left")
        return 0


if __name__ == "__main__":
    sys.exit(main())
