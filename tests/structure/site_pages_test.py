#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows what the site makes of a small tree: pages, navigation, links between documents, code and reference."""
import html.parser
import pathlib
import subprocess
import sys
import tempfile
import unittest

import site_links

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "docs" / "build_site.py"
TREE = {
    "README.md": "# tree\n\nSee [how](docs/howto/cut.md#with-care), [all](docs/README.md), [code](examples/a.cpp), [files](examples) and `shape`.\n",
    "docs/README.md": "# Documents\n\n[cut](howto/cut.md) [headers](../include/espalier)\n",
    "docs/howto/cut.md": "# Cut: what to do\n\n## With care\n\n<!-- from examples/a.cpp -->\n```cpp\nauto s = dims<2>(3); // three\nshape dims = s;\n```\n",
    "examples/a.cpp": "#include <espalier/core/shape.hpp>\nauto s = dims<2>(3); // three\nshape dims = s;\n",
    "include/espalier/core/shape.hpp": """// SPDX
/// @file
/// Shapes. See math/sum.hpp and docs/howto/cut.md.
#pragma once
namespace espalier {
/// Extents of a tensor.
struct shape {
    int rank = 0;  ///< how many there are
    /// Their product.
    /// @par Units   elements, not `bytes`
    int elements() const;
};
/// Makes a `shape`.
/// @param n       the extent
/// @throws invalid_shape where n < 0
template <int N>
shape dims(int n);
/// Is thrown.
class invalid_shape {};
}
""",
    "include/espalier/math/sum.hpp": "/// @file\n/// Sums.\n#include <espalier/core/shape.hpp>\nnamespace espalier::math {\n/// Sum of two.\n"
                                     "float sum(float a, float b);\n/// The same in double.\ndouble sum(double a, double b);\n}\n",
}


class Text(html.parser.HTMLParser):
    """The text of a page, its marks taken off."""

    def __init__(self, page):
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data):
        self.text += data


class SitePages(unittest.TestCase):
    def build(self, changes=()):
        """(status, output, {path: text of the page}) of the site of the tree with changes; its links are checked."""
        with tempfile.TemporaryDirectory() as folder:
            root, out = pathlib.Path(folder) / "tree", pathlib.Path(folder) / "site"
            for name, text in {**TREE, **dict(changes)}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            run = subprocess.run([sys.executable, "-B", PROGRAM, "--root", root, "--out", out], capture_output=True, text=True)
            if not changes:
                self.assertEqual([], site_links.check(out)[1])
            return run.returncode, run.stdout, {p.relative_to(out).as_posix(): p.read_text(encoding="utf-8") for p in out.rglob("*.html")}

    def test_every_document_folder_and_linked_file_has_a_page(self):
        status, output, pages = self.build()
        self.assertEqual((0, "10 pages, 2 headers, 0 names without a docstring, 0 faults\n"), (status, output))
        self.assertEqual({"index.html", "docs/index.html", "docs/howto/cut.html", "reference/core.html", "reference/math.html", "reference/index.html",
                          "source/examples/a.cpp.html", "source/examples/index.html", "source/include/espalier/core/shape.hpp.html",
                          "source/include/espalier/math/sum.hpp.html"}, set(pages))

    def test_links_between_documents_lead_to_pages_and_names_to_the_reference(self):
        _, _, pages = self.build()
        for link in ['href="docs/howto/cut.html#with-care"', 'href="source/examples/a.cpp.html"', 'href="source/examples/index.html"',
                     '<code><a href="reference/core.html#shape">shape</a></code>']:
            self.assertIn(link, pages["index.html"])
        self.assertIn('href="../reference/index.html"', pages["docs/index.html"])

    def test_code_is_coloured_and_its_names_linked_but_not_those_of_variables(self):
        _, _, pages = self.build()
        self.assertIn('<span class="k">auto</span> s = <a href="../../reference/core.html#dims">dims</a>&lt;<span class="n">2</span>&gt;', pages["docs/howto/cut.html"])
        self.assertIn('<a href="../../reference/core.html#shape">shape</a> dims = s;', pages["docs/howto/cut.html"])
        self.assertIn('<figcaption><a href="../../source/examples/a.cpp.html">examples/a.cpp</a>', pages["docs/howto/cut.html"])

    def test_the_reference_has_signatures_sections_and_links_to_headers(self):
        _, _, pages = self.build()
        core, text = pages["reference/core.html"], Text(pages["reference/core.html"]).text
        for part in ["template <int N>\nshape dims(int n)", "Unitselements, not bytes", "Parametern the extent", "rank = 0", "how many there are"]:
            self.assertIn(part, text)
        for link in ['href="../source/include/espalier/core/shape.hpp.html#L7">shape.hpp:7', '<a href="#invalid_shape">invalid_shape</a>',
                     'href="math.html#math/sum.hpp"', 'href="../docs/howto/cut.html"', 'id="shape::elements"']:
            self.assertIn(link, core)

    def test_overloads_stand_together_each_with_its_own_words(self):
        text = Text(self.build()[2]["reference/math.html"]).text
        self.assertLess(text.index("float sum("), text.index("Sum of two."))
        self.assertLess(text.index("Sum of two."), text.index("double sum("))
        self.assertLess(text.index("double sum("), text.index("The same in double."))
        self.assertEqual(1, self.build()[2]["reference/math.html"].count('id="math::sum"'))

    def test_the_navigation_names_kinds_of_documents_in_the_order_of_the_index(self):
        pages = self.build({"docs/howto/a.md": "# A last one\n", "docs/tutorial/first.md": "# First: x\n"}.items())[2]
        text = Text(pages["index.html"]).text
        places = [text.index(word) for word in ["Start", "Overview", "Documents", "Tutorial", "First", "How to", "Cut", "A last one", "Reference", "core", "math"]]
        self.assertEqual(sorted(places), places)

    def test_faults_end_with_status_1_and_say_where(self):
        for name, text, fault in [
                ("include/espalier/core/b.hpp", "/// @file\n/// B.\n\nint bare();\n", "espalier/core/b.hpp:4: bare has no docstring"),
                ("include/espalier/core/b.hpp", "/// @file\n/// B.\n\n/// Is.\n/// @param y  no\nint f();\n", "espalier/core/b.hpp:6: f: @param y names no parameter"),
                ("docs/other.md", "# O\n[x](none.md)\n", "docs/other.md: none.md leads nowhere")]:
            status, output, _ = self.build({name: text}.items())
            self.assertEqual((1, True), (status, fault in output), output)


if __name__ == "__main__":
    unittest.main()
