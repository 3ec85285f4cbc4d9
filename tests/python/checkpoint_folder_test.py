#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What espalier saves, read by checkpoint_folder.py and compared with the whole tensors, bit by bit.

    checkpoint_folder_test.py WRITER             with nothing but the standard library
    checkpoint_folder_test.py WRITER --package   with the packages safetensors and numpy; skipped where they are not installed
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

import checkpoint_folder
import safetensors_file

try:
    import numpy
    from safetensors.numpy import load_file
except ImportError as missing:
    numpy = None
    reason = missing


def expect(expected, got, what):
    if expected != got:
        sys.exit(f"{what}: expected {expected!r}, got {got!r}")


def by_package(folder, manifest):
    """The tensors of a step, its files read by the format's own package and put together by numpy."""
    files = {name: load_file(folder / name) for name in manifest["files"]}
    types = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "BOOL": "?"}
    tensors = {}
    for name, entry in manifest["tensors"].items():
        whole = numpy.zeros(entry["shape"], types[entry["dtype"]])
        for box in entry["boxes"]:
            where = tuple(slice(first, first + extent) for first, extent in zip(box["first"], box["shape"]))
            whole[where] = files[box["file"]][name]
        tensors[name] = (entry["dtype"], entry["shape"], whole.tobytes())
    return tensors


def check_runs(folder, with_package):
    whole, _ = safetensors_file.read(folder / "whole.safetensors")
    expect(6, len(whole), "number of tensors")
    for run, step, ranks, files, attempt in (("dealt", 400, 3, 3, ""), ("one", 400, 1, 1, ""), ("corners", 2, 4, 3, ".1")):
        manifest, tensors = checkpoint_folder.newest(folder / run)
        expect((step, files), (manifest["step"], len(manifest["files"])), f"step and files of {run}")
        expect({"network": 'a "network" \u00e4', "ranks": str(ranks)}, manifest["run"], f"facts of {run}")
        read_from = checkpoint_folder.step_folders(folder / run)[step]
        expect(f"step-{step:012d}{attempt}", read_from.name, f"folder of {run}")
        if with_package:
            tensors = by_package(read_from, manifest)
        expect(list(whole), sorted(tensors, key=lambda name: name.encode("utf-8")), f"names in {run}")
        for name in whole:
            if whole[name] != tensors[name]:
                sys.exit(f"{name!r} in {run} has other values")
    sums = checkpoint_folder.read_manifest(folder / "one" / "step-000000000400")["files"]["rank-0.safetensors"]["xxh3_64"]
    expect(2, len(sums), "checksums of a file above a mebibyte")


def check_page(folder):
    """The checkpoint that the page shows, as it was written when the format was described: to the byte."""
    kept = pathlib.Path(__file__).parent / "checkpoint_of_page" / "step-000000000400"
    for path in kept.iterdir():
        expect(path.read_bytes(), (folder / "page" / kept.name / path.name).read_bytes(), f"bytes of {path.name} of the page")
    _, tensors = checkpoint_folder.newest(kept.parent)
    expect(("F32", [4, 3], struct.pack("<12f", *range(12))), tensors["linear.weight"], "weight of the page")
    expect(("F32", [4], struct.pack("<4f", *range(4))), tensors["linear.bias"], "bias of the page")


def check_damage(folder):
    """Each file's damage is seen, and the step before is taken."""
    newest = checkpoint_folder.step_folders(folder / "corners")[2]
    for path in sorted(newest.iterdir()):
        content = path.read_bytes()
        flipped = (bytes([content[0] ^ 1]) + content[1:], content[:-1] + bytes([content[-1] ^ 8]))
        for damaged in (content[:-1], content + b"\0", *flipped):
            path.write_bytes(damaged)
            expect(1, checkpoint_folder.newest(folder / "corners")[0]["step"], f"step after damage to {path.name}")
        path.write_bytes(content)
    expect(2, checkpoint_folder.newest(folder / "corners")[0]["step"], "step without damage")


def main():
    with_package = "--package" in sys.argv
    if with_package and numpy is None:
        print(f"SKIPPED: needs the Python packages safetensors and numpy ({reason})")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], folder], check=True)
        check_runs(folder, with_package)
        check_page(folder)
        check_damage(folder)
    print("3 runs agree")


if __name__ == "__main__":
    main()
