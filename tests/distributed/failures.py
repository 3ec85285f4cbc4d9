#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Two to four ranks under mpirun reduce for ever, and one of them fails, in each of many ways, so many times each: on a random rank,
in a random step, blocking or posted, in shared memory or outside.

Every survivor must leave a file of its flight recorder with the right class of error and the right rank in it, within its bound;
mpirun must have ended within two seconds, with the status that docs/howto/cluster.md promises; the failure is said once; and no
process, no shared-memory segment and no file of Open MPI's may be left.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

from survive_kills import processes_with, work_folder

SEGMENTS = pathlib.Path("/dev/shm")
SECONDS_TO_END = 2.0   # of mpirun, after the failure
SECONDS_TO_LEARN = 2.0  # of each survivor
DEADLINE = 0.5         # that of failures.cpp, where a rank sleeps

# What goes wrong: class of the survivors' error, words of its text, status of mpirun.
Kind = collections.namedtuple("Kind", "classes words status sites", defaults=(1, 0))
DIED = "its process ended without an error of its own"
SAME = "requires every rank of a group to join the same operation; got "
KINDS = {
    "throws": Kind(["rank_failed"], "the model fell over"),
    "throws with an operation under way": Kind(["rank_failed"], "the model fell over"),
    "throws in an operator": Kind(["rank_failed"], "the operator fell over"),
    "calls exit": Kind(["rank_failed"], DIED, 3),
    "calls _exit": Kind(["rank_failed"], DIED, 3),
    "is killed": Kind(["rank_failed"], DIED, 137),
    "is killed in an operator": Kind(["rank_failed"], DIED, 137),
    "is killed from outside": Kind(["rank_failed"], DIED, 137),
    "sleeps": Kind(["deadline_passed", "rank_failed"], f" within {DEADLINE} seconds; got rank "),
    "calls another operation": Kind(["mismatched_collective"], SAME, 1, 2),
    "brings another count": Kind(["mismatched_collective"], SAME, 1, 2),
    "brings another type": Kind(["mismatched_collective"], SAME, 1, 2),
    "calls in another order": Kind(["mismatched_collective"], SAME, 1, 2),
}


def segments():
    return set(os.listdir(SEGMENTS)) if SEGMENTS.is_dir() else set()


def unused(names):
    """Those segments that no living process has mapped: the ones of other programs are not ours to count."""
    mapped = ""
    for maps in pathlib.Path("/proc").glob("[0-9]*/maps"):
        try:
            mapped += maps.read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return sorted(n for n in names if (SEGMENTS / n).exists() and str(SEGMENTS / n) not in mapped)


