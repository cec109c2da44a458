"""A results folder is whole or not there: rules of the place, locks, failures at every step."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from failing_os import FailingOs, Killed

from riskengine.errors import RunFault, UsageFault
from riskengine.model.losses import Losses
from riskengine.store import disk
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import (
    BACKTEST_FORMAT,
    FIT_FORMAT,
    FORMAT,
    FORMATS,
    MARK,
    MITIGATION_FORMAT,
    SWEEP_FORMAT,
    check_place,
    claim,
    mark_of,
    recover,
)
from riskengine.store.provenance import Provenance
from riskengine.store.results import load_results, save

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.0)


@pytest.fixture
def old_and_new(make_losses: Callable[..., Losses]) -> tuple[Losses, Losses]:
    return make_losses(trials=40, seed=1), make_losses(trials=40, seed=2)


def visible(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def hidden_folders(folder: Path) -> list[Path]:
    return [path for path in folder.glob(".*") if path.is_dir()]


def seed_of(folder: Path) -> int:
    return int(load_results(folder).manifest["seed"])


def start_again(old: Losses, target: Path) -> None:
    """The next use of the folder, which clears up; then the old results are there as before."""
    with claim(target):
        pass
    if seed_of(target) != old.seed:
        save(old, target, PROVENANCE)


def failing_saves(
    monkeypatch: pytest.MonkeyPatch, losses: Losses, target: Path, failure: BaseException
) -> Iterator[bool]:
    """Save with a failure at call 1, 2, 3 ...; yields whether it came through, until one does."""
    for fatal in range(1, 1000):
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                save(losses, target, PROVENANCE)
                came_through = True
            except (RunFault, Killed):
                came_through = False
        yield came_through
        if failing.calls < fatal:
            return
    raise AssertionError("the store never got through")


@pytest.mark.exhaustive
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_failure_at_any_call_leaves_the_old_or_the_new_results_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses], code: int
) -> None:
    old, new = old_and_new
    target = tmp_path / "run"
    failure = OSError(code, os.strerror(code))
    save(old, target, PROVENANCE)
    count = 0
    for came_through in failing_saves(monkeypatch, new, target, failure):
        count += 1
        assert visible(tmp_path) == ["run"]
        # Some failures do no harm: a folder that is in place already is not taken back.
        assert seed_of(target) == (2 if came_through else 1)
        start_again(old, target)
        assert hidden_folders(tmp_path) == []
    assert count > 40


@pytest.mark.exhaustive
def test_a_failure_at_any_call_of_a_first_run_leaves_nothing_or_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    target = tmp_path / "run"
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for came_through in failing_saves(monkeypatch, old_and_new[0], target, full):
        assert visible(tmp_path) == (["run"] if came_through else [])
        if came_through:
            assert seed_of(target) == 1
            disk.remove(target)


@pytest.mark.exhaustive
def test_a_kill_at_any_call_leaves_the_old_or_the_new_results_after_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    old, new = old_and_new
    target = tmp_path / "run"
    save(old, target, PROVENANCE)
    seeds = []
    for _ in failing_saves(monkeypatch, new, target, Killed()):
        seeds.append(seed_of(target))
        assert visible(tmp_path) == ["run"]
        start_again(old, target)
        assert hidden_folders(tmp_path) == []
    assert set(seeds) == {1, 2}
    assert seeds == sorted(seeds)


def test_a_kill_between_the_two_renames_is_undone_by_the_next_claim(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    target = tmp_path / "run"
    save(old_and_new[0], target, PROVENANCE)
    target.rename(tmp_path / ".run.0123456789abcdef.old")
    (tmp_path / ".run.0123456789abcdef.new").mkdir()
    with claim(target):
        assert seed_of(target) == 1
    assert hidden_folders(tmp_path) == []


def after_a_kill(
    monkeypatch: pytest.MonkeyPatch, fatal: int, action: Callable[[], object]
) -> tuple[bool, int]:
    """Whether an action was killed at call `fatal`, and how many calls it made."""
    failing = FailingOs(fatal, Killed())
    with monkeypatch.context() as patch:
        patch.setattr(disk, "os", failing)
        try:
            action()
        except Killed:
            return True, failing.calls
    return False, failing.calls


@pytest.mark.exhaustive
def test_results_that_were_replaced_never_come_back_whatever_call_was_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    """The process dies at each call in turn; the user then deletes the results and looks again."""
    old, new = old_and_new
    target = tmp_path / "run"
    were_replaced = 0
    for fatal in range(1, 1000):
        save(old, target, PROVENANCE)
        was_killed, _ = after_a_kill(monkeypatch, fatal, lambda: save(new, target, PROVENANCE))
        if not was_killed:
            break
        if not target.exists():
            assert seed_of(target) == 1  # between the two renames, the old ones are the results
            disk.remove(target)
        else:
            was_replaced = '"seed": 2' in (target / "manifest.json").read_text()
            were_replaced += was_replaced
            disk.remove(target)
            with pytest.raises(ResultsFault, match="not a complete results folder"):
                load_results(target)
        assert hidden_folders(tmp_path) == []
        assert visible(tmp_path) == []
    # Six files, the manifest, their folder, and the look at what is left.
    assert were_replaced > 8


@pytest.mark.exhaustive
@pytest.mark.parametrize("stage", ["replaced", "between the renames", "replaced by hand"])
def test_a_clearing_that_is_killed_too_leaves_whole_results_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses], stage: str
) -> None:
    """A first process died; the next one dies at each of its calls; then the results are deleted
    and a third one looks."""
    target, home = tmp_path / "run", tmp_path

    def first_process() -> None:
        for path in [*hidden_folders(home), *home.glob("run")]:
            disk.remove(path)
        save(old_and_new[0], home / "run", PROVENANCE)
        target.rename(home / ".run.0123456789abcdef.old")
        save(old_and_new[1], home / "other", PROVENANCE)
        aside = ".run.0123456789abcdef.new" if stage != "replaced" else "run"
        (home / "other").rename(home / aside)
        if stage == "replaced by hand":
            save(old_and_new[1], home / "other", PROVENANCE)
            (home / "other").rename(target)

    def second_process() -> None:
        with claim(target):
            pass

    for fatal in range(1, 100):
        first_process()
        was_killed, _ = after_a_kill(monkeypatch, fatal, second_process)
        if target.exists():  # and no look at it, which would clear up first
            disk.remove(target)
        recover(target)
        if target.exists():
            load_results(target)  # whole: every file is checked
            assert stage != "replaced"
        assert hidden_folders(tmp_path) == []
        if not was_killed:
            break
    assert fatal > 8


@pytest.mark.parametrize("left", ["new", "old"])
def test_a_look_removes_what_a_killed_process_left_alone(tmp_path: Path, left: str) -> None:
    (tmp_path / f".run.0123456789abcdef.{left}").mkdir()
    recover(tmp_path / "run")
    assert hidden_folders(tmp_path) == visible(tmp_path) == []


def test_hidden_folders_of_other_targets_are_left_alone(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    other = tmp_path / ".run.2.0123456789abcdef.new"
    other.mkdir()
    save(old_and_new[0], tmp_path / "run", PROVENANCE)
    assert other.exists()


def test_ctrl_c_while_writing_leaves_the_old_results_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    old, new = old_and_new
    target = tmp_path / "run"
    save(old, target, PROVENANCE)
    monkeypatch.setattr(disk, "os", FailingOs(12, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        save(new, target, PROVENANCE)
    monkeypatch.undo()
    assert seed_of(target) == 1
    assert hidden_folders(tmp_path) == []


def test_a_full_disk_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    monkeypatch.setattr(disk, "os", FailingOs(8, OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(RunFault, match=r"run: the disk is full; make room") as caught:
        save(old_and_new[0], tmp_path / "run", PROVENANCE)
    assert caught.value.exit_code == 1


def test_every_file_is_on_the_disk_before_the_folder_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_and_new: tuple[Losses, Losses]
) -> None:
    steps: list[tuple[str, Any]] = []

    class Recording:
        def __getattr__(self, name: str) -> Any:
            real = getattr(os, name)
            if name not in ("open", "fsync", "rename"):
                return real

            def recorded(*arguments: Any, **options: Any) -> Any:
                found = real(*arguments, **options)
                steps.append((name, found if name == "open" else arguments[0]))
                return found

            return recorded

    monkeypatch.setattr(disk, "os", Recording())
    save(old_and_new[0], tmp_path / "run", PROVENANCE)
    # Eight files, two at a time, and the manifest; the folder itself; the rename; its parent.
    names = [name for name, _ in steps]
    assert sorted(names[:16]) == ["fsync"] * 8 + ["open"] * 8
    assert names[16:] == ["open", "fsync"] * 2 + ["rename"] + ["open", "fsync"]
    waiting: list[int] = []
    for name, descriptor in steps[:20]:
        waiting.append(descriptor) if name == "open" else waiting.remove(descriptor)
    assert waiting == []


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_not_a_results_folder_is_refused_and_untouched(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "thesis"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if kind == "file":
        target.write_text("precious")
    elif kind == "link":
        target.symlink_to(elsewhere)
    else:
        target.mkdir()
        (target / "manifest.json").write_text('{"format": "something else"}')
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageFault) as caught, claim(target):
        pass
    assert "thesis" in str(caught.value)
    assert caught.value.exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_a_look_at_a_place_refuses_as_a_claim_does_and_leaves_no_trace(tmp_path: Path) -> None:
    check_place(tmp_path / "results" / "run")
    assert os.listdir(tmp_path) == []
    (tmp_path / "file").write_text("precious")
    with pytest.raises(UsageFault, match="is a file"):
        check_place(tmp_path / "file")
    with pytest.raises(RunFault, match="a file stands where"):
        check_place(tmp_path / "file" / "run")


@pytest.mark.parametrize("text", ['{"format": []}', '{"format": {"a": 1}}', "[]", "7"])
def test_a_manifest_of_another_shape_is_not_taken_for_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "manifest.json").write_text(text)
    with pytest.raises(UsageFault, match="is not a results folder"), claim(tmp_path / "thesis"):
        pass
    with pytest.raises(ResultsFault, match="is not a results folder"):
        load_results(tmp_path / "thesis")


def test_an_empty_folder_is_a_place_for_results(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    (tmp_path / "run").mkdir()
    save(old_and_new[0], tmp_path / "run", PROVENANCE)
    assert seed_of(tmp_path / "run") == 1


def test_notes_that_somebody_keeps_beside_the_results_are_not_lost(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    old, new = old_and_new
    target = tmp_path / "run"
    save(old, target, PROVENANCE)
    (target / "notes.txt").write_text("precious")
    with pytest.raises(UsageFault, match=r"notes\.txt"):
        save(new, target, PROVENANCE)
    assert (target / "notes.txt").read_text() == "precious"
    assert seed_of(target) == 1


@pytest.mark.parametrize("name", [".git", "metrics.csv", "risk.xlsx", "~$notes"])
def test_a_folder_among_the_results_is_not_lost_whatever_its_name(
    tmp_path: Path, old_and_new: tuple[Losses, Losses], name: str
) -> None:
    """A run writes plain files only, whatever its manifest says."""
    target = tmp_path / "run"
    save(old_and_new[0], target, PROVENANCE)
    (target / name).unlink(missing_ok=True)
    (target / name).mkdir()
    (target / name / "work").write_text("precious")
    with pytest.raises(UsageFault, match=re.escape(f"holds {name}, which is not part")):
        save(old_and_new[1], target, PROVENANCE)
    assert (target / name / "work").read_text() == "precious"


@pytest.mark.parametrize("kind", list(FORMATS))
@pytest.mark.parametrize(
    "change",
    [
        {"files": None},
        {"files": []},
        {"files": {"../thesis.txt": {}}},
        {"files": {"a/b": {}}},
        {"files": {".bashrc": {}}},
        {"files": {"letter.txt": 7}},
        {"options": 7},
        {"options": {"config_mark": []}},
        {"config_files": {"0": {"name": "a.toml"}}},
        {"config_files": ["a.toml"]},
        {"input": "a.csv"},
        {"suite": {"name": 7}},
    ],
)
def test_a_manifest_that_no_command_writes_gives_nothing_away(
    tmp_path: Path, kind: str, change: dict[str, object]
) -> None:
    target = tmp_path / "run"
    target.mkdir()
    (target / "letter.txt").write_text("precious")
    manifest = {"format": kind, "files": {"letter.txt": {}}} | change
    (target / "manifest.json").write_text(json.dumps(manifest))
    with (
        pytest.raises(UsageFault, match="is not a results folder"),
        claim(target, kind, "a.toml"),
    ):
        pass
    assert visible(target) == ["letter.txt", "manifest.json"]


@pytest.mark.parametrize("suffix", [".new", ".old"])
def test_a_link_in_the_place_of_a_hidden_folder_is_removed_and_not_followed(
    tmp_path: Path, suffix: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "letter.txt").write_text("precious")
    link = tmp_path / f".run.0123456789abcdef{suffix}"
    link.symlink_to(elsewhere)
    with claim(tmp_path / "run"):
        assert not link.is_symlink()
    assert sorted(os.listdir(elsewhere)) == ["deep", "letter.txt"]


@pytest.mark.costly
def test_a_hidden_folder_of_any_depth_is_removed(tmp_path: Path) -> None:
    """Deeper than Python's functions can call one another."""
    here = os.getcwd()
    left = tmp_path / ".r.0123456789abcdef.new"
    left.mkdir()
    os.chdir(left)
    try:
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    with claim(tmp_path / "r"):
        assert not left.exists()


