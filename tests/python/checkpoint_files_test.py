#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What espalier writes and hashes, read and hashed by Python.

    checkpoint_files_test.py WRITER             with the reader and the hash of this folder
    checkpoint_files_test.py WRITER --package   with the format's own package; skipped where it is not installed
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

import safetensors_file
import weights_hash


def expect(expected, got, what):
    if expected != got:
        sys.exit(f"{what}: expected {expected!r}, got {got!r}")


def written_files(writer, folder):
    """The files that the C++ program writes, as {path: hash}."""
    lines = subprocess.run([writer, folder], check=True, capture_output=True, text=True).stdout.splitlines()
    return {pathlib.Path(folder) / name: digest for name, digest in (line.split(" ") for line in lines)}


def check_with_own_reader(files):
    for path, digest in files.items():
        tensors, metadata = safetensors_file.read(path)
        expect(digest, weights_hash.weights_hash(tensors), f"hash of {path.name}")
        expect({"made by": "espalier", "tensors": str(len(tensors))}, metadata, f"metadata of {path.name}")
    folder = next(iter(files)).parent
    types, _ = safetensors_file.read(folder / "types.safetensors")
    expect(("U8", [3], bytes([0, 127, 255])), types["u8"], "u8")
    expect(("I64", [2], struct.pack("<2q", -1, 2**63 - 1)), types["i64"], "i64")
    expect(("I32", [1, 1], struct.pack("<i", -70000)), types["i32"], "i32")
    expect(("BOOL", [2], b"\1\0"), types["flags"], "flags")
    expect(("F64", [1, 2], struct.pack("<2d", 0.1, -0.0)), types["f64"], "f64")
    expect(("F32", [], 4), (*types["scalar"][:2], len(types["scalar"][2])), "scalar")
    expect(("F32", [0, 7], b""), types["empty"], "empty")
    names, _ = safetensors_file.read(folder / "names.safetensors")
    expect(["Z", 'gewicht "ä" \\\n', "z", "权重", "\ufffd", "\U0001f333"], list(names), "names in the order of their bytes")


def check_with_package(files):
    from safetensors import safe_open
    from safetensors.numpy import load_file
    for path in files:
        tensors, metadata = safetensors_file.read(path)
        arrays = load_file(path)
        expect(set(tensors), set(arrays), f"names in {path.name}")
        for name, (_, extents, data) in tensors.items():
            expect((tuple(extents), data), (arrays[name].shape, arrays[name].tobytes()), f"{name!r} in {path.name}")
        with safe_open(path, "numpy") as file:
            expect(metadata, file.metadata(), f"metadata of {path.name}")


def main():
    with_package = "--package" in sys.argv
    if with_package:
        try:
            import safetensors.numpy  # noqa: F401
        except ImportError as missing:
            print(f"SKIPPED: needs the Python packages safetensors and numpy ({missing})")
            return
    with tempfile.TemporaryDirectory() as folder:
        files = written_files(sys.argv[1], folder)
        expect(18, len(files), "number of files")
        (check_with_package if with_package else check_with_own_reader)(files)
    print(f"{len(files)} files agree")


if __name__ == "__main__":
    main()
