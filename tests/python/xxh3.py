# SPDX-License-Identifier: BSL-1.0
"""XXH3 of 128 and of 64 bits, seed 0, in plain Python: the digests of bytes as `xxhsum -H2` and `xxhsum -H3` print them.

It needs no package, and is written for reading, not for speed. The library hashes with xxHash itself, of which nothing is
used here.
Source: the xxHash specification (XXH3 algorithm overview, default secret, primes), version 0.2.0.
"""
import struct
import sys

M32, M64 = (1 << 32) - 1, (1 << 64) - 1
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
MIX_1, MIX_2 = 0x165667919E3779F9, 0x9FB21C651E98DF25

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


def swapped(value, count):
    return int.from_bytes(value.to_bytes(count, "little"), "big")


def folded(a, b):
    """The product of two words, its halves combined by exclusive or."""
    product = a * b
    return (product & M64) ^ (product >> 64)


def scattered(h):
    """The last mixing of XXH3."""
    h = ((h ^ h >> 37) * MIX_1) & M64
    return h ^ h >> 32


def scattered_64(h):
    """The last mixing of XXH64, which the shortest inputs use."""
    h = ((h ^ h >> 33) * P64_2) & M64
    h = ((h ^ h >> 29) * P64_3) & M64
    return h ^ h >> 32


def up_to_3(data):
    n = len(data)
    if n == 0:
        return scattered_64(u64(SECRET, 80) ^ u64(SECRET, 88)), scattered_64(u64(SECRET, 64) ^ u64(SECRET, 72))
    low = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
    high = swapped(low, 4)
    high = (high << 13 | high >> 19) & M32
    return scattered_64(high ^ u32(SECRET, 8) ^ u32(SECRET, 12)), scattered_64(low ^ u32(SECRET, 0) ^ u32(SECRET, 4))


def up_to_8(data):
    n = len(data)
    keyed = (u32(data, 0) | u32(data, n - 4) << 32) ^ u64(SECRET, 16) ^ u64(SECRET, 24)
    product = keyed * (P64_1 + (n << 2))
    low, high = product & M64, product >> 64 & M64
    high = (high + (low << 1)) & M64
    low ^= high >> 3
    low = ((low ^ low >> 35) * MIX_2) & M64
    return scattered(high), low ^ low >> 28


def up_to_16(data):
    n = len(data)
    low, high = u64(data, 0), u64(data, n - 8)
    product = (low ^ high ^ u64(SECRET, 32) ^ u64(SECRET, 40)) * P64_1
    product_low = ((product & M64) + (n - 1 << 54)) & M64
    high ^= u64(SECRET, 48) ^ u64(SECRET, 56)
    product_high = ((product >> 64) + high + (high & M32) * (P32_2 - 1)) & M64
    last = (product_low ^ swapped(product_high, 8)) * P64_2
    return scattered(((last >> 64) + product_high * P64_2) & M64), scattered(last & M64)


def up_to_240(data):
    n = len(data)
    low, high = n * P64_1 & M64, 0

    def mix(first, second, key):
        nonlocal low, high
        a, b, c, d = u64(data, first), u64(data, first + 8), u64(data, second), u64(data, second + 8)
        low = (low + folded(a ^ u64(SECRET, key), b ^ u64(SECRET, key + 8)) & M64) ^ (c + d & M64)
        high = (high + folded(c ^ u64(SECRET, key + 16), d ^ u64(SECRET, key + 24)) & M64) ^ (a + b & M64)

    if n <= 128:
        for i in reversed(range((n - 1) // 32 + 1)):        # pairs from the middle outwards
            mix(16 * i, n - 16 * (i + 1), 32 * i)
    else:
        for i in range(4):
            mix(32 * i, 32 * i + 16, 32 * i)
        low, high = scattered(low), scattered(high)
        for i in range(4, n // 32):
            mix(32 * i, 32 * i + 16, 3 + 32 * (i - 4))
        mix(n - 16, n - 32, 103)
    return -scattered((low * P64_1 + high * P64_4 + n * P64_2) & M64) & M64, scattered(low + high & M64)


def above_240(data):
    n = len(data)
    acc = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]

    def add_stripe(at, key):
        values, keys = struct.unpack_from("<8Q", data, at), struct.unpack_from("<8Q", SECRET, key)
        for i in range(8):
            keyed = values[i] ^ keys[i]
            acc[i ^ 1] += values[i]
            acc[i] += (keyed & M32) * (keyed >> 32)
        for i in range(8):
            acc[i] &= M64

    blocks = (n - 1) // 1024
    for block in range(blocks):
        for stripe in range(16):
            add_stripe(1024 * block + 64 * stripe, 8 * stripe)
        for i in range(8):
            acc[i] = (acc[i] ^ acc[i] >> 47 ^ u64(SECRET, 128 + 8 * i)) * P32_1 & M64
    for stripe in range((n - 1 - 1024 * blocks) // 64):
        add_stripe(1024 * blocks + 64 * stripe, 8 * stripe)
    add_stripe(n - 64, 121)

    def merged(key, start):
        pairs = (folded(acc[i] ^ u64(SECRET, key + 8 * i), acc[i + 1] ^ u64(SECRET, key + 8 * i + 8)) for i in (0, 2, 4, 6))
        return scattered(start + sum(pairs) & M64)

    return merged(117, ~(n * P64_2) & M64), merged(11, n * P64_1 & M64)


def xxh3_128(data):
    """The digest of bytes: 32 hex digits, high word first."""
    n = len(data)
    words = up_to_3 if n <= 3 else up_to_8 if n <= 8 else up_to_16 if n <= 16 else up_to_240 if n <= 240 else above_240
    return "%016x%016x" % words(data)


def short_64(data):
    """The digest of 64 bits up to 240 bytes; above, it is the low word of 128."""
    n = len(data)

    def mix(at, key):
        return folded(u64(data, at) ^ u64(SECRET, key), u64(data, at + 8) ^ u64(SECRET, key + 8))

    if n == 0:
        return scattered_64(u64(SECRET, 56) ^ u64(SECRET, 64))
    if n <= 3:
        return up_to_3(data)[1]
    if n <= 8:
        h = (u32(data, n - 4) | u32(data, 0) << 32) ^ u64(SECRET, 8) ^ u64(SECRET, 16)
        h ^= ((h << 49 | h >> 15) ^ (h << 24 | h >> 40)) & M64
        h = h * MIX_2 & M64
        h = (h ^ (h >> 35) + n) * MIX_2 & M64
        return h ^ h >> 28
    if n <= 16:
        low = u64(data, 0) ^ u64(SECRET, 24) ^ u64(SECRET, 32)
        high = u64(data, n - 8) ^ u64(SECRET, 40) ^ u64(SECRET, 48)
        return scattered(n + swapped(low, 8) + high + folded(low, high) & M64)
    h = n * P64_1
    if n <= 128:
        for i in range((n - 1) // 32 + 1):
            h += mix(16 * i, 32 * i) + mix(n - 16 * (i + 1), 32 * i + 16)
        return scattered(h & M64)
    for i in range(8):
        h += mix(16 * i, 16 * i)
    h = scattered(h & M64)
    for i in range(8, n // 16):
        h += mix(16 * i, 16 * (i - 8) + 3)
    return scattered(h + mix(n - 16, 119) & M64)


def xxh3_64(data):
    """The digest of bytes: 16 hex digits."""
    return "%016x" % (short_64(data) if len(data) <= 240 else above_240(data)[1])


if __name__ == "__main__":
    print(xxh3_128(sys.stdin.buffer.read()))