def test_the_workbook_made_from_results_does_not_stop_their_replacement(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    target = tmp_path / "run"
    save(old_and_new[0], target, PROVENANCE)
    (target / "risk.xlsx").write_bytes(b"PK")
    save(old_and_new[1], target, PROVENANCE)
    assert seed_of(target) == 2
    assert "risk.xlsx" not in os.listdir(target)


def _may_replace(target: Path, owner: Path | str, kind: str = FORMAT) -> bool:
    refused = ""
    try:
        with claim(target, kind, str(owner)):
            pass
    except UsageFault as fault:
        refused = str(fault)
    assert not refused or "of another file, whose name gives the same folder" in refused
    return not refused


def _manifest_of(target: Path, kind: str, **about: object) -> None:
    target.mkdir(parents=True, exist_ok=True)
    manifest = {"format": kind, "files": {}, **about}
    (target / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_results_are_replaced_by_those_of_the_file_that_they_are_marked_with(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    _manifest_of(
        project / "run", FORMAT, options={MARK: mark_of(str(project / "a.toml"), project / "run")},
        config_files=[{"name": "b.toml"}],
    )  # fmt: skip
    assert _may_replace(project / "run", project / "a.toml")
    assert not _may_replace(project / "run", project / "b.toml")
    assert not _may_replace(project / "run", project / "more" / "a.toml")
    # one that is moved as a whole keeps its marks
    project.rename(tmp_path / "moved")
    assert _may_replace(tmp_path / "moved" / "run", tmp_path / "moved" / "a.toml")
    assert not _may_replace(tmp_path / "moved" / "run", project / "a.toml")


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        (FORMAT, {"config_files": [{"name": "a.toml"}, {"name": "b.toml"}]}),
        (SWEEP_FORMAT, {"config_files": [{"name": "a.toml"}], "options": {}}),
        (FIT_FORMAT, {"input": {"name": "a.toml"}}),
        (BACKTEST_FORMAT, {"suite": {"name": "a.toml"}, "config_files": []}),
        (MITIGATION_FORMAT, {"config_files": [{"name": "a.toml"}], "options": {}}),
    ],
)
def test_results_without_a_mark_are_replaced_by_those_of_a_file_of_that_name(
    tmp_path: Path, kind: str, about: dict[str, object]
) -> None:
    """Wherever the file lies; a sheet of a workbook is not part of its name."""
    _manifest_of(tmp_path / "run", kind, **about)
    for owner in ("a.toml", "elsewhere/a.toml", "a.toml#Sheet"):
        assert _may_replace(tmp_path / "run", owner, kind)
    for owner in ("b.toml", "a.toml/b.toml"):
        assert not _may_replace(tmp_path / "run", owner, kind)


def test_results_that_name_no_file_are_replaced_by_those_of_any(tmp_path: Path) -> None:
    _manifest_of(tmp_path / "run", FORMAT, config_files=[])
    assert _may_replace(tmp_path / "run", "a.toml")


@pytest.mark.processes
def test_a_second_process_is_told_at_once_that_the_folder_is_in_use(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from riskengine.errors import UsageFault\n"
        "from riskengine.store.folder import claim\n"
        "try:\n"
        "    with claim(sys.argv[1]):\n"
        "        print('claimed')\n"
        "except UsageFault as fault:\n"
        "    print(fault)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "run")]

    def other_process() -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=True)
        return done.stdout

    with claim(tmp_path / "run"):
        assert "run is in use" in other_process()
    assert "claimed" in other_process()


def test_a_claim_of_a_folder_in_use_by_this_process_is_refused_too(tmp_path: Path) -> None:
    with (
        claim(tmp_path / "run"),
        pytest.raises(UsageFault, match="in use"),
        claim(tmp_path / "run"),
    ):
        pass


def test_folders_above_the_target_are_made(
    tmp_path: Path, old_and_new: tuple[Losses, Losses]
) -> None:
    target = tmp_path / "results" / "2026" / "run"
    assert save(old_and_new[0], target, PROVENANCE) == target
    assert seed_of(target) == 1


@pytest.mark.parametrize("name", ["희토류" * 28, "x" * 255, "a b'c", "=1+1"])
def test_the_name_of_a_folder_may_be_as_long_and_strange_as_the_disk_allows(
    tmp_path: Path, old_and_new: tuple[Losses, Losses], name: str
) -> None:
    for losses in old_and_new:
        save(losses, tmp_path / name, PROVENANCE)
    assert seed_of(tmp_path / name) == 2
    assert hidden_folders(tmp_path) == []


def test_a_file_where_a_folder_is_needed_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFault, match="a file stands where"), claim(tmp_path / "file" / "run"):
        pass


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_stands_in_the_place_of_the_lock_is_a_sentence_and_untouched(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / "letter.txt").write_text("precious")
    lock = tmp_path / ".run.lock"
    lock.mkdir() if kind == "folder" else lock.symlink_to("letter.txt")
    with (
        pytest.raises(RunFault, match=f"a {kind} stands where a file is needed"),
        claim(tmp_path / "run"),
    ):
        pass
    assert disk.kind(lock) == kind
    assert (tmp_path / "letter.txt").read_text() == "precious"


def test_results_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsFault, match="nowhere is not a complete results folder"):
        load_results(tmp_path / "nowhere")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place that takes no file")
def test_a_place_that_takes_no_file_is_not_said_to_be_in_use() -> None:
    with pytest.raises(RunFault, match="may not write there"), claim("/proc/run"):
        pass
