#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that links.py finds references that lead nowhere, on small trees."""
import pathlib
import tempfile
import unittest

import links


class Links(unittest.TestCase):
    def tree(self, files):
        """A root that holds {path: text}."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    def dead(self, text):
        """The dead links of docs/a.md with this text, beside docs/b.md."""
        root = self.tree({"docs/a.md": text, "docs/b.md": "# A page\n## What it's for, in 3 words\n", "out.md": ""})
        return list(links.dead_links(root / "docs", root / "docs" / "a.md"))

    def test_files_folders_headings_and_the_web_pass(self):
        for link in ["b.md", ".", "b.md#a-page", "b.md#what-its-for-in-3-words", "https://example.org/x.md#y"]:
            self.assertEqual([], self.dead(f"see [this]({link})"), link)

    def test_a_heading_of_the_same_page_passes(self):
        self.assertEqual([], self.dead("# Top\n[up](#top)"))

    def test_missing_files_headings_and_files_outside_are_found_with_their_place(self):
        for link in ["c.md", "b.md#none", "#none", "../out.md"]:
            self.assertEqual([f"a.md:2: {link} leads nowhere"], self.dead(f"\nsee [this]({link})"), link)

    def test_brackets_in_code_are_no_links(self):
        self.assertEqual([], self.dead("```cpp\na[1](none)\n```\n"))

    def test_pages_that_sources_name_must_exist(self):
        names = {"include/x.hpp": '"See docs/policies/model.md."\n{.page = "howto/data.md"}\n', "docs/policies/model.md": ""}
        self.assertEqual((2, ["include/x.hpp:2: docs/howto/data.md does not exist"]), links.dead_pages(self.tree(names)))
        self.assertEqual((2, []), links.dead_pages(self.tree({**names, "docs/howto/data.md": ""})))


if __name__ == "__main__":
    unittest.main()
