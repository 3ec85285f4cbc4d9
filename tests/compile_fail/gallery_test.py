#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that gallery.py finds a page that differs from its cases, a case without an entry, and an error without a case."""
import unittest

import gallery

PATH = "tests/compile_fail/a.cpp"
ERROR = "espalier: four: requires 4; got 5. Write 4. See docs/a.md."
CASE = f"""// SPDX-License-Identifier: BSL-1.0
// expect: {ERROR}
// expect g++: four<5>
#include <four>

#ifdef ESPALIER_TWIN
using a = four<4>;
#else
using a = four<5>;
#endif
"""
PAGE = f"""# Errors

<!-- from {PATH} -->
```cpp
using a = four<5>;
```
```text
{ERROR}
g++: four<5>
```
<!-- from {PATH} -->
```cpp
using a = four<4>;
```
"""


class Gallery(unittest.TestCase):
    def test_a_page_that_shows_each_case_passes(self):
        self.assertEqual([], gallery.faults_of_page(PAGE, {PATH: CASE}))

    def test_another_text_on_the_page_is_a_fault(self):
        for was, now in (("requires 4;", "requires 3;"), ("g++: four<5>", "g++: four<6>"), ("g++: four<5>\n", "")):
            found = gallery.faults_of_page(PAGE.replace(was, now, 1), {PATH: CASE})
            self.assertEqual(1, len(found))
            self.assertIn("the second block is not what the case expects", found[0])

    def test_lines_that_are_not_those_of_the_case_are_faults(self):
        swapped = PAGE.replace("using a = four<5>;", "using a = four<X>;").replace("four<4>;", "four<5>;").replace("four<X>;", "four<4>;")
        self.assertEqual(["the first block is no excerpt of the wrong lines", "the third block is no excerpt of the twin"],
                         [text.rsplit(": ", 1)[1] for text in gallery.faults_of_page(swapped, {PATH: CASE})])

    def test_an_entry_without_its_twin_is_a_fault(self):
        whole = PAGE.rindex("<!-- from")
        self.assertIn("is not followed by", gallery.faults_of_page(PAGE[:whole], {PATH: CASE})[0])

    def test_a_case_without_an_entry_or_with_two_is_a_fault(self):
        self.assertEqual([f"{PATH} has no entry on the page"], gallery.faults_of_page("# Errors\n", {PATH: CASE}))
        self.assertEqual([f"{PATH} has several entries on the page"], gallery.faults_of_page(PAGE + PAGE, {PATH: CASE}))

    def test_a_case_without_a_twin_is_a_fault(self):
        without = CASE.replace("#ifdef ESPALIER_TWIN", "#if 0")
        self.assertIn("has no twin", gallery.faults_of_page(PAGE, {PATH: without})[0])

    def test_an_error_of_a_header_that_no_case_gives_is_a_fault(self):
        header = f'static_assert(N == 4,\n  "espalier: four: requires 4; got 5. "\n  "Write 4. See docs/a.md.");\nstatic_assert(N > 0);\n'
        self.assertEqual([], gallery.faults_of_headers({"a.hpp": header}, {PATH: CASE}))
        self.assertEqual([f"a.hpp: no case gives: {ERROR}"], gallery.faults_of_headers({"a.hpp": header}, {}))


if __name__ == "__main__":
    unittest.main()
