#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Kills real runs with SIGKILL at random moments and starts them again, until each ends in the bits of one that was never killed.

Every start draws anew: ranks that are threads or processes, one to four of them, when it is killed, and what is killed: the process
of a thread run; of processes one rank, mpirun, or all at once. A run that resumes must go on from the last step that was said to be
safe, or from a later one. After a kill no process of the run may be left within five seconds, but for
an mpirun that hangs, with no rank left, because a rank died before any had begun: it is ended and counted. What it does not do: cut the power;
that is the fake disk's part in unit/checkpoint.
"""
import argparse
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

STEPS, EVERY = 240, 8
SECONDS_TO_END = 5.0


def processes_with(mark):
    """The living processes whose command line names `mark`."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark.encode() in (folder / "cmdline").read_bytes() and "Z" not in (folder / "stat").read_text().rsplit(")", 1)[1].split()[:1]:
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                pass
    return found


@contextlib.contextmanager
def work_folder(name):
    """A folder for runs; when it ends, so do the processes that name it."""
    work = pathlib.Path(tempfile.mkdtemp(prefix=f"espalier_{name}_"))
    try:
        yield work
    finally:
        for p in processes_with(str(work)):
            os.kill(p, signal.SIGKILL)
        shutil.rmtree(work, ignore_errors=True)


class Session:
    """One start of the survivor on its run folder."""

    def __init__(self, options, folder, kind, ranks):
        self.folder, self.kind, self.mark = str(folder), kind, str(folder)
        self.launcher_hung = False
        command = [options.survivor, kind, str(ranks), self.folder, str(STEPS), str(EVERY)]
        if kind == "mpi":
            command = [options.mpirun, "-n", str(ranks), *command]
        self.out = open(folder.parent / (folder.name + ".out"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.out, stderr=subprocess.STDOUT, start_new_session=True)

    def words(self):
        self.out.seek(0)
        return [line.split() for line in self.out.read().splitlines() if line]

    def last(self, key):
        return next((words[-1] for words in reversed(self.words()) if words[0] == key), None)

    def kill(self, target):
        """Sends SIGKILL; says whether there was anything to kill."""
        if self.process.poll() is not None:
            return False
        ranks = [p for p in processes_with(self.mark) if p != self.process.pid]
        if self.kind == "threads" or target == "mpirun" or not ranks:
            self.process.send_signal(signal.SIGKILL)
        elif target == "rank":
            victim = random.choice(ranks)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                return False
        else:
            os.killpg(self.process.pid, signal.SIGKILL)
            for p in ranks:  # mpirun gives each rank a group of its own
                try:
                    os.kill(p, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        return True

    def seconds_until_gone(self):
        """How long until neither the launcher nor a rank lives; None where they outlive the bound."""
        begin = time.monotonic()
        while time.monotonic() - begin < SECONDS_TO_END:
            if self.process.poll() is not None and not processes_with(self.mark):
                return time.monotonic() - begin
            time.sleep(0.01)
        # Open MPI 4.1.4's mpirun waits for ever when a rank dies while it is being started. No rank is left then, and none had begun.
        if self.kind == "mpi" and self.last("from") is None and set(processes_with(self.mark)) == {self.process.pid}:
            self.process.kill()
            self.process.wait()
            self.launcher_hung = True
            return SECONDS_TO_END
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("survivor", help="the program to kill")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of everything that is drawn; printed")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 30)
    random.seed(seed)
    print(f"seed {seed}", flush=True)

    environment_of_ranks = pathlib.Path("/dev/shm")
    segments = set(os.listdir(environment_of_ranks)) if environment_of_ranks.is_dir() else set()
    with work_folder("kills") as work:
        # Never killed: what all must end in, and about how long each kind takes, so that kills fall on every part of a run.
        expected, seconds = None, {}
        for kind in ("threads", "mpi"):
            begin = time.monotonic()
            whole = Session(options, work / f"whole-{kind}", kind, 2)
            whole.process.wait(120)
            seconds[kind] = time.monotonic() - begin
            expected = expected or whole.last("weights")
            if not expected or whole.last("weights") != expected:
                print(f"a run on 2 {kind} that is not killed ends in {whole.words()[-3:]}, expected {expected}")
                return 1

        kills = starts = runs = resumed = hung = 0
        slowest = 0.0
        folder, safe = work / "run-0", 0
        while kills < options.kills or safe > 0:
            kind, ranks = random.choice(["threads", "mpi"]), random.randint(1, 4)
            session = Session(options, folder, kind, ranks)
            starts += 1
            target = random.choice(["rank", "mpirun", "all"])
            if kills < options.kills:
                deadline = time.monotonic() + random.uniform(0, seconds[kind])
                while time.monotonic() < deadline and session.process.poll() is None:
                    time.sleep(0.002)
                killed = session.kill(target)
            else:
                killed = False
                session.process.wait(120)
            gone = session.seconds_until_gone()
            what = f"start {starts}: {ranks} {kind}, {'killed: ' + target if killed else 'left alone'}"
            if gone is None:
                print(f"{what}: processes {processes_with(session.mark)} are left after {SECONDS_TO_END} s")
                return 1
            came_from = session.last("from")
            if came_from is not None and int(came_from) < safe:
                print(f"{what}: went on from step {came_from}, though step {safe} was safe: {session.words()}")
                return 1
            if any(words[0] == "note" for words in session.words()):
                print(f"{what}: a checkpoint was torn: {session.words()}")
                return 1
            resumed += came_from is not None and int(came_from) > 0
            safe = max(safe, int(session.last("safe") or 0))
            if killed:
                kills += 1
                hung += session.launcher_hung
                slowest = slowest if session.launcher_hung else max(slowest, gone)
            elif session.process.returncode != 0:
                print(f"{what}: ended with status {session.process.returncode}: {session.words()}")
                return 1
            if session.last("weights") is not None:  # it may have ended just before the kill
                if session.last("weights") != expected:
                    print(f"{what}: ends in {session.last('weights')}, the run that was never killed in {expected}")
                    return 1
                runs += 1
                shutil.rmtree(folder, ignore_errors=True)
                folder, safe = work / f"run-{runs}", 0
        if runs == 0 or resumed == 0:
            print(f"no run came to its end or none was resumed: {runs} runs, {resumed} resumed")
            return 1
        # mpirun itself killed leaves nobody to remove Open MPI's own segments; they are Open MPI's, so take them away here.
        for name in set(os.listdir(environment_of_ranks)) - segments if environment_of_ranks.is_dir() else ():
            if name.startswith("vader_segment"):
                (environment_of_ranks / name).unlink(missing_ok=True)
        print(f"{kills} kills in {starts} starts of {runs} runs, {resumed} starts resumed; all ended in {expected}; "
              f"the last process of a killed run was gone after {slowest:.2f} s at most, but for {hung} times that "
              f"mpirun itself hung after a rank had died before it began")
        return 0


if __name__ == "__main__":
    sys.exit(main())
