#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Reads the newest checkpoint in a run's folder, as docs/explanation/checkpoint-format.md describes it.

    python3 tests/python/checkpoint_folder.py FOLDER        prints step, facts, and each tensor's name, type and extents

It needs no package, and shares no code with espalier. A tensor is (type, extents, bytes), its values row-major.
"""
import itertools
import json
import pathlib
import re
import struct
import sys

import safetensors_file
import xxh3

CHUNK = 1 << 20


class Damaged(Exception):
    """A file of a checkpoint is not what it has to be."""


def step_folders(run):
    """The folder of each committed step, rising: of several attempts at a step the highest."""
    found = {}
    for path in pathlib.Path(run).iterdir():
        match = re.fullmatch(r"step-(\d{12,})(?:\.(\d+))?", path.name)
        if match and path.is_dir():
            step, attempt = int(match[1]), int(match[2] or 0)
            found[step] = max(found.get(step, (-1, None)), (attempt, path))
    return {step: found[step][1] for step in sorted(found)}


def read_manifest(folder):
    """The manifest, its own checksum compared."""
    content = (folder / "manifest.json").read_bytes()
    body, tail = content[:-32], content[-32:]
    if tail != b'"xxh3_64": "%s"\n}\n' % xxh3.xxh3_64(body).encode():
        raise Damaged(f"{folder / 'manifest.json'}: ends with {tail!r}")
    manifest = json.loads(content)
    if manifest["espalier checkpoint"] != 1:
        raise Damaged(f"{folder}: version {manifest['espalier checkpoint']} of the format")
    return manifest


def check_file(path, entry):
    """Compares a file's size, and the checksum of each mebibyte."""
    content = path.read_bytes()
    if len(content) != entry["bytes"]:
        raise Damaged(f"{path}: {len(content)} bytes where {entry['bytes']} are due")
    sums = [xxh3.xxh3_64(content[at:at + CHUNK]) for at in range(0, len(content), CHUNK)]
    if sums != entry["xxh3_64"]:
        raise Damaged(f"{path}: checksums {sums} where {entry['xxh3_64']} are due")


def rows_of(extents, first, shape):
    """The index in the whole tensor at which each row of a box begins, in the order in which the box holds them."""
    strides = [1]
    for extent in reversed(extents[1:]):
        strides.insert(0, strides[0] * extent)
    for at in itertools.product(*(range(begin, begin + extent) for begin, extent in zip(first[:-1], shape[:-1]))):
        yield sum(i * stride for i, stride in zip((*at, *first[-1:]), strides))


def put_together(name, entry, files):
    """The whole tensor from the boxes that the files hold."""
    size = safetensors_file.BYTES[entry["dtype"]]
    elements = 1
    for extent in entry["shape"]:
        elements *= extent
    values, times = bytearray(elements * size), bytearray(elements)
    for box in entry["boxes"]:
        kind, shape, data = files[box["file"]][name]
        if (kind, shape) != (entry["dtype"], box["shape"]):
            raise Damaged(f"{box['file']}: {name!r} of {kind} {shape}")
        row = shape[-1] if shape else 1
        for i, begin in enumerate(rows_of(entry["shape"], box["first"], shape)):
            values[begin * size:(begin + row) * size] = data[i * row * size:(i + 1) * row * size]
            times[begin:begin + row] = bytes(n + 1 for n in times[begin:begin + row])
    if times != b"\1" * elements:
        raise Damaged(f"boxes of {name!r} that do not hold each element once")
    return entry["dtype"], entry["shape"], bytes(values)


def read_step(folder):
    """The manifest, and every tensor {name: (type, extents, bytes)}."""
    manifest = read_manifest(folder)
    files = {}
    for name, entry in manifest["files"].items():
        check_file(folder / name, entry)
        files[name] = safetensors_file.read(folder / name)[0]
    return manifest, {name: put_together(name, entry, files) for name, entry in manifest["tensors"].items()}


def newest(run):
    """Manifest and tensors of the newest step that is whole."""
    folders = step_folders(run)
    for step in reversed(folders):
        try:
            return read_step(folders[step])
        except (Damaged, OSError, KeyError, ValueError, struct.error) as error:
            print(f"passed over: {error}", file=sys.stderr)
    raise Damaged(f"{run}: no step that is whole among {list(folders)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    read, tensors = newest(sys.argv[1])
    print("step", read["step"])
    for key, value in read["run"].items():
        print("run", key, value)
    for key, (kind, extents, _) in tensors.items():
        print("tensor", key, kind, extents)
