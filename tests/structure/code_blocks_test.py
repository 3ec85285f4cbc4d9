#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that code_blocks.py finds blocks that have left their file, on small trees."""
import pathlib
import tempfile
import unittest

import code_blocks

PROGRAM = "int a;\nint b;\nint c;\n"


class CodeBlocks(unittest.TestCase):
    def checked(self, text):
        """What the check says of a document beside examples/p.cpp."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "examples").mkdir()
            (root / "examples" / "p.cpp").write_text(PROGRAM, encoding="utf-8")
            (root / "README.md").write_text(text, encoding="utf-8")
            return code_blocks.check(root)

    def test_an_excerpt_passes(self):
        self.assertEqual((1, []), self.checked("<!-- from examples/p.cpp -->\n```cpp\nint b;\nint c;\n```\n"))

    def test_blocks_without_a_mark_are_passed_over(self):
        self.assertEqual((0, []), self.checked("```cpp\nint d;\n```\n"))

    def test_a_changed_line_and_a_left_out_line_are_found_with_their_place(self):
        for block in ["int  b;", "int a;\nint c;", "int c;\nint d;"]:
            count, found = self.checked(f"text\n<!-- from examples/p.cpp -->\n```cpp\n{block}\n```\n")
            self.assertEqual((1, ["README.md:2: the block is no excerpt of examples/p.cpp"]), (count, found))

    def test_a_missing_file_a_missing_block_and_an_open_block_are_found(self):
        self.assertEqual(1, len(self.checked("<!-- from examples/q.cpp -->\n```cpp\nint a;\n```\n")[1]))
        self.assertEqual(1, len(self.checked("<!-- from examples/p.cpp -->\n\n```cpp\nint a;\n```\n")[1]))
        self.assertEqual(1, len(self.checked("<!-- from examples/p.cpp -->\n```cpp\nint a;\n")[1]))
        self.assertEqual(1, len(self.checked("<!-- from examples/p.cpp -->")[1]))


if __name__ == "__main__":
    unittest.main()
