#!/usr/bin/env python3
"""Writes the types of the two extension modules, python/crosstalk/_engine.pyi and _cli.pyi, from the signatures that
pybind11 puts into their docstrings. `make stubs` installs first. A test compares what is installed with the files.

    .venv/bin/python scripts/stubs.py [FOLDER]     FOLDER takes the files in place of python/crosstalk"""

import ast
import builtins
import re
import sys
from pathlib import Path
from types import ModuleType

import pybind11

from crosstalk import _cli, _torch

WIDTH = 120  # as pyproject.toml has it for ruff
FOLDER = Path(__file__).resolve().parent.parent / "python" / "crosstalk"
HEAD = "# Written by `make stubs` from the modules' own signatures, as pybind11 {} has them.\n"
# As pybind11 writes a type, and what says the same in fewer words or to another version of Python.
WORDS = {
    r"\bcrosstalk\._(engine|cli)\.": "",
    r"\btyping\.SupportsInt \| typing\.SupportsIndex\b": "typing.SupportsIndex",  # a float is refused
    r"\btyping\.SupportsFloat \| typing\.SupportsIndex\b": "typing.SupportsFloat",
    r"\bcollections\.abc\.Buffer\b": "typing_extensions.Buffer",  # so from Python 3.12 on
}


def signatures(name: str, doc: str) -> list[ast.FunctionDef]:
    """One of a function; several of an overloaded one, which pybind11 numbers."""
    lines = doc.splitlines()
    texts = re.findall(r"^\d+\. (.+)$", doc, re.M) if "Overloaded function." in lines else lines[:1]
    return [parsed(name, text) for text in texts]


def parsed(name: str, text: str) -> ast.FunctionDef:
    for word, better in WORDS.items():
        text = re.sub(word, better, text)
    try:
        (function,) = ast.parse(f"def {text}: ...").body
    except SyntaxError:
        sys.exit(f"scripts/stubs.py: {name} has a signature that is not Python: {text}\n"
                 "Bind its classes before the functions that name them, and give defaults that Python can write.")  # fmt: skip
    assert isinstance(function, ast.FunctionDef)
    return function


def parameters(function: ast.FunctionDef, is_method: bool) -> list[str]:
    """As they are written between the parentheses. One that C++ gave no name is found by its place alone."""
    given = function.args
    defaults = [None] * (len(given.args) - len(given.defaults)) + given.defaults
    words = [parameter(*each) for each in zip(given.args, defaults)]
    if is_method:
        words[0] = "self"
    unnamed = [i for i, each in enumerate(given.args) if re.fullmatch(r"arg\d+", each.arg) and words[i] != "self"]
    if unnamed:
        words.insert(unnamed[-1] + 1, "/")
    if given.vararg:
        words.append("*" + parameter(given.vararg, None))
    elif given.kwonlyargs:
        words.append("*")
    words += [parameter(*each) for each in zip(given.kwonlyargs, given.kw_defaults)]
    return words + (["**" + parameter(given.kwarg, None)] if given.kwarg else [])


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    if argument.annotation is None:
        return argument.arg
    kind = ast.unparse(argument.annotation)
    if default is None:
        return f"{argument.arg}: {kind}"
    value = ast.unparse(default)
    if value == "None" and "None" not in kind:  # a pointer takes None, and its signature does not say so
        kind += " | None"
    return f"{argument.arg}: {kind} = {value}".replace("'", '"')


def written(function: ast.FunctionDef, doc: str, indent: str, marks: list[str], is_method: bool) -> list[str]:
    """The lines of one function, as `make format` leaves them."""
    words = parameters(function, is_method)
    body = [f'{indent}    """{doc}"""'] if doc else []
    head = f"{indent}def {function.name}("
    end = f") -> {ast.unparse(function.returns) if function.returns else 'None'}:" + ("" if body else " ...")
    if len(head + ", ".join(words) + end) <= WIDTH:
        lines = [head + ", ".join(words) + end]
    elif len(f"{indent}    " + ", ".join(words)) <= WIDTH and "*" not in words:
        lines = [head, f"{indent}    " + ", ".join(words), indent + end]
    else:
        lines = [head, *(f"{indent}    {word}," for word in words), indent + end]
    return [f"{indent}{mark}" for mark in marks] + lines + body


def of_function(name: str, member: object, indent: str, marks: list[str], hidden: set[str] | None = None) -> list[str]:
    """`hidden`: of a method, the built-in types that stand for members within its class."""
    doc = member.__doc__ or ""
    if isinstance(member, property):
        found, said = signatures(name, name + (member.fget.__doc__ or "")), doc
    else:
        found, said = signatures(name, doc), " ".join(doc.splitlines()[1:]).strip()
    if len(found) > 1:
        marks, said = [*marks, "@typing.overload"], ""
    lines = []
    for function in found:
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in (hidden or ()):
                node.id = f"builtins.{node.id}"
        lines += written(function, said, indent, marks, hidden is not None)
    return lines


def of_class(name: str, kind: type) -> list[str]:
    bases = [base.__name__ for base in kind.__bases__ if base.__name__ not in ("object", "pybind11_object")]
    members = vars(kind)
    hidden = {each for each in members if isinstance(getattr(builtins, each, None), type)}
    lines = [f'    """{members["__doc__"]}"""'] if members.get("__doc__") else []
    for each, member in members.items():
        if isinstance(member, property):
            lines += of_function(each, member, "    ", ["@property"], hidden)
        elif isinstance(member, str) and not each.startswith("__"):
            lines.append(f"    {each}: str")
        elif (getattr(member, "__doc__", None) or "").startswith(each + "("):
            lines += of_function(each, member, "    ", [], hidden)
    head = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    return ["", head, *lines, ""] if lines else ["", head + " ...", ""]


def of_module(module: ModuleType, indent: str = "", marks: tuple[str, ...] = ()) -> list[str]:
    values: list[str] = []
    lines: list[str] = []
    for name, member in vars(module).items():
        if name.startswith("__"):
            continue
        if isinstance(member, ModuleType):  # it has no file of its own: a class of functions says the same
            lines += ["", f"{indent}class {name}:", *of_module(member, indent + "    ", ("@staticmethod",)), ""]
        elif isinstance(member, type):
            lines += of_class(name, member)
        elif callable(member):
            lines += of_function(name, member, indent, list(marks))
        else:
            values.append(f"{indent}{name}: {type(member).__name__}")
    return [*values, "", *lines] if values else lines


def imports(text: str) -> list[str]:
    """A line for each module that an annotation names."""
    dotted = {ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    whole = [name for name in dotted if not any(other.startswith(name + ".") for other in dotted)]
    return sorted({f"import {name.rpartition('.')[0]}" for name in whole})


def stub(module: ModuleType) -> str:
    text = re.sub(r"\n{2,}", "\n\n", "\n".join(of_module(module))).strip() + "\n"
    head = HEAD.format(".".join(pybind11.__version__.split(".")[:2]))
    return head + "\n".join(imports(text)) + "\n\n" + text


def main(folder: Path) -> None:
    for module in (_cli, _torch.engine()):
        (folder / f"{module.__name__.rpartition('.')[2]}.pyi").write_text(stub(module), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
