#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The LSTM training step of espalier beside PyTorch's, on one core, in turns.

    bench/train/beside_torch.py --binary build/bench/bench/train_lstm_step --python python3 --python other/bin/python

Starts the binary and one worker an interpreter; only one of them computes at a time. A turn asks each for a few steps of a shape;
a program's time in a turn is their median, its ratio the median over turns of (PyTorch's time / espalier's): above 1, espalier is
quicker. PyTorch's step is zero_grad, forward, mean squared error, backward, optimizer step, on a batch that lies ready; espalier's
gathers its batch too.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support.program import processor, program  # noqa: E402 (the path is set above)


def lstm_step(torch, optimizer, batch, steps, inputs, layers, units):
    """A function that takes one training step of an LSTM forecaster."""
    lstm, head = torch.nn.LSTM(inputs, units, layers, batch_first=True), torch.nn.Linear(units, 1)
    updates = getattr(torch.optim, optimizer)([*lstm.parameters(), *head.parameters()], 1e-3)
    x, y = torch.randn(batch, steps, inputs), torch.randn(batch, 1)

    def step():
        updates.zero_grad()
        loss = ((head(lstm(x)[0][:, -1]) - y) ** 2).mean()
        loss.backward()
        updates.step()

    return step


def worker(options, make_step):
    """Answers lines `shape steps` with the milliseconds of each step; the first line printed is PyTorch's version."""
    import torch

    torch.set_num_threads(1)
    print(torch.__version__, flush=True)
    clock = time.perf_counter if options.clock == "wall" else time.process_time
    made = {}

    def make(*shape):
        torch.manual_seed(0)
        return make_step(torch, options.optimizer, *shape)

    shapes = [parsed(s) for s in options.shapes.split(",")]
    for line in sys.stdin:
        which, count = map(int, line.split())
        step = made.get(which) or made.setdefault(which, make(*shapes[which]))
        times = []
        for _ in range(count):
            start = clock()
            step()
            times.append((clock() - start) * 1e3)
        print(*times, flush=True)


def parsed(shape):
    """`32x60x2 1x50` as [32, 60, 2, 1, 50]."""
    return [int(n) for part in shape.split() for n in part.split("x")]


def main(script, description, make_step, bench, optimizer):
    """Measures the program `bench` beside the steps of PyTorch that `make_step` makes; `script` is the file to run as a worker."""
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", help=f"the built bench/{bench.replace('_', '/', 1)}")
    p.add_argument("--python", action="append", default=[], help="an interpreter with torch; may be given several times")
    p.add_argument("--optimizer", default=optimizer, help="of torch.optim; Adam computes less than AdamW, which espalier's step takes")
    p.add_argument("--turns", type=int, default=9)
    p.add_argument("--steps", type=int, default=3, help="of each program in a turn")
    p.add_argument("--shape", type=int, action="append", default=[], help="only the shape with this number; may be repeated")
    p.add_argument("--clock", choices=["wall", "processor"], default="wall", help="processor: seconds of computing, where the machine does other work")
    p.add_argument("--json", action="store_true")
    p.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--shapes", help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.worker:
        return worker(options, make_step)
    if not options.binary:
        p.error(f"--binary is required: bench/run {bench} --list builds it")

    shapes = subprocess.run([options.binary, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()
    ours = program([options.binary, "--serve", "--clock", options.clock])
    theirs = []
    for python in options.python or [sys.executable]:
        theirs.append(program([python, os.path.abspath(script), "--worker", "--shapes", ",".join(shapes),
                               "--optimizer", options.optimizer, "--clock", options.clock]))
    versions = [t.line().strip() for t in theirs]
    command = " ".join([os.path.relpath(sys.argv[0]), *sys.argv[1:]])
    if not options.json:
        print("machine  ", processor(), "\ncommand  ", command, "\nPyTorch  ", ", ".join(versions), f"(one thread, {options.optimizer})")
        print(f"\n{'shape':28} {'espalier ms':>12}" + "".join(f" {'torch ' + v:>22} ms {'ratio':>6}" for v in versions))
    slower = False
    for number, shape in enumerate(shapes):
        if options.shape and number not in options.shape:
            continue
        mine, other, ratio = [], [[] for _ in theirs], [[] for _ in theirs]
        for turn in range(options.turns + 1):
            a = statistics.median(ours.numbers(f"{number} {options.steps}"))
            b = [statistics.median(t.numbers(f"{number} {options.steps}")) for t in theirs]
            if turn == 0:
                continue
            mine.append(a)
            for i, ms in enumerate(b):
                other[i].append(ms)
                ratio[i].append(ms / a)
        row = {"shape": shape, "espalier_ms": statistics.median(mine)}
        row["torch"] = [{"version": v, "ms": statistics.median(o), "ratio": statistics.median(r)} for v, o, r in zip(versions, other, ratio)]
        if options.json:
            print(json.dumps({**row, "machine": processor(), "command": command}), flush=True)
        else:
            print(f"{shape:28} {row['espalier_ms']:12.3f}" + "".join(f" {t['ms']:22.3f}    {t['ratio']:6.2f}" for t in row["torch"]), flush=True)
        slower = slower or any(t["ratio"] < 1 for t in row["torch"])
    for each in [ours, *theirs]:
        each.end()
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main(__file__, __doc__, lstm_step, "train_lstm_step", "Adam"))
