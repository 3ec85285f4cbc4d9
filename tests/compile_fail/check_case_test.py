#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that check_case.py rejects each kind of bad case: `check_case_test.py COMPILER`."""
import pathlib
import sys
import tempfile
import unittest

import check_case

COMPILER = "g++"
ERROR = "espalier: four: requires 4; got 5. Write four<4>. See docs/four.md."
HEAD = f"// expect: {ERROR}\n// expect: four<5>"
FOUR = f'template <int N>\nstruct four {{\n    static_assert(N == 4, "{ERROR}");\n}};\n'
TWIN, WRONG = "four<4> f;", "four<5> f;"


class CheckCase(unittest.TestCase):
    def faults(self, head, twin=TWIN, wrong=WRONG):
        """What check_case.py says about a file with this comment, twin and wrong lines."""
        return self.faults_of(f"{head}\n{FOUR}#ifdef ESPALIER_TWIN\n{twin}\n#else\n{wrong}\n#endif\n")

    def faults_of(self, source):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "case.cpp"
            path.write_text(source, encoding="utf-8")
            return check_case.faults(path, [COMPILER, "-std=c++20"])

    def test_a_good_case_passes(self):
        self.assertEqual([], self.faults(HEAD))

    def test_a_case_that_compiles_is_a_fault(self):
        self.assertEqual(["the case compiles"], self.faults(HEAD, wrong="four<4> g;"))

    def test_a_twin_that_does_not_compile_is_a_fault(self):
        self.assertIn("twin does not compile", self.faults(HEAD, twin="int;;x")[0])

    def test_a_second_error_is_a_fault(self):
        self.assertEqual("2 errors, not exactly one", self.faults(HEAD, wrong=f"{WRONG}\nint x = nothing;")[0])

    def test_another_error_is_a_fault(self):
        self.assertIn("the first error is not: ", self.faults(HEAD.replace("got 5", "got 6"))[0])

    def test_other_values_are_a_fault(self):
        self.assertEqual("the output does not hold: four<6>", self.faults(HEAD.replace("four<5>", "four<6>"))[0])

    def test_how_closing_brackets_are_spelt_does_not_matter(self):
        nested = f"{FOUR}template <class T>\nstruct box {{ T held; }};\n"
        source = f"{HEAD}\n// expect: box<box<four<5>>>\n{nested}#ifdef ESPALIER_TWIN\nbox<box<four<4>>> f;\n#else\nbox<box<four<5>>> f;\n#endif\n"
        self.assertEqual([], self.faults_of(source))

    def test_a_text_for_another_compiler_is_not_expected(self):
        other = "g++" if "clang" in pathlib.PurePath(COMPILER).name else "clang++"
        self.assertEqual([], self.faults(f"{HEAD}\n// expect {other}: five"))

    def test_a_case_that_promises_less_than_the_whole_error_or_no_values_is_a_fault(self):
        self.assertIn("no line", self.faults("")[0])
        self.assertIn("not the whole error", self.faults(HEAD.replace(" See docs/four.md.", ""))[0])
        self.assertIn("no text names the template", self.faults(HEAD.splitlines()[0])[0])

    def test_a_case_without_a_twin_of_its_own_is_a_fault(self):
        self.assertIn("no twin", self.faults_of(f"{HEAD}\n{FOUR}{WRONG}\n")[0])
        self.assertIn("empty or alike", self.faults(HEAD, twin="")[0])
        self.assertIn("empty or alike", self.faults(HEAD, twin=WRONG)[0])


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
