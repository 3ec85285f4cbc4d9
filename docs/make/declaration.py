# SPDX-License-Identifier: BSL-1.0
"""What is known of a declaration, and how its parts are cut: lists at their commas, the names of parameters.

How declarations are found in a header is scopes.py's business.
"""
import dataclasses
import re

from cpp_tokens import CLOSING

NOT_A_FUNCTION = {"noexcept", "decltype", "alignas", "__attribute__", "explicit", "requires", "sizeof", "static_assert"}
FILLERS = {"inline", "static", "constexpr", "consteval", "constinit", "explicit", "friend", "virtual", "extern", "mutable"}
WORDS_OF_TYPES = {"const", "volatile", "unsigned", "signed", "int", "long", "short", "char", "bool", "float", "double", "void", "auto"}
MACRO = re.compile(r"ESPALIER_(?!HAS_|VERSION_)\w+\(\)\s*")  # attributes, which a reader of the signature can do without


@dataclasses.dataclass
class Declaration:
    kind: str                  # class, enum, enumerator, function, variable, alias, concept, macro
    name: str
    line: int
    signature: str
    scope: tuple = ()          # the namespaces and classes that it stands in
    doc: list = dataclasses.field(default_factory=list)      # lines
    parameters: list = dataclasses.field(default_factory=list)  # names, of the function or the macro
    parameter_types: tuple = ()  # as written
    template: list = dataclasses.field(default_factory=list)    # names of the template's parameters
    members: list = dataclasses.field(default_factory=list)
    type: str = ""             # of a variable
    value: str = ""            # a variable's or an enumerator's initial value
    shares: bool = False       # has the docstring of the declaration before it
    forward: bool = False      # declares a class that is defined elsewhere
    on_device: bool = False    # ESPALIER_HOST_DEVICE()
    members_from: object = None  # the header below detail/ that its members are declared in
    special: bool = False      # destroys, copies, moves or assigns, is defaulted or deleted, or guides the compiler

    @property
    def qualified(self):
        return "::".join((*self.scope, self.name))


def is_detail(name):
    return name == "detail" or name.endswith("_detail")


def split_at_commas(header, first, last):
    """Ranges of tokens between the commas of first … last − 1 that stand in no brackets."""
    begin = i = first
    while i < last:
        text = header.tokens[i].text
        if text in CLOSING:
            i = header.after(i)
        elif text == "<" and (header.opens_angles(i) or header.tokens[i - 1].text == "template"):
            i = header.after_angles(i)
        else:
            if text == ",":
                yield begin, i
                begin = i + 1
            i += 1
    if begin < last:
        yield begin, last


def parameter_name(header, first, last):
    """The name of one parameter, of a function or a template; None where it has none."""
    tokens = header.tokens
    for i in range(first, last):
        if tokens[i].text == "=":
            last = i
            break
    for i in range(first, last - 2):  # (&name)[2] or (*name)(…)
        if tokens[i].text == "(" and tokens[i + 1].text in ("&", "*", "&&") and tokens[i + 2].kind == "name":
            return tokens[i + 2].text
    while last > first and tokens[last - 1].text == "]":
        while tokens[last - 1].text != "[":
            last -= 1
        last -= 1
    if last - first < 2 or tokens[last - 1].kind != "name" or tokens[last - 1].text in WORDS_OF_TYPES:
        return None
    alone = last - first == 2 and tokens[first].text in WORDS_OF_TYPES and tokens[first].text in ("const", "volatile")
    return None if alone or tokens[last - 2].text == "::" else tokens[last - 1].text


def original_layout(text, first, last):
    """The text between two places as it is laid out, its indentation taken off."""
    indent = first - (text.rfind("\n", 0, first) + 1)
    lines = text[first:last].split("\n")
    return "\n".join([lines[0]] + [line[indent:] if not line[:indent].strip() else line for line in lines[1:]])


def readable(signature):
    """A signature without its attributes and what only the compiler needs."""
    signature = re.sub(r"\[\[\w+\]\]\s*", "", MACRO.sub("", signature))
    return re.sub(r" +\)", ")", re.sub(r"^inline ", "", signature, flags=re.MULTILINE)).strip()
