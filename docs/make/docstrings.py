# SPDX-License-Identifier: BSL-1.0
"""Parts a docstring into its prose and its sections, and says what is wrong with them.

The sections are those of the house style; how they look is reference.py's business.
"""
import dataclasses
import re

PARAGRAPHS = ("Shapes", "Ranks", "Units", "Cost", "Numerics", "Stream", "Source")
COMMAND = re.compile(r"^\s*@(\w+)\s*(.*)$")
SENTENCE = re.compile(r"^(.*?[.:])(?=\s+[A-Z`(\"]|\s*$)", re.DOTALL)


@dataclasses.dataclass
class Section:
    label: str           # Shapes …, Parameter, Template, Returns, Throws
    name: str            # of the parameter or the exception
    text: str


@dataclasses.dataclass
class Docstring:
    text: str = ""                                              # Markdown
    sections: list = dataclasses.field(default_factory=list)
    title: str = ""                                             # of a group
    faults: list = dataclasses.field(default_factory=list)

    @property
    def sentence(self):
        """The first sentence."""
        paragraph = " ".join(self.text.split("\n\n")[0].split("\n```")[0].split())
        match = SENTENCE.match(paragraph)
        return match[1].removesuffix(":") + ("." if match[1].endswith(":") else "") if match else paragraph


def section(command, rest):
    """The section that a command opens, or a text that says why it opens none."""
    if command == "par":
        title, _, text = rest.partition(" ")
        if title not in PARAGRAPHS:
            return f"@par {title} is none of {', '.join(PARAGRAPHS)}"
        return Section(title, "", text.strip())
    if command in ("param", "tparam"):
        names, _, text = rest.partition(" ")
        while names.endswith(",") or text.startswith(","):
            more, _, text = text.strip().partition(" ")
            names += more
        return Section("Parameter" if command == "param" else "Template", names, text.strip())
    if command in ("return", "returns"):
        return Section("Returns", "", rest)
    if command in ("throws", "throw"):
        return Section("Throws", "", rest)
    return f"@{command} is no command of these docstrings"


def parsed(lines):
    """The docstring of these lines, their slashes taken off."""
    made, prose, fenced = Docstring(), [], False
    current = None
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        match = None if fenced else COMMAND.match(line)
        if match and match[1] == "name":
            made.title, current = match[2], None
        elif match and match[1] == "file":
            current = None
        elif match:
            opened = section(match[1], match[2].rstrip())
            current = opened if isinstance(opened, Section) else None
            if current:
                made.sections.append(current)
            else:
                made.faults.append(opened)
        elif current and line.strip():
            current.text = f"{current.text} {line.strip()}"
        else:
            current = None
            prose.append(line)
    made.faults += [f"{s.label} {s.name}".strip() + " says nothing" for s in made.sections if not s.text.strip()]
    made.text = "\n".join(with_pictures(prose)).strip("\n")
    return made


def with_pictures(lines):
    """The lines with fences around what is indented by itself, so that pictures in characters stay as they are."""
    out, inside, in_list, fenced = [], False, False, False
    for line in lines:
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        indented = line.startswith("  ") and not fenced and not fence and not in_list
        if indented and not inside:
            out.append("```text")
        elif inside and not indented:
            out.append("```")
        inside = indented
        in_list = bool(re.match(r"\s*([-*]|\d+\.) ", line)) or (in_list and bool(line.strip()))
        out.append(line)
    return out + ["```"] * inside


def mismatches(docstring, parameters, template):
    """A text for each section that names a parameter which is not there."""
    known = {"Parameter": set(parameters) | set(template), "Template": set(template)}
    for s in docstring.sections:
        if s.label in known:
            for name in s.name.split(","):
                if name.strip() not in known[s.label]:
                    yield f"@{'param' if s.label == 'Parameter' else 'tparam'} {name.strip()} names no parameter"
