#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Instructions of the composed step against those of the step written by hand (bench/train/composed_step), by valgrind's callgrind.

    bench/train/instructions.py --binary build/bench/bench/train_composed_step [--shape 0|1] [--functions]

Each mode runs twice, with different numbers of steps; the difference, over the steps between, is what a step costs without start-up.
What is printed for a step: all instructions of both and their ratio, and the same with the kernels subtracted from both. Subtracted is
the inclusive cost of every call from the rest of the program to
  - a function in the namespace espalier::math: products, cell, passes over arrays;
  - the optimizer's pass over the parameters, adamw::run; the loss, mean_squared_error::evaluate; the data set's gather;
  - a function of a shared library: oneDNN, libm (pow), libc (memcpy, memset), the dynamic linker.
What remains is glue: order of the calls, their arguments, addresses, the plan, the order of samples, steps and epochs. Shape 1 computes
with the built-in products (oneDNN's own call would be thousands of instructions), shape 0 with the library's. The order of samples, a
permutation that both compute, is glue; `--data 1` leaves nothing to permute, but begins an epoch in every step.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

KERNELS = re.compile(r"(^| )espalier::math::|(^|[ :])adamw::run|(^|[ :])mean_squared_error::evaluate|(^|[ :])gathered::gather|(^|[ :])in_memory::gather")
BOUNDS = {0: ("all", 1.01), 1: ("without kernels", 1.05)}


def bare(name):
    """A function's qualified name without template arguments and parameters."""
    depth, out = 0, []
    for i, c in enumerate(name):
        if c in "<(" and not (c == "<" and name[i - 1] == "-"):
            depth += 1
        elif c in ">)" and not (c == ">" and name[i - 1] == "-"):
            depth -= 1
        elif depth == 0:
            out.append(c)
    return "".join(out)


class profile:
    """Costs of one run: what functions cost by themselves, and calls with their inclusive cost."""

    def __init__(self, path, binary):
        self.own, self.calls, self.where = collections.Counter(), collections.Counter(), {}
        function = called = None
        of, of_called = "", None
        follows_calls = False
        with open(path) as lines:
            for line in lines:
                key, _, value = line.rstrip("\n").partition("=")
                if key == "ob":
                    of = value
                elif key == "fn":
                    function = value
                    self.where[function] = of
                elif key == "cob":
                    of_called = value
                elif key == "cfn":
                    called = value
                    self.where.setdefault(called, of_called or of)
                    of_called = None
                elif key == "calls":
                    follows_calls = True
                elif line[0].isdigit() or line[0] in "+-*":
                    cost = int(line.split()[1])
                    if follows_calls:
                        self.calls[function, called] += cost
                    else:
                        self.own[function] += cost
                    follows_calls = False
        self.binary = os.path.realpath(binary)

    def is_kernel(self, function):
        return os.path.realpath(self.where[function]) != self.binary or bool(KERNELS.search(bare(function)))


def run(options, mode, steps):
    with tempfile.NamedTemporaryFile(suffix=".callgrind") as out:
        command = ["valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no", f"--callgrind-out-file={out.name}",
                   options.binary, "--mode", mode, "--shape", str(options.shape), "--steps", str(steps), "--data", str(options.data)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
        return profile(out.name, options.binary)


def a_step(options, mode):
    """Instructions of a step: all, those of kernels, and glue by function."""
    few, many = run(options, mode, options.few), run(options, mode, options.many)
    steps = options.many - options.few
    own = {f: (many.own[f] - few.own[f]) / steps for f in many.own}
    kernels = {}
    for (caller, called), cost in many.calls.items():
        if many.is_kernel(called) and not many.is_kernel(caller):
            kernels[called] = kernels.get(called, 0) + (cost - few.calls[caller, called]) / steps
    glue = {f: n for f, n in own.items() if n and not many.is_kernel(f)}
    return {"all": sum(own.values()), "kernels": sum(kernels.values()), "by kernel": kernels, "glue": glue}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", required=True, help="the built bench/train/composed_step")
    p.add_argument("--shape", type=int, default=0, choices=[0, 1], help="0: 32x60x2, 1x50 units; 1: 1x4x2, 1x8 units")
    p.add_argument("--data", type=int, default=1024, help="samples in the data set; with 1, shape 1 has no order of samples to compute")
    p.add_argument("--few", type=int, help="steps of the shorter run (2, or 20 for shape 1)")
    p.add_argument("--many", type=int, help="steps of the longer run (8, or 120 for shape 1)")
    p.add_argument("--functions", action="store_true", help="also what each kernel and each function of the glue costs")
    p.add_argument("--json", action="store_true")
    options = p.parse_args()
    options.few = options.few or (20 if options.shape else 2)
    options.many = options.many or (120 if options.shape else 8)

    modes = {mode: a_step(options, mode) for mode in ("composed", "hand")}
    c, h = modes["composed"], modes["hand"]
    ratios = {"all": c["all"] / h["all"], "without kernels": (c["all"] - c["kernels"]) / (h["all"] - h["kernels"])}
    which, bound = BOUNDS[options.shape]
    if options.json:
        print(json.dumps({"shape": options.shape, "data": options.data, "composed": c, "hand": h, "ratios": ratios, "bound": {which: bound}}))
    else:
        print("command                ", " ".join(sys.argv))
        print(f"instructions a step    {'composed':>14} {'by hand':>14} {'ratio':>8}")
        print(f"all                    {c['all']:14.1f} {h['all']:14.1f} {ratios['all']:8.4f}")
        print(f"of kernels             {c['kernels']:14.1f} {h['kernels']:14.1f}")
        print(f"without kernels        {c['all'] - c['kernels']:14.1f} {h['all'] - h['kernels']:14.1f} {ratios['without kernels']:8.4f}")
        print(f"wanted: {which} at most {bound}")
        if options.functions:
            for title, key in (("kernels, inclusive", "by kernel"), ("glue, by itself", "glue")):
                print(f"\n{title}")
                for f in sorted(set(c[key]) | set(h[key]), key=lambda f: -max(c[key].get(f, 0), h[key].get(f, 0))):
                    print(f"{c[key].get(f, 0):14.1f} {h[key].get(f, 0):14.1f}  {bare(f)[:90]}")
    return 0 if ratios[which] <= bound else 1


if __name__ == "__main__":
    sys.exit(main())
