"""Modules of at most 400 lines that say what they are for, functions of at most 50, flow at most four deep."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.rooms import ROOT

MODULE_LINES = 400
FUNCTION_LINES = 50
DEEP = 4

FILES = sorted(path for folder in ("src", "tests", "scripts", "bench") for path in (ROOT / folder).rglob("*.py"))
CODE = [path for path in FILES if "tests" not in path.relative_to(ROOT).parts[:1]]

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FLOW = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield node


def closes(node: ast.AST) -> bool:
    """Whether a node is `async with aclosing(...)`, which the rule that streams are closed asks for wherever one is read."""
    calls = [item.context_expr for item in node.items] if isinstance(node, ast.AsyncWith) else []
    return bool(calls) and all(isinstance(call, ast.Call) and ast.unparse(call.func) == "aclosing" for call in calls)


def depth(node: ast.AST, *, is_elif: bool = False) -> int:
    """How deep if, for, while, with, try and match are nested below a node.

    `elif` is no deeper than its `if`, and `aclosing` around the reading of a stream does not count.
    """
    own = int(isinstance(node, _FLOW) and not is_elif and not closes(node))
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, depth(child, is_elif=chained))
    return own + deepest


def test_depth_counts() -> None:
    assert depth(ast.parse("for a in b:\n if a:\n  pass\n elif b:\n  while c:\n   pass")) == 3
    reading = "async def f():\n async with aclosing(a) as b:\n  async for c in b:\n   pass"
    assert max(depth(node) for node in ast.parse(reading).body[0].body) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", CODE, ids=short)
def test_modules_are_small(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= MODULE_LINES, f"{short(path)} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_modules_say_what_they_are_for(path: Path) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert doc, f"{short(path)} has no docstring"
    first = doc.split("\n\n")[0].strip()
    assert first[-1] in ".:", f"the first sentence of {short(path)} does not end"


@pytest.mark.parametrize("path", CODE, ids=short)
def test_functions_are_small(path: Path) -> None:
    for function in functions(path):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        lines = (function.end_lineno or first) - first + 1
        assert lines <= FUNCTION_LINES, f"{short(path)}: {function.name} has {lines} lines"


@pytest.mark.parametrize("path", CODE, ids=short)
def test_flow_is_shallow(path: Path) -> None:
    for function in functions(path):
        deep = max((depth(node) for node in function.body), default=0)
        assert deep <= DEEP, f"{short(path)}: {function.name} is {deep} deep"
