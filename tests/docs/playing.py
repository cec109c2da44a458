"""The commands and the code of a page, run in order in a folder of its own."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import os
import shlex
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
from docs.pages import ROOT, Step, pages, steps
from docs.unplayed import KEPT, SMALLER, TRIALS, reason

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from tests.terminal import same_width


class Played(NamedTuple):
    """A step of a page, and the lines that it printed."""

    step: Step
    given: list[str]
    failed: bool


def played(page: str, folder: Path) -> list[Played]:
    """Every step of a page with what it prints; steps that are not run are left out.

    Parameters
    ----------
    page : str
        The page, relative to the repository.
    folder : Path
        An empty folder, which gets the shipped configs and examples.
    """
    for name in ("configs", "examples"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name)
    for name, changes in SMALLER.items():
        config = (folder / name).read_text("utf-8")
        for text, smaller in changes:
            assert config.count(text) == 1, f"{name}: {text}"
            config = config.replace(text, smaller)
        (folder / name).write_text(config, "utf-8")
    names: dict[str, Any] = {}
    done = []
    with contextlib.chdir(folder), same_width(), mpl.rc_context(), plt.ioff():
        mpl.use("agg")
        for step in steps(page):
            if step.block.kind == "python" or not _left_out(page, step):
                done.append(_play(step, names))
        plt.close("all")
    return done


def _left_out(page: str, step: Step) -> bool:
    """Whether a command has a reason not to be run, or an earlier page has run it.

    A page runs it again if what comes below needs its results.
    """
    if reason(step.block.page, step.code):
        return True
    if step.block.kind != "sh" or not step.code.startswith("riskengine"):
        return False
    code, *_ = step.code.split("  #")
    configs = [Path(word).stem for word in code.split() if word.startswith("configs/")]
    below = [other.code for other in steps(page) if other.block.line > step.block.line]
    needed = any(f"results/{stem}" in other for stem in configs for other in below)
    return bool(configs) and not needed and _first_page(code.strip()) != page


@functools.cache
def _first_page(code: str) -> str:
    """The first page that has a command in an `sh` block."""
    for page in pages():
        for step in steps(page):
            if step.block.kind == "sh" and step.code.split("  #")[0].strip() == code:
                return page
    raise LookupError(code)


def _play(step: Step, names: dict[str, Any]) -> Played:
    if step.shown is not None and (kept := KEPT.get((step.block.page, step.code))):
        text = (ROOT / "results" / "cases" / f"{kept}-screen.txt").read_text("utf-8")
        return Played(step, text.splitlines(), failed=False)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        if step.block.kind == "python":
            run_code(step.code, names)
            failed = False
        elif step.block.kind == "toml":
            failed = not _config(step)
        else:
            failed = _command(step) != 0
    return Played(step, printed.getvalue().splitlines(), failed)


def run_code(code: str, names: dict[str, Any]) -> None:
    """Run code as a notebook does: the value of the last expression is printed.

    Parameters
    ----------
    code : str
        A cell or a block.
    names : dict[str, Any]
        What the session knows, which the code adds to.
    """
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "page", "exec"), names)  # noqa: S102
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "page", "eval"), names)  # noqa: S307
        if value is not None:
            print(repr(value))  # noqa: T201


def _config(step: Step) -> bool:
    """Write the file of a block that names one; read any other as TOML."""
    import tomllib

    tomllib.loads(step.code)
    if step.block.file:
        path = Path(step.block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.code, "utf-8")
    return True


def _command(step: Step) -> int:
    program, *arguments = shlex.split(step.code, comments=True)
    if program in ("riskengine", ".venv/bin/riskengine"):
        if step.shown is None:
            arguments += _smaller(arguments[0], arguments)
        return exit_code(root, arguments)
    if program == "cat":
        return _shown_file(Path(arguments[0]), step)
    if program == "cd":
        os.chdir(arguments[0])
        return 0
    place = f"{step.block.place}: {program}"
    raise LookupError(f"{place}: cannot be run; say why in tests/docs/unplayed.py")


def _smaller(verb: str, arguments: list[str]) -> list[str]:
    """What makes a command quick whose output is not shown."""
    folders = verb == "compare" and not arguments[1].endswith(".toml")
    if verb not in TRIALS or folders or "--write" in arguments:
        return []
    return ["--trials", str(TRIALS[verb])]


def _shown_file(path: Path, step: Step) -> int:
    """Show a file; one that does not exist is written as the page shows it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(step.shown or ()) + "\n", "utf-8")
    print(path.read_text("utf-8-sig"), end="")  # noqa: T201
    return 0
