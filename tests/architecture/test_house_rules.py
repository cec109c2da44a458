"""House rules that a program can check, each figure with its reason.

A figure that hurts is changed here, in the open, with the reason it hurt.
"""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fast_suite import SLOW

import riskengine

PACKAGE = Path(riskengine.__file__).parent
ROOT = PACKAGE.parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

LONGEST_MODULE = 430  # two screens of a table of families or keys still read as one thing
LONGEST_BODY = 60  # what a reader holds in mind; most are under 20
MOST_PARAMETERS = 8  # more of them belong together as an object
MOST_KERNEL_PARAMETERS = 10  # kernels take arrays one by one: a tuple costs at each call
DEEPEST_NESTING = 4

MOST_FILES = 20  # in a folder: as many as a reader scans for the one that is looked for
MOST_ALIKE = 2  # a third file of one prefix is a folder that is spelled instead of made

# Reports tell each table once for the screen, the page and the workbook. Each kind of result beyond
# the first may be so many files and lines: reading, ranking and searching belong below the reports.
FIRST_REPORTS, FURTHER_KIND = (60, 11_500), (6, 900)
FIRST_KINDS = {"backtest", "compare", "fit", "html", "run", "story", "sweep", "tables", "xlsx"}

NAMES_WITHOUT_MEANING = {"utils", "util", "core", "common", "misc", "helpers", "base", "tools"}


class Syntax(NamedTuple):
    """What the rules ask of the syntax trees of the package."""

    lengths: dict[str, int]  #: lines of each function body, without its docstring
    parameters: dict[str, tuple[Path, int]]
    depths: dict[str, int]
    undocumented: list[str]
    classes: dict[str, list[str]]  #: public ones of the modules: where each name is used
    calls: list[tuple[Path, str, str]]  #: file, place and what is called
    attributes: list[tuple[str, str]]  #: place and text
    keywords: list[tuple[str, str]]


@cache
def _syntax() -> Syntax:
    """All of it from one pass over each tree, which is then let go.

    Every garbage collection of the session would search trees that stay, and each is searched
    several times while it grows: parsing takes three times as long with the collector on.
    """
    found = Syntax({}, {}, {}, [], {}, [], [], [])
    was_on = gc.isenabled()
    gc.disable()
    try:
        for path in SOURCES:
            _note(path, ast.parse(path.read_text("utf-8")), found)
    finally:
        if was_on:
            gc.enable()
    return found


def _note(path: Path, tree: ast.Module, found: Syntax) -> None:
    name = path.relative_to(ROOT)
    if ast.get_docstring(tree) is None and path.read_text("utf-8").strip():
        found.undocumented.append(str(name))
    for node in tree.body:
        is_public = isinstance(node, (*FUNCTION, ast.ClassDef)) and node.name[0] != "_"
        if is_public and ast.get_docstring(node) is None and not _is_obvious(node):
            found.undocumented.append(_place(path, node))
        if is_public and isinstance(node, ast.ClassDef):
            found.classes.setdefault(node.name, []).append(_place(path, node))
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION):
            place, arguments = _place(path, node), node.args
            found.lengths[place] = _body_lines(node)
            found.depths[place] = _nesting(node)
            taken = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
            found.parameters[place] = path, len(taken)
        elif isinstance(node, ast.Call):
            found.calls.append((path, f"{name}:{node.lineno}", _dotted(node.func)))
        elif isinstance(node, ast.Attribute):
            found.attributes.append((f"{name}:{node.lineno}", _dotted(node)))
        elif isinstance(node, ast.keyword):
            found.keywords.append((f"{name}:{node.lineno}", node.arg or ""))


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of names; what is taken of anything else begins with the dot."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _place(path: Path, node: ast.stmt) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {getattr(node, 'name', '')}"


def _body_lines(function: ast.FunctionDef) -> int:
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _nesting(node: ast.AST, depth: int = 0) -> int:
    deeper = isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.Match)
    deepest = depth + deeper
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, ast.expr):
                continue  # no expression holds a statement
            # `elif` is an if in the else of an if: it reads at the same depth
            is_elif = field == "orelse" and isinstance(node, ast.If) and isinstance(child, ast.If)
            deepest = max(deepest, _nesting(child, depth if is_elif else depth + deeper))
    return deepest


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in SOURCES}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_function_body_is_longer_than_a_page() -> None:
    assert {place: n for place, n in _syntax().lengths.items() if n > LONGEST_BODY} == {}


def test_no_function_takes_more_parameters_than_its_kind_allows() -> None:
    found = {}
    for place, (path, count) in _syntax().parameters.items():
        allowed = MOST_KERNEL_PARAMETERS if path.parent.name == "kernel" else MOST_PARAMETERS
        if count > allowed:
            found[place] = count
    assert found == {}


def test_no_function_nests_deeper_than_a_reader_follows() -> None:
    depths = _syntax().depths
    assert {place: depth for place, depth in depths.items() if depth > DEEPEST_NESTING} == {}


def test_no_module_has_a_name_without_meaning() -> None:
    assert [p for p in SOURCES if p.stem in NAMES_WITHOUT_MEANING] == []


def test_no_folder_holds_more_files_than_a_reader_scans() -> None:
    folders = {path.parent for path in SOURCES}
    counts = {f"{each.relative_to(ROOT)}": len(list(each.glob("*.py"))) for each in folders}
    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_no_three_files_of_a_folder_share_a_prefix() -> None:
    alike: dict[str, list[str]] = {}
    for path in SOURCES:
        prefix = f"{path.parent.relative_to(ROOT)}/{path.stem.split('_')[0]}"
        alike.setdefault(prefix, []).append(path.name)
    assert {prefix: names for prefix, names in alike.items() if len(names) > MOST_ALIKE} == {}


