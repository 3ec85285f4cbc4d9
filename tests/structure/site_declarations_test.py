#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows that the reference's reader finds declarations as they are written: names, signatures, parameters, docstrings."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs" / "make"))
import scopes  # noqa: E402


def found(text):
    return scopes.read_header(text)[1]


def only(text):
    (one,) = found(text)
    return one


class Declarations(unittest.TestCase):
    def test_the_docstring_of_the_file_is_not_that_of_what_follows(self):
        doc, declarations = scopes.read_header("// licence\n/// @file\n/// Two\n/// lines.\n#pragma once\n/// One.\nint f();\n")
        self.assertEqual((["Two", "lines."], ["One."]), (doc, declarations[0].doc))

    def test_a_template_with_requires_clauses_before_and_behind(self):
        f = only("namespace a {\n/// Does.\ntemplate <class T, int N = (2 > 1), template <class> class L>\n"
                 "    requires (N > 0) && Good<T, L<T>> && requires(T t) { t.x(); }\n"
                 "[[nodiscard]] inline auto f(T const& t, L<T> list = {}) noexcept(true) -> decltype(t.x())\n"
                 "    requires std::same_as<T, int>\n{ return t.x(); }\n}")
        self.assertEqual(("a::f", ["t", "list"], ["T", "N", "L"]), (f.qualified, f.parameters, f.template))
        self.assertEqual("template <class T, int N = (2 > 1), template <class> class L>\n"
                         "    requires (N > 0) && Good<T, L<T>> && requires(T t) { t.x(); }\n"
                         "auto f(T const& t, L<T> list = {}) noexcept(true) -> decltype(t.x()) requires std::same_as<T, int>", f.signature)

    def test_a_value_in_braces_within_template_brackets(self):
        d = only("/// A.\ntemplate <threshold Delta = threshold{1.0f}>\nstruct huber { static_assert(Delta.value > 0, \"x > 0; {\"); };")
        self.assertEqual(("huber", ["Delta"], []), (d.name, d.template, d.members))

    def test_operators_and_conversions(self):
        names = [m.name for m in only("struct s {\n bool operator()(int a, int b) const;\n int& operator[](int i) &;\n"
                                      " explicit operator bool() const { return true; }\n s operator<<(int n);\n auto operator<=>(s const&) const = default;\n};").members]
        self.assertEqual(["operator()", "operator[]", "operator bool", "operator<<", "operator<=>"], names)

    def test_friends_are_found_where_they_are_defined_only(self):
        members = only("class c {\npublic:\n friend bool operator==(c const&, c const&) = default;\n friend class d;\n friend c;\n"
                       " friend int f(c const&);\n template <class T> friend struct g;\n};").members
        self.assertEqual(["operator=="], [m.name for m in members])

    def test_aliases_and_concepts_keep_what_they_stand_for(self):
        alias, concept = found("template <class T>\nusing to = std::pair<T, int>;\nusing std::swap;\n"
                               "template <class C>\nconcept Ok = requires(C c) {\n    { c.x() } -> std::same_as<int>;\n} && true;\n")
        self.assertEqual("template <class T>\nusing to = std::pair<T, int>;", alias.signature)
        self.assertEqual("template <class C>\nconcept Ok = requires(C c) {\n    { c.x() } -> std::same_as<int>;\n} && true;", concept.signature)

    def test_variables_with_types_values_and_extents(self):
        d = found("inline constexpr std::map<int, int> m{{1, 2}};\nint item[N > 0 ? N : 1] = {};\ntemplate <class T>\n"
                  "inline constexpr bool is = std::is_same_v<T, int> || has<T, 1>;\ndouble a = 1, b;\nint (*call)(int day);\nauto const f = [](int x) { return x; };\n")
        self.assertEqual(["m", "item", "is", "a", "b", "call", "f"], [v.name for v in d])
        self.assertEqual(("std::map<int, int>", "{{1, 2}}"), (d[0].type.removeprefix("constexpr "), d[0].value))
        self.assertEqual(("int[N > 0 ? N : 1]", "{}"), (d[1].type, d[1].value))
        self.assertEqual({"variable"}, {v.kind for v in d})

    def test_enums_and_what_is_declared_with_them(self):
        d = only("struct s {\n enum class kind : char {\n  one,      ///< the first\n  two = 2,  ///< the second\n  /// The last.\n  three\n } which = kind::one;\n};")
        kind, which = d.members
        self.assertEqual([("one", "", ["the first"]), ("two", "2", ["the second"]), ("three", "", ["The last."])],
                         [(e.name, e.value, e.doc) for e in kind.members])
        self.assertEqual(("which", "kind", "kind::one"), (which.name, which.type, which.value))

    def test_docstrings_behind_members_may_have_several_lines(self):
        a, b, c = only("struct s {\n int a = 0;  ///< begins\n             ///< and ends\n int b = 0;\n int c = 0; ///< x; y\n};").members
        self.assertEqual((["begins and ends"], [], ["x; y"]), (a.doc, b.doc, c.doc))

    def test_private_members_and_detail_namespaces_stay_out(self):
        d = found("namespace detail { struct a {}; }\nnamespace x::mpi_detail { struct b {}; }\nclass c {\n int hidden;\npublic:\n int f();\n"
                  "private:\n int g();\nprotected:\n int h();\n};\nstruct e : private c { int i; };")
        self.assertEqual([("c", ["f"]), ("e", ["i"])], [(x.name, [m.name for m in x.members]) for x in d])

    def test_constructors_with_initialisers_and_what_is_special(self):
        members = only("class c : public base<int> {\npublic:\n explicit c(int a, std::function<void(int)> f = {}) : base<int>{a}, f_(f), g_{[] { return 1; }} { g(); }\n"
                       " c(c const&) = delete;\n c& operator=(c&&) noexcept = default;\n ~c() {}\n using base::base;\n void after();\n};").members
        self.assertEqual([("c", False), ("c", True), ("operator=", True), ("~c", True), ("after", False)], [(m.name, m.special) for m in members])
        self.assertEqual(["a", "f"], members[0].parameters)

    def test_parameters_without_names_references_to_arrays_and_packs(self):
        f = only("void f(int, T* const (&signal)[2], Parts const&... parts, std::span<int const>, void (*call)(int), unsigned n = g(1, 2), int a[3]);")
        self.assertEqual(["signal", "parts", "call", "n", "a"], f.parameters)

    def test_definitions_apart_from_their_declarations_are_none_but_classes_are(self):
        d = found("template <class T>\nvoid threads::wait(T t) { t(); }\n/// Looks.\nclass threads::lookout { };\ninline int a::b() { return 1; }")
        self.assertEqual([("threads::lookout", "class")], [(x.qualified, x.kind) for x in d])

    def test_a_definition_of_what_was_declared_before_is_not_found_again_but_an_overload_is(self):
        d = found("/// Does.\nint f(int const& a, int b = 1);\n\ninline int f(int const& x, int b) { return b; }\n\nint f(double a, int b);")
        self.assertEqual([(2, ["Does."]), (6, [])], [(x.line, x.doc) for x in d])

    def test_a_docstring_stands_for_the_functions_right_below_it_and_for_its_group(self):
        d = found("/// Both.\nint f();\nint g();\n\nint h();\n/// @name Three\n/// @{\nint i();\n\nint j();\n/// @}\nint k();")
        self.assertEqual([False, True, False, False, True, False], [x.shares for x in d])
        self.assertEqual([True, False, False, True, False, False], [bool(x.doc) for x in d])

    def test_text_in_strings_comments_and_other_branches_declares_nothing(self):
        d = found('#if A\nint a() {\n#else\nint b() {\n#endif\n return 1; }\nauto s = R"x(struct no { ;)x";\n// int c();\n/* int d(); */\nchar e = \'"\';\n')
        self.assertEqual(["a", "s", "e"], [x.name for x in d])

    def test_attributes_of_this_library_are_left_out_of_signatures(self):
        f = only("template <class T>\n[[nodiscard]] ESPALIER_HOST_DEVICE() constexpr T f(T const* ESPALIER_RESTRICT() x) noexcept { return *x; }")
        self.assertEqual(("template <class T>\nconstexpr T f(T const* x) noexcept", True), (f.signature, f.on_device))

    def test_macros_with_docstrings_are_found(self):
        m, = found("/// Says.\n#define SAY(what, how) what how\n#define OTHER 1\n")
        self.assertEqual(("macro", "SAY", ["what", "how"]), (m.kind, m.name, m.parameters))


if __name__ == "__main__":
    unittest.main()
