# SPDX-License-Identifier: BSL-1.0
"""Reads what is declared by neither a keyword nor a template's head: functions, operators, constructors and variables."""
import re

from cpp_tokens import CLOSING
from declaration import FILLERS, NOT_A_FUNCTION, Declaration, parameter_name, split_at_commas


def function_or_variables(scope, first, plain, last):
    """The declarations that begin at `first` (behind attributes and specifiers: `plain`), and the index behind them."""
    tokens, header = scope.tokens, scope.header
    i, called, end_of_name = plain, None, None
    while i < last:
        text = tokens[i].text
        if text == "operator":
            called = after_operator(scope, i)
            return function(scope, first, i, called)
        if text in ("=", ";", "{"):
            return variables(scope, first, plain, i)
        if text == "[":
            i = header.after(i)
        elif text == "<" and header.opens_angles(i):
            i = header.after_angles(i)
            end_of_name = i if tokens[i - 1].text == ">" else None
        elif text == "(":
            before = tokens[i - 1]
            if tokens[i + 1].text == "*" and tokens[i + 2].kind == "name" and tokens[i + 3].text == ")" and tokens[i + 4].text == "(":
                return variables(scope, first, plain, i, name_at=i + 2)
            if before.kind == "name" and before.text not in NOT_A_FUNCTION and not before.text.startswith("ESPALIER_"):
                return function(scope, first, i - 1, i)
            if end_of_name == i:
                name_at = i - 1
                while tokens[name_at].text != "<":
                    name_at -= 1
                return function(scope, first, name_at - 1, i)
            i = header.after(i)
        else:
            i += 1
    return [], last


def after_operator(scope, i):
    """The index of the '(' of the parameters of the operator at `i`."""
    i += 1
    if scope.tokens[i].text in ("(", "["):
        return scope.header.after(i)
    while scope.tokens[i].text != "(":
        i += 1
    return i


def function(scope, first, name_at, parameters_at):
    """The function whose name begins at `name_at`; nothing where it is defined or befriended apart from its declaration."""
    tokens, header = scope.tokens, scope.header
    name = header.slice(name_at, parameters_at) if tokens[name_at].text == "operator" else tokens[name_at].text
    if tokens[name_at - 1].text == "~":
        name, name_at = "~" + name, name_at - 1
    elsewhere = tokens[name_at - 1].text == "::" and tokens[name_at - 2].kind == "name"
    end_of_parameters = header.after(parameters_at)
    signature_end, end, defined, word = after_function(scope, end_of_parameters)
    made = Declaration("function", name, tokens[first].line, header.slice(first, signature_end), scope.names)
    ranges = list(split_at_commas(header, parameters_at + 1, end_of_parameters - 1))
    made.parameters = [n for n in (parameter_name(header, *r) for r in ranges) if n]
    made.parameter_types = tuple(type_of(header, *r) for r in ranges)
    specifiers = {t.text for t in tokens[first:name_at]}
    if elsewhere or ("friend" in specifiers and not defined):
        return [], end
    guide = not scope.is_class and name_at == first and tokens[end_of_parameters].text == "->"
    own_name = scope.names[-1] if scope.names else ""
    copies = re.match(rf"{re.escape(own_name)}(<[^>]*>)?( const)?&", header.slice(parameters_at + 1, end_of_parameters - 1))
    made.special = guide or (scope.is_class and (name.startswith("~") or (name in (own_name, "operator=") and bool(word or copies))))
    return [made], end


def type_of(header, first, last):
    """The type of a parameter as it is written, without its name and its default."""
    name = parameter_name(header, first, last)
    words = []
    for token in header.tokens[first:last]:
        if token.text == "=":
            break
        words.append(token.text)
    if name in words:
        del words[len(words) - 1 - words[::-1].index(name)]
    return " ".join(words)


def after_function(scope, i):
    """Behind the parameters: where the signature ends, where the declaration ends, whether it is defined, `default` or `delete`."""
    tokens, header = scope.tokens, scope.header
    while True:
        text = tokens[i].text
        if text == ";":
            return i, i + 1, False, None
        if text == "{":
            end = header.after(i)
            return i, end, True, None
        if text == "=":
            end = i
            while tokens[end].text != ";":
                end += 1
            word = tokens[i + 1].text
            return (end if word in ("delete", "0") else i), end + 1, word == "default", word
        if text == ":":
            return i, after_initialisers(scope, i + 1), True, None
        if text == "requires":
            i = header.after_constraint(i + 1)
        elif text == "<" and header.opens_angles(i):
            i = header.after_angles(i)
        else:
            i = header.after(i) if text in CLOSING else i + 1


def after_initialisers(scope, i):
    """The index behind a constructor's body, from the first of its initialisers: name(…) or name{…}, separated by commas."""
    tokens, header = scope.tokens, scope.header
    while True:
        while tokens[i].text not in ("(", "{"):
            i = header.after_angles(i) if header.opens_angles(i) else i + 1
        i = header.after(i)
        if tokens[i].text == "...":
            i += 1
        if tokens[i].text != ",":
            return header.after(i)
        i += 1


def variables(scope, first, plain, stop, name_at=None):
    """The variables of one statement, which share a type."""
    tokens, header = scope.tokens, scope.header
    end = header.end_of_statement(stop)
    ranges = list(split_at_commas(header, plain, end))
    if name_at is None and tokens[plain].kind != "name" and tokens[plain].text != "::":
        return [], end + 1
    made, type_text = [], None
    for begin, finish in ranges:
        at = name_at if name_at is not None else declarator(scope, begin, finish)
        if at is None:
            continue
        value_at = at + 1
        while value_at < finish and tokens[value_at].text == "[":
            value_at = header.after(value_at)
        if type_text is None:
            words = [t.text for t in tokens[first:at] if t.text in FILLERS]
            if "friend" in words:
                return [], end + 1
            type_text = " ".join([*(w for w in words if w in ("static", "mutable", "constexpr")), header.slice(plain, at)])
        value = header.slice(value_at, finish)
        if name_at is not None:
            type_text, value = header.slice(plain, finish), ""
        suffix = "" if name_at is not None else header.slice(at + 1, value_at)
        signature = header.slice(first if begin == plain else begin, finish) + ";"
        made.append(Declaration("variable", tokens[at].text, tokens[begin].line, signature, scope.names,
                                type=type_text + suffix, value=value.removeprefix("=").strip()))
        made[-1].doc = list(tokens[begin].doc)
    return made, end + 1


def declarator(scope, first, last):
    """The index of the name that a declarator declares: the last one before its extents and its value."""
    tokens, header = scope.tokens, scope.header
    i, name = first, None
    while i < last and tokens[i].text not in ("=", "{", ":"):
        if tokens[i].text in ("[", "("):
            i = header.after(i)
        elif header.opens_angles(i):
            i = header.after_angles(i)
        else:
            name = i if tokens[i].kind == "name" else name
            i += 1
    return name
