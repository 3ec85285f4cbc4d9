#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Stops real runs by a signal and starts them again: the step is finished, a checkpoint written, the exit status is 75, and the run
that goes on ends in the bits of one that was never stopped. Threads get the signal themselves; of processes mpirun gets SIGUSR1, or
one rank alone gets SIGTERM.
"""
import argparse
import os
import signal
import subprocess
import sys
import time

from survive_kills import processes_with, work_folder

STEPS, NEVER = 100_000, 1_000_000
STOPPED = 75


def start(options, kind, ranks, folder, steps):
    command = [options.survivor, kind, str(ranks), str(folder), str(steps), str(NEVER)]
    if kind == "mpi":
        command = [options.mpirun, "-n", str(ranks), *command]
    log = folder.parent / (folder.name + ".out")
    out = open(log, "w", encoding="utf-8")
    return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True), log


def words(log, key):
    found = [line.split() for line in log.read_text(encoding="utf-8").splitlines() if line.startswith(key + " ")]
    return found[-1][-1] if found else None


def stopped_at(options, kind, ranks, who, which, folder):
    """Stops a run in its steps; gives the step, or raises AssertionError with what was wrong."""
    process, log = start(options, kind, ranks, folder, STEPS)
    begin = time.monotonic()
    while words(log, "from") is None:
        assert process.poll() is None and time.monotonic() - begin < 60, log.read_text(encoding="utf-8")
        time.sleep(0.01)
    target = process.pid if who == "launcher" else sorted(p for p in processes_with(str(folder)) if p != process.pid)[-1]
    os.kill(target, which)
    status = process.wait(30)
    text = log.read_text(encoding="utf-8")
    assert status == STOPPED, f"status {status}: {text}"
    step = words(log, "stopped")
    assert step is not None, text
    assert (folder / f"step-{int(step):012d}" / "manifest.json").exists(), f"no checkpoint of step {step}"
    return int(step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survivor", help="the program to stop")
    parser.add_argument("--mpirun", default="mpirun")
    options = parser.parse_args()
    with work_folder("stops") as work:
        cases = [("threads", 1, "launcher", signal.SIGTERM), ("threads", 3, "launcher", signal.SIGUSR1),
                 ("mpi", 1, "launcher", signal.SIGUSR1), ("mpi", 3, "launcher", signal.SIGUSR1), ("mpi", 2, "rank", signal.SIGTERM),
                 ("mpi", 4, "rank", signal.SIGUSR1)]
        for i, (kind, ranks, who, which) in enumerate(cases):
            name = f"{ranks} {kind}, {which.name} to the {who}"
            folder = work / f"run-{i}"
            try:
                step = stopped_at(options, kind, ranks, who, which, folder)
            except AssertionError as wrong:
                print(f"{name}: {wrong}")
                return 1
            # On to ten steps further, on the other kind of ranks, beside a run that is never stopped.
            other, log = start(options, "threads" if kind == "mpi" else "mpi", 2, folder, step + 10)
            assert other.wait(60) == 0, log.read_text(encoding="utf-8")
            whole, whole_log = start(options, "threads", 1, work / f"whole-{i}", step + 10)
            assert whole.wait(120) == 0, whole_log.read_text(encoding="utf-8")
            if words(log, "from") != str(step) or words(log, "weights") != words(whole_log, "weights"):
                print(f"{name}: stopped at {step}, went on from {words(log, 'from')} to {words(log, 'weights')}, "
                      f"never stopped {words(whole_log, 'weights')}")
                return 1
            print(f"{name}: stopped after step {step}, went on to {words(log, 'weights')}", flush=True)
        return 0


if __name__ == "__main__":
    sys.exit(main())
