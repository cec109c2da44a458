"""`riskengine new`: a case to begin with, in a folder of its own, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from failing_os import FailingOs, Killed

import riskengine
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load, load_whole
from riskengine.config.sources import shipped
from riskengine.config.sources.shipped import SHIPPED, Shipped
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import simulate
from riskengine.store import disk
from riskengine.verbs.jobs import new_folder

CONFIGS = Path(__file__).parents[2] / "configs"
CASES = [each for each in SHIPPED if each.can_begin]
STUDIES = ("sweep", "mitigation")
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> int:
    return exit_code(root, ["new", *arguments])


def values(scenario: Scenario) -> str:
    """All values, notes included, apart from where they were read."""
    return repr(replace(scenario, stem="", files=(), sheets=()))


def contents(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.costly
@each_case
def test_each_case_is_one_config_with_its_tables_and_has_the_shipped_losses(case: Shipped) -> None:
    assert call("mine", "--case", case.name) == 0

    config = Path("mine", Path(case.file).name)
    assert [path.name for path in Path("mine").glob("*.toml")] == [config.name]
    tables = {f"worlds/{name}" if name.endswith(".toml") else name for name in case.beside}
    assert contents(Path("mine")) == {config.name, *tables}
    written, ours = load_whole(config), load_whole(CONFIGS / case.file)
    assert values(written.scenario) == values(ours.scenario)
    read = dict(written.scenario.files)
    if written.swept and ours.swept:
        assert (written.swept.sweep, written.swept.base) == (ours.swept.sweep, ours.swept.base)
        read |= dict(written.swept.files)
    if written.mitigation and ours.mitigation:
        same = replace(ours.mitigation.mitigation, worlds=written.mitigation.mitigation.worlds)
        assert written.mitigation.mitigation == same
        assert written.mitigation.worlds == ours.mitigation.worlds
        read |= dict(written.mitigation.files)
    losses = [simulate(each.scenario, trials=300).total.tobytes() for each in (written, ours)]
    assert losses[0] == losses[1]
    # Nothing lies there that is not read, but what the first lines of an importer's config offer.
    offered = {"tables/propagation.csv"} & tables
    own = {name for name in read if not name.startswith("riskengine:")}
    assert own | offered == contents(Path("mine"))
    assert not own & offered


@pytest.mark.whole
@each_case
def test_each_case_is_one_workbook_with_the_same_values_and_losses(case: Shipped) -> None:
    assert call("mine", "--case", case.name, "--xlsx") == 0

    book = Path("mine", f"{case.name}.xlsx")
    worlds = {f"worlds/{name}" for name in case.beside if name.endswith(".toml")}
    assert contents(Path("mine")) == {book.name, *worlds}
    written, ours = load_whole(book), load_whole(CONFIGS / case.file)
    read_from = {"stem": "", "files": (), "sheets": (), "document": {}, "origin": None}
    scenarios = [replace(each.scenario, **read_from) for each in (written, ours)]
    assert scenarios[0] == scenarios[1]
    # A sweep names sheets where TOML names files.
    kept = [
        {key: value for key, value in each.scenario.document.items() if key not in STUDIES}
        for each in (written, ours)
    ]
    assert kept[0] == kept[1]
    assert (written.swept is None) == (ours.swept is None)
    if written.swept and ours.swept:
        assert written.swept.sweep.paths == ours.swept.sweep.paths
    if written.mitigation and ours.mitigation:
        same = replace(ours.mitigation.mitigation, worlds=written.mitigation.mitigation.worlds)
        assert written.mitigation.mitigation == same
        assert written.mitigation.worlds == ours.mitigation.worlds
    losses = [simulate(each.scenario, trials=300).total.tobytes() for each in (written, ours)]
    assert losses[0] == losses[1]


def test_a_workbook_that_cannot_be_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise riskengine.RunFault("the disk is full")

    monkeypatch.setattr("riskengine.verbs.convert.convert", full)
    assert call("mine", "--xlsx") == 1
    assert os.listdir(".") == []


@each_case
def test_tables_are_copied_to_the_byte(case: Shipped) -> None:
    config = riskengine.new("mine", case.name)
    for name in case.beside:
        if name.endswith(".csv"):
            assert (config.parent / name).read_bytes() == (
                CONFIGS / case.shipped(name)
            ).read_bytes()


def test_a_change_of_a_written_case_counts() -> None:
    config = riskengine.new("mine", "company")
    table = Path("mine", "tables", "company-stocks.csv")
    table.write_text(
        table.read_text("utf-8").replace("antimony,warehouse,40", "antimony,warehouse,41")
    )
    stocks = load(config).materials["antimony"].stocks
    assert stocks["warehouse"].days.mean() == 41


def test_without_a_case_it_is_the_smallest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("mine") == 0
    assert contents(Path("mine")) == {"minimal.toml"}
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "  riskengine check mine/minimal.toml",
        "  riskengine run mine/minimal.toml",
    ]


def test_the_commands_that_it_tells_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("my folder; rm 한국", "--case", "sweep-korea-stockpiles") == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == "  riskengine sweep 'my folder; rm 한국/sweep-korea-stockpiles.toml'"


def test_the_list_has_a_line_for_each_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [case.name for case in CASES]
    assert all(len(line.split()) > 3 for line in lines)


@pytest.mark.parametrize("way", ["empty", "dot", "link", "trailing", "deep"])
def test_a_new_folder_and_an_empty_one_are_filled(way: str, tmp_path: Path) -> None:
    Path("empty").mkdir()
    os.chmod("empty", 0o700)
    os.symlink("empty", "link")
    before = os.stat("empty").st_ino
    if way == "dot":
        os.chdir("empty")
    name = {"dot": ".", "trailing": "empty/", "deep": "a/b/c"}.get(way, way)
    assert call(name, "--case", "company") == 0
    assert len(contents(Path(name))) == 7
    if way != "deep":
        found = os.stat(tmp_path / "empty")
        assert (found.st_ino, found.st_mode & 0o777) == (before, 0o700)
        assert sorted(os.listdir(tmp_path / "empty")) == ["company.toml", "tables"]


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("full", "full is not empty (.hidden)"),
        ("file", "file is not a folder"),
        ("file/mine", "file/mine is not a folder, or lies below a file"),
        ("nowhere", "nowhere is a link to nothing"),
        ("", "the folder has no name"),
        ("results/x/mine", "holds results"),
    ],
)
def test_what_is_there_is_left_alone(
    folder: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Path("full").mkdir()
    Path("full", ".hidden").write_text("mine")
    Path("file").write_text("mine")
    os.symlink("gone", "nowhere")
    Path("results", "x").mkdir(parents=True)
    Path("results", "x", "manifest.json").write_text('{"format": "riskengine results"}')
    before = sorted(map(str, tmp_path.rglob("*")))

    assert call(folder, "--case", "company") == 2

    assert said in capsys.readouterr().err
    assert sorted(map(str, tmp_path.rglob("*"))) == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("korea-2025", 'there is no case "korea-2025". Did you mean "korea-2026"? There are: mini'),
        ("china-2026", 'write extends = "riskengine:china-2026" in a config'),
        ("../minimal", 'there is no case "../minimal"'),
        ("", 'there is no case ""'),
        ("a\x1b[2J", 'there is no case "a\\u001b[2J"'),
    ],
)
def test_an_unknown_case_ends_with_2_the_nearest_and_all(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("mine", "--case", name) == 2
    assert said in capsys.readouterr().err
    assert os.listdir(".") == []


def test_without_a_folder_it_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 2
    assert "say where the case goes" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the user may write all")
def test_a_folder_that_may_not_be_written_ends_with_1() -> None:
    Path("shut").mkdir(mode=0o500)
    assert call("shut/mine") == 1
    assert call("shut") == 1


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), Killed()])
def test_whatever_fails_there_is_a_whole_case_or_none(
    is_there: bool, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fatal in range(1, 200):
        shutil.rmtree("mine", ignore_errors=True)
        if is_there:
            Path("mine").mkdir()
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                code = call("mine", "--case", "company")
            except Killed:
                code = 9
        if failing.calls < fatal:
            assert code == 0
            break
        files = contents(Path("mine")) if Path("mine").exists() else set()
        whole = "company.toml" in files
        if whole:
            assert len([name for name in files if not name.startswith(".")]) == 7
        elif code != 9:
            assert code == 1
            assert Path("mine").exists() == is_there
            assert files == set()
    else:
        raise AssertionError("it never came to its end")
    assert len(contents(Path("mine"))) == 7


def test_an_installation_without_cases_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "shipped_folder", lambda: "nothing")
    assert call("mine") == 1
    assert "has lost its cases" in capsys.readouterr().err
    assert os.listdir(".") == []


def test_a_folder_that_is_made_meanwhile_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(folder: str) -> bool:
        Path(folder).mkdir()
        Path(folder, "theirs").write_text("x")
        return False

    monkeypatch.setattr(new_folder, "check_new_folder", made)
    assert call("mine") == 1
    assert contents(Path(".")) == {"mine/theirs"}