def _reports() -> dict[str, tuple[int, int]]:
    """Files and lines of each kind of result beyond the first, and under "" of all others."""
    found: dict[str, list[int]] = {}
    for path in SOURCES:
        place = path.relative_to(PACKAGE).parts
        if place[0] == "reports":
            kind = "" if len(place) == 2 or place[1] in FIRST_KINDS else place[1]
            found.setdefault(kind, []).append(len(path.read_text("utf-8").splitlines()))
    return {kind: (len(lines), sum(lines)) for kind, lines in found.items()}


def test_reports_say_each_thing_once_and_stay_a_room_that_can_be_walked_through() -> None:
    files, lines = _reports()[""]
    assert files <= FIRST_REPORTS[0]
    assert lines <= FIRST_REPORTS[1]


def test_each_further_kind_of_result_is_few_files_and_lines() -> None:
    further = {kind: size for kind, size in _reports().items() if kind}
    assert set(further) >= {"batch", "inputs", "mitigation", "concentration", "scenario"}
    files, lines = FURTHER_KIND
    assert {k: size for k, size in further.items() if size[0] > files or size[1] > lines} == {}


def test_every_public_module_function_and_class_has_a_docstring() -> None:
    assert _syntax().undocumented == []


def _is_obvious(node: ast.AST) -> bool:
    """A function of one or two statements whose name and types say it all."""
    return isinstance(node, FUNCTION) and len(node.body) <= 2


@pytest.mark.parametrize(
    ("call", "home", "reason"),
    [
        ("print", "cli", "only the command line speaks to a screen"),
        ("sys.exit", "cli", "only the command line ends the process"),
        ("numba.njit", "kernel", "flags of compiled functions are decided in one place"),
        ("datetime.now", "store", "the clock is read where provenance is written"),
        ("time.time", "store", "the clock is read where provenance is written"),
    ],
)
def test_a_call_with_side_effects_stays_in_its_room(call: str, home: str, reason: str) -> None:
    strays = [
        place
        for path, place, name in _syntax().calls
        if name == call and path.relative_to(PACKAGE).parts[0] != home
    ]
    assert strays == [], reason


def test_draws_come_from_the_kernels_own_generator_alone() -> None:
    drawing = ("np.random", "random.", "numpy.random")
    assert [place for place, text in _syntax().attributes if text.startswith(drawing)] == []


def test_kernels_are_compiled_without_fastmath_and_without_parallel_loops() -> None:
    words = {"fastmath", "parallel", "prange"}
    found = _syntax()
    assert [place for place, name in found.keywords if name in words] == []
    assert [place for place, text in found.attributes if text.rpartition(".")[2] in words] == []


def test_nothing_opens_pickles_or_evaluates_text() -> None:
    forbidden = {"eval", "exec", "pickle.load", "pickle.loads", "compile", "os.system"}
    assert [f"{place} {name}" for _, place, name in _syntax().calls if name in forbidden] == []


def test_parquet_is_read_without_threads_that_outlive_the_answer() -> None:
    """`pyarrow.parquet.read_table` starts threads; a verb that ended at once aborted with code 134
    in one call of ten, after the right answer."""
    assert [place for _, place, name in _syntax().calls if name == "pq.read_table"] == []


@pytest.mark.processes
def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, riskengine.cli\n"
        "heavy = {'numpy', 'numba', 'pandas', 'scipy', 'pyarrow', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.processes
def test_checking_a_config_needs_no_compiler() -> None:
    code = (
        "import sys, riskengine\n"
        f"riskengine.load({str(ROOT / 'configs' / 'minimal.toml')!r})\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("words", "home", "reason"),
    [
        ("<!doctype html>", "parts", "every page has the same content policy"),
        ("xlsxwriter.Workbook(", "book", "no text damages a workbook, whatever it holds"),
    ],
)
def test_what_readers_open_is_written_in_one_place(words: str, home: str, reason: str) -> None:
    found = [path.stem for path in SOURCES if words in path.read_text("utf-8")]
    assert found == [home], reason


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_fast_tests_are_those_without_a_marker() -> None:
    markers = {
        each.split(":")[0] for each in _project()["tool"]["pytest"]["ini_options"]["markers"]
    }
    fast = re.search(r"^FAST := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert fast is not None
    assert markers == SLOW
    assert sorted(fast[1].split(" and ")) == sorted(f"not {name}" for name in SLOW)


def test_the_workflow_runs_every_python_that_the_package_names_and_no_unknown_marker() -> None:
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8")
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(_project()["project"]["classifiers"]))
    assert f"python: {str(named).replace(chr(39), chr(34))}" in workflow
    left_out = re.search(r"MARKS: (.*)$", workflow, re.MULTILINE)
    assert left_out is not None
    assert {each.removeprefix("not ") for each in left_out[1].split(" and ")} <= SLOW


def test_a_test_of_how_often_an_interval_holds_is_marked_as_repeated_sampling() -> None:
    words = re.compile("as_often_as_they_say|as_often_as_it_says|no_oftener_than|have_no_bias")
    strays = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if words.search(text := path.read_text("utf-8"))
        for node in ast.parse(text).body
        if isinstance(node, FUNCTION) and node.name.startswith("test_") and words.search(node.name)
        if "statistical" not in "".join(map(ast.unparse, node.decorator_list))
    ]
    assert strays == []


def test_a_public_class_name_is_used_once() -> None:
    """Two classes of one name make a reader ask which is meant, and a search find both."""
    homes = _syntax().classes
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}
