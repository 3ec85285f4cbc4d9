#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The plain Python XXH3 against digests that xxHash's own programs printed, and against the package where it is installed."""
import unittest

import weights_hash
import xxh3

# python3 -c 'import xxhash                                          # 4.1.0
# for n in (0, 1, 2, …): print(n, xxhash.xxh3_128(bytes((i*131 + i//256 + 7) & 255 for i in range(n))).hexdigest())'
KNOWN = {
    0: "99aa06d3014798d86001c324468d497f",
    1: "495b62073ef70ca44c5cca45d0f4811f",
    2: "f1b5eec902a1eb5e29c60963cbfa4e6e",
    3: "390cdc5b4a895dd76e3e2670e61106ac",
    4: "aa6e2f274640a3f43d668af6f2a44d77",
    8: "6a86a3bda6af4e3d61ddbe7f31a6100d",
    9: "664c7ca18afd62558c7b67fd458a936b",
    16: "7f9a218b0425449ae2ce54a7c19c730d",
    17: "66fc23f6439dbd778d96ef110fcdebb4",
    32: "49a11ee743d6d342fd357cf6cb2dda18",
    33: "7228d9284a8116f6f8994653f4bfe6da",
    64: "e0faf20e0e0fe0ddba7e015a54f14be1",
    65: "9397df27b7a9871385326f4078a61329",
    96: "fb78ac185ef554438b8720f565dcf40c",
    97: "9cfc8c7d6e7815c8bb385623e598c6d4",
    128: "aec730751478556cff361dec1385710a",
    129: "98cd36ccbb5579264545b3a09738e31a",
    160: "832af93acbf14d0b10963bc4f63e0de8",
    239: "6e78178133d2c10bd0329d9f9566468d",
    240: "5293e17bf553903d3f2c53e72293711f",
    241: "b53840fe3fedf161956cae592c67279e",
    256: "d0d2829a226d0edbb15e550733c5dfac",
    512: "d4640d40af9107c3304495c2d7cf0b22",
    1024: "df45c3bd75acec8cea76dda06d735ac5",
    1025: "aa3e7bd7062a0570badeb1907fb9a31e",
    1088: "76fc3ff0a76ddc5b51494bd7dbdc22ac",
    2048: "b712ed17e329792af78ccaa92a32989d",
    2049: "a6071bc95c06bfd9bfee2c141c795d42",
    4096: "564b7e0f58679b7d3460af104d0739aa",
    65536: "22e6b9b8b5c38151bb203614c1f22f27",
    100001: "c24f3ec96446de3a340df19db41de7aa",
}

# The same with xxh3_64.
KNOWN_64 = {
    0: "2d06800538d394c2",
    1: "4c5cca45d0f4811f",
    2: "29c60963cbfa4e6e",
    3: "6e3e2670e61106ac",
    4: "5c4c63133443d03f",
    8: "f9fd4dd0b04d78f5",
    9: "7c20df9712c26edf",
    16: "86abf6baccea0858",
    17: "b58bf5dc5022d071",
    32: "e3712ed84c04a66e",
    33: "a4dee99b093e1f73",
    64: "1291d2d4042330dd",
    65: "97c6bf83217e5ec9",
    96: "81296929fc063365",
    97: "f145a45b658ab9dd",
    128: "10d17f72c0ccba41",
    129: "1648bdc3db49d1a2",
    160: "655c8dc33b4b4c4a",
    239: "f0d154819adb16cd",
    240: "b6cfaf343fab81e6",
    241: "956cae592c67279e",
    1024: "ea76dda06d735ac5",
    1025: "badeb1907fb9a31e",
    65536: "bb203614c1f22f27",
    100001: "340df19db41de7aa",
}


def pattern(n):
    return bytes((i * 131 + i // 256 + 7) & 255 for i in range(n))


class Xxh3(unittest.TestCase):
    def test_it_gives_the_known_digests_at_every_class_of_lengths(self):
        for n, digest in KNOWN.items():
            self.assertEqual(digest, xxh3.xxh3_128(pattern(n)), f"{n} bytes")

    def test_it_gives_the_known_digests_of_64_bits(self):
        for n, digest in KNOWN_64.items():
            self.assertEqual(digest, xxh3.xxh3_64(pattern(n)), f"{n} bytes")

    def test_it_is_what_the_command_line_program_prints(self):
        self.assertEqual("06b05ab6733a618578af5f94892f3950", xxh3.xxh3_128(b"abc"))        # printf abc | xxhsum -H2

    @unittest.skipUnless(weights_hash.xxhash, "needs the package xxhash")
    def test_it_equals_the_package_at_all_short_lengths(self):
        for n in range(1100):
            self.assertEqual(weights_hash.xxhash.xxh3_128(pattern(n)).hexdigest(), xxh3.xxh3_128(pattern(n)), f"{n} bytes")
            self.assertEqual(weights_hash.xxhash.xxh3_64(pattern(n)).hexdigest(), xxh3.xxh3_64(pattern(n)), f"{n} bytes")


if __name__ == "__main__":
    unittest.main()
