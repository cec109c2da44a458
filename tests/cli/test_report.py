"""`riskengine report`: files made again from stored results, and put where they belong."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from report.story_worlds import known_config

from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load
from riskengine.play.simulate import simulate
from riskengine.store import disk
from riskengine.store.provenance import Provenance
from riskengine.store.results import StoredResults, load_results, save

pytestmark = pytest.mark.whole

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.5)


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


def stored_run() -> Path:
    config = known_config("gallium")
    config["run"]["trials"] = 40
    return save(simulate(load(config), threads=1), "run", PROVENANCE)


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return stored_run()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the two reports, which say what they were given."""
    book, page = ModuleType("workbook"), ModuleType("page")
    book.workbook = lambda results: f"book of {results.manifest['seed']}".encode()  # type: ignore[attr-defined]
    page.report_page = lambda results: f"page of {results.manifest['seed']} \ud800"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "riskengine.reports.run.workbook", book)
    monkeypatch.setitem(sys.modules, "riskengine.reports.run.page", page)


def made(folder: str | Path) -> set[str]:
    """What a report has added to a folder of results."""
    own = {"manifest.json", *json.loads(Path("run/manifest.json").read_text("utf-8"))["files"]}
    return {path.name for path in Path(folder).iterdir()} - own


@pytest.mark.usefixtures("fakes")
def test_workbook_and_page_are_made_in_the_results_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("report", "run") == 0
    assert made("run") == {"risk.xlsx", "report.html"}
    assert Path("run/risk.xlsx").read_bytes() == b"book of 1"
    assert Path("run/report.html").read_bytes() == b"page of 1 \\ud800"
    shown = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert shown == ["risk.xlsx", "report.html"]


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize(("flag", "name"), [("--xlsx", "risk.xlsx"), ("--html", "report.html")])
def test_only_what_is_asked_for_is_made(flag: str, name: str) -> None:
    assert call("report", "run", flag, "--out", "elsewhere") == 0
    assert made("elsewhere") == {name}
    assert made("run") == set()


@pytest.mark.usefixtures("fakes")
def test_a_folder_with_reports_is_still_sound_and_may_be_replaced_by_a_later_run() -> None:
    assert call("report", "run") == 0
    load_results("run")
    stored_run()
    assert made("run") == set()


def test_real_reports_are_the_same_to_the_byte_from_any_copy() -> None:
    shutil.copytree("run", "copy")
    assert call("report", "run") == 0
    assert call("report", "copy") == 0
    for name in ("risk.xlsx", "report.html"):
        first = Path("run", name).read_bytes()
        assert first == Path("copy", name).read_bytes()
        assert len(first) > 1000
    before = {path: path.read_bytes() for path in Path("run").iterdir()}
    assert call("report", "run") == 0
    assert {path: path.read_bytes() for path in Path("run").iterdir()} == before


def test_insurers_tables_stand_beside_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("report", "run", "--ord") == 0
    assert Path("run-ord/metadata.json").is_file()
    assert made("run") == set()
    assert Path(capsys.readouterr().out.strip()).name == "run-ord"


@pytest.mark.usefixtures("fakes")
def test_all_three_go_to_a_folder_of_choice() -> None:
    assert call("report", "run", "--ord", "--html", "--xlsx", "--out", "all") == 0
    assert made("all") == {"risk.xlsx", "report.html", "v1", "v2", "extensions", "metadata.json"}


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize(
    "arguments", [["--ord", "--out", "run"], ["--html", "--out", "other"], ["--out", "other/deep"]]
)
def test_reports_are_not_put_among_results_they_are_not_of(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    shutil.copytree("run", "other")
    assert call("report", "run", *arguments) == 2
    assert "has no place among them" in capsys.readouterr().err
    assert made("run") == made("other") == set()


def test_damaged_results_are_refused_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Path("run/losses.parquet").open("ab") as file:
        file.write(b"x")
    assert call("report", "run", "--ord", "--html") == 1
    shown = capsys.readouterr()
    assert "losses.parquet is damaged" in shown.err
    assert shown.out == ""
    assert made("run") == set()
    assert not Path("run-ord").exists()


def test_a_folder_without_results_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    assert call("report", "empty") == 1
    assert "is not a complete results folder" in capsys.readouterr().err


@pytest.mark.usefixtures("fakes")
def test_a_file_that_cannot_be_written_leaves_the_old_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("run/risk.xlsx").write_bytes(b"old")
    Path("run/report.html").write_bytes(b"old")
    real, written = disk.NewFile.write, []

    def fails_second(file: disk.NewFile, data: bytes) -> int:
        written.append(data)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(disk.NewFile, "write", fails_second)
    assert call("report", "run") == 1
    assert "the disk is full" in capsys.readouterr().err
    assert made("run") == {"risk.xlsx", "report.html"}
    assert {Path("run", name).read_bytes() for name in made("run")} == {b"old"}


@pytest.mark.usefixtures("fakes")
def test_a_report_of_results_that_were_replaced_meanwhile_is_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(results: StoredResults) -> str:
        place = Path("run/manifest.json")
        place.write_text(place.read_text("utf-8") + "\n", encoding="utf-8")
        return "page"

    monkeypatch.setattr(sys.modules["riskengine.reports.run.page"], "report_page", replaced)
    assert call("report", "run") == 1
    assert "was replaced by another run meanwhile" in capsys.readouterr().err
    assert made("run") == set()
