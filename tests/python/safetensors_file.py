# SPDX-License-Identifier: BSL-1.0
"""Reads safetensors files with nothing but the standard library: a second opinion on what espalier writes."""
import json
import struct

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2, "I8": 1, "U8": 1,
         "BOOL": 1}


def once(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name stands twice among {names}")
    return dict(pairs)


def read(path):
    """The tensors {name: (type, extents, bytes)}, in name order, and the metadata {key: value} of a file."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header, data = content[8:8 + length], content[8 + length:]
    if len(header) != length or length % 8 != 0 or not header.startswith(b"{"):
        raise ValueError(f"{path}: a header of {len(header)} bytes where {length} were announced")
    entries = json.loads(header.decode("utf-8"), object_pairs_hook=once)
    metadata = entries.pop("__metadata__", {})
    due = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
        first, end = entry["data_offsets"]
        taken = BYTES[entry["dtype"]]
        for extent in entry["shape"]:
            taken *= extent
        if first != due or end - first != taken:
            raise ValueError(f"{path}: tensor {name!r} at bytes {first} to {end}, where {taken} bytes from {due} on were due")
        due = end
    if due != len(data):
        raise ValueError(f"{path}: {len(data)} bytes of data for tensors of {due}")
    return {name: (entries[name]["dtype"], entries[name]["shape"], data[slice(*entries[name]["data_offsets"])])
            for name in sorted(entries, key=lambda name: name.encode("utf-8"))}, metadata
