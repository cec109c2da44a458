"""docs/python.md is a session that runs from top to bottom, and its outputs are those shown."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import riskengine

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "python.md"


class Snippet(NamedTuple):
    """A block of code, and what is shown below it."""

    code: str
    shown: str  #: empty where nothing is


def snippets(text: str) -> list[Snippet]:
    found = re.findall(r"```python\n(.*?)```(?:\n+```text\n(.*?)```)?", text, re.DOTALL)
    return [Snippet(code, shown) for code, shown in found]


def output(code: str, names: dict[str, Any]) -> str:
    """What a notebook shows of a block: what is printed, and its last expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "python.md", "exec"), names)  # noqa: S102
        value = (
            eval(compile(ast.Expression(last.value), "python.md", "eval"), names)  # noqa: S307
            if last is not None
            else None
        )
    return printed.getvalue() + ("" if value is None else f"{value!r}\n")


def session(folder: Path) -> list[tuple[Snippet, str]]:
    """Every block of the page with its output, run in order in a folder with the configs."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    names: dict[str, Any] = {}
    with contextlib.chdir(folder), mpl.rc_context(), plt.ioff():
        mpl.use("agg")
        done = [(each, output(each.code, names)) for each in snippets(PAGE.read_text("utf-8"))]
        plt.close("all")
    return done


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Snippet, str]]:
    return session(tmp_path_factory.mktemp("session"))


@pytest.mark.whole
def test_the_page_shows_what_its_code_gives(done: list[tuple[Snippet, str]]) -> None:
    assert len(done) > 10
    for snippet, given in done:
        assert given == snippet.shown, snippet.code


def test_the_page_names_every_public_function_and_error() -> None:
    text = PAGE.read_text("utf-8")
    for name in riskengine.__all__:
        if name not in ("Replay", "Result") and not name.endswith(("Result", "Count")):
            assert name in text, name
