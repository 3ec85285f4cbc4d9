#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Prints the hash of the weights in safetensors files, as espalier's programs print it on their last line.

    python3 tests/python/weights_hash.py FILE.safetensors …

The hash is XXH3 of 128 bits over the tensors in name order: the name's bytes and then the values' little-endian bytes. It is
computed twice where the package xxhash is installed, and once otherwise.
"""
import sys

import safetensors_file
import xxh3

try:
    import xxhash
except ImportError:
    xxhash = None


def weights_hash(tensors):
    """The hash of {name: (type, extents, bytes)}."""
    stream = b"".join(name.encode("utf-8") + tensors[name][2] for name in sorted(tensors, key=lambda name: name.encode("utf-8")))
    digest = xxh3.xxh3_128(stream)
    if xxhash is not None and digest != xxhash.xxh3_128(stream).hexdigest():
        raise AssertionError(f"xxh3.py says {digest}, the package xxhash {xxhash.xxh3_128(stream).hexdigest()}")
    return digest


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        print("weights xxh128", weights_hash(safetensors_file.read(path)[0]))
