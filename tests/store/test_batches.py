"""The folder of a batch: old or new, whatever call fails; nothing finished is lost."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from failing_os import FailingOs, Killed, calls_to_fail

import riskengine
import riskengine.verbs.batch
import riskengine.verbs.run
from riskengine.errors import RunFault, UsageFault
from riskengine.store import disk

MINIMAL = (Path(__file__).parents[2] / "configs" / "minimal.toml").read_bytes()
NAMES = ("one", "two")
DAYS = "materials.ndfeb-magnets.stocks.private.days"


@pytest.fixture(autouse=True)
def without_workbooks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks, pages and stories take most of the time of so small a run, and touch no disk."""
    monkeypatch.setattr(riskengine.verbs.run, "workbook", lambda _: b"book")
    monkeypatch.setattr(riskengine.verbs.run, "replayed_files", lambda *_, **__: {})
    if "whole" not in request.keywords:
        monkeypatch.setattr(riskengine.verbs.batch, "batch_workbook", lambda *_: b"book")
        monkeypatch.setattr(riskengine.verbs.batch, "batch_page", lambda *_: "page")
    for name, found in (("engine_digest", "e" * 64), ("versions", {"riskengine": "0"})):
        monkeypatch.setattr(f"riskengine.store.batches.{name}", lambda *_, found=found: found)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenarios whose trials are played, by the names of their folders."""
    found: list[str] = []
    original = riskengine.verbs.batch.run_scenario

    def counted(scenario: Any, request: Any, *rest: Any) -> Any:
        found.append(Path(str(request.out)).name)
        return original(scenario, request, *rest)

    monkeypatch.setattr(riskengine.verbs.batch, "run_scenario", counted)
    return found


def write(folder: Path, days: int = 0) -> Path:
    """A batch file of two scenarios; `days` is a stock of all of them."""
    (folder / "minimal.toml").write_bytes(MINIMAL)
    text = "[batch]\n" + "".join(
        f'[batch.scenarios.{name}]\nconfig = "minimal.toml"\n'
        f'set = {{ "{DAYS}" = {days + number} }}\n'
        for number, name in enumerate(NAMES)
    )
    path = folder / "batch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def batch(path: Path, target: Path, **given: Any) -> None:
    riskengine.batch(path, trials=20, threads=1, out=target, **given)


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a batch but manifests, and `scenarios.csv`, which says what was kept."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", "scenarios.csv")
    }


def work_folder(target: Path) -> Path:
    return target.parent / f".{target.name}.work"


FAILURES = [
    pytest.param(OSError(errno.ENOSPC, "No space left"), id="full"),
    pytest.param(Killed(), id="killed"),
]


@pytest.mark.exhaustive
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_at_any_call_is_made_good_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    path = write(tmp_path)
    batch(path, tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    for fatal in calls_to_fail(failure):
        target = tmp_path / f"run-{fatal}"
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                batch(path, target)
            except (RunFault, Killed):
                assert not target.exists() or contents(target) == expected
        batch(path, target)
        assert contents(target) == expected
        assert not work_folder(target).exists()
        if failing.calls < fatal:
            break
    assert 100 < fatal < 1999


@pytest.mark.exhaustive
@pytest.mark.parametrize("failure", FAILURES)
def test_an_earlier_batch_stays_whole_whatever_call_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    path, target, kept = write(tmp_path), tmp_path / "run", tmp_path / "kept"
    batch(path, target)
    earlier = contents(target)
    shutil.copytree(target, kept)
    later = write(tmp_path, days=50)
    batch(later, tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    for fatal in range(1, 2000, 5):
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                batch(later, target)
            except (RunFault, Killed):
                if target.exists():  # else the next call finds it beside
                    assert contents(target) in (earlier, expected)
        batch(later, target)
        assert contents(target) == expected
        if failing.calls < fatal:
            break
        shutil.rmtree(target)
        shutil.copytree(kept, target)
    assert 100 < fatal < 1999


@pytest.mark.exhaustive
def test_a_scenario_that_was_finished_before_a_kill_is_not_played_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, played: list[str]
) -> None:
    path = write(tmp_path)
    for fatal in range(1, 2000, 3):
        target = tmp_path / f"run-{fatal}"
        failing = FailingOs(fatal, Killed())
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            with suppress(Killed):
                batch(path, target)
        finished = [name for name in NAMES if (work_folder(target) / name).exists()]
        played.clear()
        batch(path, target)
        assert not set(played) & set(finished)
        if failing.calls < fatal:
            break
    assert 100 < fatal < 1999


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_a_disk_without_second_names_gets_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = write(tmp_path)
    batch(path, tmp_path / "linked")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(os, "link", refuse)
    batch(path, tmp_path / "copied")
    assert contents(tmp_path / "copied") == contents(tmp_path / "linked")


def test_a_link_in_place_of_the_hidden_folder_is_not_followed(tmp_path: Path) -> None:
    path, target = write(tmp_path), tmp_path / "run"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine", "utf-8")
    work_folder(target).symlink_to(elsewhere)
    with pytest.raises(UsageFault, match="is a link and no folder"):
        batch(path, target)
    assert (elsewhere / "mine").read_text("utf-8") == "mine"


def test_a_link_among_kept_scenarios_is_not_followed(tmp_path: Path, played: list[str]) -> None:
    path, target = write(tmp_path), tmp_path / "run"
    batch(path, target)
    (tmp_path / "one").mkdir()
    moved = tmp_path / "elsewhere"
    (target / "one").rename(moved)
    (target / "one").symlink_to(moved)
    before = contents(moved)
    with pytest.raises(UsageFault, match="holds one"):
        batch(path, target)
    assert contents(moved) == before


@pytest.mark.whole
def test_two_hundred_scenarios_are_played_kept_and_read(tmp_path: Path, played: list[str]) -> None:
    (tmp_path / "minimal.toml").write_bytes(MINIMAL)
    text = "[batch]\n" + "".join(
        f'[batch.scenarios.s{number}]\nconfig = "minimal.toml"\nweight = 0.005\n'
        f'set = {{ "{DAYS}" = {number} }}\n'
        for number in range(200)
    )
    path = tmp_path / "batch.toml"
    path.write_text(text, encoding="utf-8")
    batch(path, tmp_path / "run")
    assert len(played) == 200
    found = riskengine.batch(path, trials=20, threads=1, out=tmp_path / "run")
    assert len(played) == 200
    rows = found.batch
    means = rows[(rows.scope == "total") & (rows.measure == "mean") & (rows.component == "all")]
    by_scenario = means.set_index("scenario")["value"]
    assert len(by_scenario) == 201
    expected = by_scenario.drop("(mixture)").sum() * 0.005
    assert by_scenario["(mixture)"] == pytest.approx(expected, rel=1e-12)
