#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that site_links.py finds what leads nowhere, on small sites."""
import pathlib
import tempfile
import unittest

import site_links


class SiteLinks(unittest.TestCase):
    def found(self, files):
        """What the check says of a site of {path: text}."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return site_links.check(pathlib.Path(folder))

    def test_files_anchors_and_the_web_pass(self):
        page = '<h1 id="a::b">x</h1><a href="#a::b"></a><a href="sub/b.html#op%28%29"></a><a href="https://x.org/#y"></a><img src="i.svg">'
        self.assertEqual((5, []), self.found({"a.html": page, "sub/b.html": '<p id="op()"><a href="../a.html">', "i.svg": ""}))

    def test_missing_files_and_anchors_are_found_with_their_place(self):
        for target in ["c.html", "#none", "b.html#none", "i.svg#x", "../a.html", "sub"]:
            _, found = self.found({"a.html": f'\n<a href="{target}">', "b.html": "", "i.svg": "", "sub/d.html": ""})
            self.assertEqual([f"a.html:2: {target} leads nowhere"], found, target)
        self.assertEqual(["a.html:1: i.png leads nowhere"], self.found({"a.html": '<img src="i.png">'})[1])

    def test_what_a_page_needs_from_the_web_and_ids_that_are_there_twice_are_found(self):
        for text in ['<script src="https://x.org/a.js"></script>', '<link rel="stylesheet" href="//x.org/a.css">', '<img src="http://x.org/a.png">']:
            self.assertEqual(1, len(self.found({"a.html": text})[1]), text)
        self.assertEqual(["a.html:1: the id x is there twice"], self.found({"a.html": '<p id="x"><p id="x">'})[1])

    def test_names_that_the_search_offers_are_there(self):
        names = 'const names = [["f","function","r.html#f","Does.",0],["g","function","r.html#g","Does.",0]];\n'
        self.assertEqual(["names.js: g is not at r.html#g"], self.found({"r.html": '<p id="f">', "names.js": names})[1])


if __name__ == "__main__":
    unittest.main()