class Run:
    """One run in which a rank fails."""

    def __init__(self, options, folder, name, draw):
        self.kind, self.name, self.folder = KINDS[name], name, folder
        self.ranks = draw.randint(2, 4)
        self.victim = draw.randrange(self.ranks)
        self.step = draw.randrange(25)
        if name == "throws with an operation under way":  # in a blocking step: nobody else joins what it has posted
            self.step = self.step // 5 * 5 + self.step % 3
        self.delay = draw.uniform(0, 0.05)
        self.command = [options.mpirun, "--mca", "orte_tmpdir_base", str(folder / "session"), "-n", str(self.ranks),
                        options.failures, name, str(self.victim), str(self.step), str(folder)]

    def __str__(self):
        return f"rank {self.victim} of {self.ranks} {self.name} in step {self.step}"

    def perform(self):
        """Runs it; gives (seconds until mpirun had ended, seconds until the last survivor had written, what was wrong or None)."""
        before = segments()
        (self.folder / "session").mkdir(parents=True)
        failing = self.folder / "failing"
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            launcher = subprocess.Popen(self.command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
            if self.name == "is killed from outside":
                started = time.monotonic()
                while not failing.exists() and launcher.poll() is None and time.monotonic() - started < 30:
                    time.sleep(0.005)
                time.sleep(self.delay)  # wherever it is then
                if failing.exists():
                    os.kill(int(failing.read_text(encoding="utf-8").split()[1]), signal.SIGKILL)
            killed_ns = time.time_ns()
            try:
                status = launcher.wait(60)
                ended_ns = time.time_ns()
            except subprocess.TimeoutExpired:
                return 0, 0, "mpirun does not end"
        text = (self.folder / "out").read_text(encoding="utf-8")
        if not failing.exists():
            return 0, 0, f"it ended before the failure: {text}"
        failed_ns = killed_ns if self.name == "is killed from outside" else int(failing.read_text(encoding="utf-8").split()[0])
        if self.name == "sleeps":
            failed_ns += int(DEADLINE * 1e9)
        seconds = (ended_ns - failed_ns) / 1e9
        learnt, wrong = self.what_survivors_say(failed_ns)
        wrong = wrong or self.what_is_left(before)
        said = [line for line in text.splitlines() if re.match(r"rank -?\d+ of \d+: ", line)]
        if wrong is None and status != self.kind.status:
            wrong = f"mpirun ended with status {status}, not {self.kind.status}"
        elif wrong is None and (len(said) != 1 or self.kind.words not in said[0]):
            wrong = f"the failure was said so: {said}"
        elif wrong is None and seconds > SECONDS_TO_END:
            wrong = "mpirun took too long to end"
        return seconds, learnt, wrong and f"{wrong}\n{text}"

    def what_survivors_say(self, failed_ns):
        """Gives (seconds until the last had written its file, what was wrong or None)."""
        learnt, classes = 0, []
        for rank in range(self.ranks):
            if rank == self.victim and self.kind.sites == 0:
                continue
            path = self.folder / "flight-record" / f"rank-{rank}.json"
            if not path.exists():
                return learnt, f"rank {rank} has left no file"
            log = json.loads(path.read_text(encoding="utf-8"))
            classes.append(log["failure_class"])
            learnt = max(learnt, (log["written_ns"] + log["system_offset_ns"] - failed_ns) / 1e9)
            said = f"rank {rank} says {log['failure_class']} of rank {log['failed_rank']}: {log['failure']}"
            if log["failure_class"] not in self.kind.classes or self.kind.words not in log["failure"]:
                return learnt, said
            if self.name == "sleeps" and f"rank {self.victim} is in no operation, its last was " not in log["failure"]:
                return learnt, f"the sleeper is not named: {said}"
            if self.kind.classes == ["rank_failed"] and log["failed_rank"] != self.victim:
                return learnt, f"another rank is named: {said}"
            if len(set(re.findall(r"failures\.cpp:\d+", log["failure"]))) < self.kind.sites:
                return learnt, f"the call sites are not named: {said}"
            if learnt > SECONDS_TO_LEARN:
                return learnt, f"rank {rank} learnt of it after {learnt:.2f} s"
        if self.kind.classes[0] not in classes:
            return learnt, f"nobody says {self.kind.classes[0]}: {classes}"
        return learnt, None

    def what_is_left(self, before):
        """What the run left behind, or None."""
        if left := processes_with(str(self.folder)):
            return f"processes are left: {left}"
        if left := unused(segments() - before):
            return f"shared-memory segments are left: {left}"
        if left := [str(p) for p in (self.folder / "session").rglob("*") if not p.is_dir()]:
            return f"files of Open MPI are left: {left}"
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("failures", help="the program that fails")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--times", type=int, default=50, help="of each kind")
    parser.add_argument("--kind", choices=list(KINDS), help="only this one")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"--seed {options.seed}")
    draw = random.Random(options.seed)
    with work_folder("failures") as work:
        for name in [options.kind] if options.kind else KINDS:
            ends, learns = [], []
            for i in range(options.times):
                run = Run(options, work / f"run-{len(ends)}-{name.replace(' ', '-')}", name, draw)
                seconds, learnt, wrong = run.perform()
                if wrong:
                    print(f"{run}, run {i + 1}, after {seconds:.2f} s: {wrong}")
                    return 1
                ends.append(seconds)
                learns.append(learnt)
            ends.sort()
            print(f"a rank {name}, {options.times} of {options.times}: mpirun had ended after {ends[len(ends) // 2]:.2f} s (median), "
                  f"{ends[-1]:.2f} s (longest); the last survivor had written after {max(learns):.2f} s at most", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
