"""A sweep goes on where it was cut off: failures and kills at every call, damage, other configs."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from failing_os import FailingOs, Killed
from hostile_folders import reseal
from swept import PROVENANCE, STOCK, contents, loaded, swept, write_config

import riskengine.reports.sweep.page
import riskengine.reports.sweep.workbook
import riskengine.store.work
import riskengine.verbs.jobs.sweep_job
from riskengine.config import SweptConfig, load_sweep
from riskengine.errors import RunFault, UsageFault
from riskengine.kernel.arrays import Model
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.store.results import load_results, save
from riskengine.store.work import digest_of
from riskengine.sweeps import playing

TWO_POINTS = f"""
method = "one-at-a-time"
[sweep.parameters]
"{STOCK}" = [0, 120]
"""
TRIALS = 60


@pytest.fixture
def config(tmp_path: Path) -> SweptConfig:
    return loaded(tmp_path, TWO_POINTS, TRIALS)


def leave_reports_out(patch: pytest.MonkeyPatch) -> None:
    """Workbook and page take most of the time of so small a sweep, and are made in memory."""
    patch.setattr(riskengine.reports.sweep.workbook, "sweep_workbook", lambda _: b"workbook")
    patch.setattr(riskengine.reports.sweep.page, "sweep_page", lambda _: "page")
    patch.setattr(riskengine.store.work, "engine_digest", lambda: "engine")
    patch.setattr(riskengine.verbs.jobs.sweep_job, "versions", lambda *_: {"riskengine": "0"})
    patch.setattr(riskengine.store.work, "versions", lambda *_: {"riskengine": "0"})


@pytest.fixture
def without_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_reports_out(monkeypatch)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole sweep of `config`, and with the same one stopped after two points."""
    folder = tmp_path_factory.mktemp("played")
    config = loaded(folder, TWO_POINTS, TRIALS)
    with pytest.MonkeyPatch.context() as patch:
        leave_reports_out(patch)
        swept(config, folder / "whole")
        cut_off(config, folder / "run", 2)
    return folder


@pytest.fixture
def whole(played: Path) -> dict[str, bytes]:
    return contents(played / "whole")


@pytest.fixture
def kept(played: Path, tmp_path: Path) -> Path:
    """The files of two points that are kept for the sweep into `run`."""
    return Path(shutil.copytree(work_folder(played / "run"), work_folder(tmp_path / "run")))


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The scenarios that are played, the base case included."""
    found: list[object] = []
    lay_out, lay_out_all = playing.lay_out, playing.lay_out_all

    def counted(scenario: Scenario, seed: int, last_trial: int) -> Model:
        found.append(scenario)
        return lay_out(scenario, seed, last_trial)

    def all_counted(scenarios: Sequence[Scenario], seed: int, last_trial: int) -> list[Model]:
        found.extend(scenarios)
        return lay_out_all(scenarios, seed, last_trial)

    monkeypatch.setattr(playing, "lay_out", counted)
    monkeypatch.setattr(playing, "lay_out_all", all_counted)
    return found


def work_folder(target: Path) -> Path:
    return target.parent / f".{target.name}.work"


def cut_off(config: SweptConfig, target: Path, points: int) -> None:
    """Play some points of a sweep, and go no further."""
    with claim(target, SWEEP_FORMAT) as claimed:
        job = riskengine.verbs.jobs.sweep_job.open_job(config, claimed)

        def stop(done: int) -> None:
            if done == points:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt, match=f"{points} of 3 points are finished and kept"):
            job.play(stop)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left"), Killed()], ids=["full", "killed"]
)
def test_a_failure_at_any_call_is_made_good_by_the_same_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
) -> None:
    config = loaded(tmp_path, TWO_POINTS.replace("0, 120", "120"), trials=20)
    swept(config, tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    for fatal in range(1, 1000):
        target = tmp_path / f"run-{fatal}"
        failing = FailingOs(fatal, failure)
        with monkeypatch.context() as patch:
            patch.setattr(disk, "os", failing)
            try:
                swept(config, target)
            except (RunFault, Killed):
                assert not target.exists() or contents(target) == expected
        swept(config, target)
        assert contents(target) == expected
        assert not work_folder(target).exists()
        if failing.calls < fatal:
            break
    assert 60 < fatal < 999


@pytest.mark.usefixtures("without_reports")
def test_only_what_was_not_finished_is_played_again(
    tmp_path: Path, config: SweptConfig, whole: dict[str, bytes], plays: list[object]
) -> None:
    for finished, left in ((1, 2), (2, 1), (3, 0)):
        target = tmp_path / f"run-{finished}"
        cut_off(config, target, finished)
        plays.clear()
        swept(config, target)
        assert len(plays) == left
        assert contents(target) == whole


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize("name", ["point-000000", "point-000001", "base-losses", "sweep.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_file_is_made_anew(
    tmp_path: Path,
    config: SweptConfig,
    whole: dict[str, bytes],
    kept: Path,
    name: str,
    damage: str,
) -> None:
    file = kept / name
    if not file.exists():  # of two points that are played at a time, the other one ended first
        file = kept / "point-000002"
    data = file.read_bytes()
    file.write_bytes({"cut": data[:-9], "changed": data.replace(b"0", b"1"), "empty": b""}[damage])
    swept(config, tmp_path / "run")
    assert contents(tmp_path / "run") == whole


def _edited(edit: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def edited(content: bytes) -> bytes:
        record = json.loads(content)
        edit(record)
        return json.dumps(record).encode()

    return edited


@pytest.mark.costly
@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("point-000000", _edited(lambda record: record.update(figures=[7]))),
        ("point-000000", _edited(lambda record: record.update(point="0"))),
        ("point-000000", _edited(lambda record: record.update(status="half"))),
        ("point-000000", _edited(lambda record: record.pop("message"))),
        ("point-000000", _edited(lambda record: record["figures"][0].update(value="many"))),
        ("point-000000", _edited(lambda record: record["figures"][0].pop("unit"))),
        ("point-000000", _edited(lambda record: record["figures"][1].update(value=1e300))),
        ("point-000000", _edited(lambda record: record["figures"][1].update(name="nobody"))),
        ("point-000000", _edited(lambda record: record["figures"][1].update(scope="industry"))),
        ("point-000000", _edited(lambda record: record["figures"][1].update(measure="max"))),
        ("point-000000", _edited(lambda record: record["figures"][-3].update(level=0.5))),
        ("point-000000", _edited(lambda record: record["figures"][1].update(unit="KRW"))),
        ("point-000000", _edited(lambda record: record["figures"].pop())),
        ("point-000000", _edited(lambda record: record["figures"].reverse())),
        ("point-000000", _edited(lambda record: record["figures"].append(record["figures"][0]))),
        ("point-000000", _edited(lambda record: record["errors"].pop())),
        ("point-000000", _edited(lambda record: record["errors"][3].pop())),
        ("point-000000", _edited(lambda record: record["errors"][3].append(0.0))),
        ("point-000000", _edited(lambda record: record["errors"][3].__setitem__(0, 1e300))),
        ("point-000000", _edited(lambda record: record["errors"][3].__setitem__(0, "0"))),
        ("point-000000", _edited(lambda record: record.update(message="all is well"))),
        ("point-000000", _edited(lambda record: record.update(status="failed", message="no"))),
        (
            "point-000000",
            _edited(
                lambda record: record.update(status="failed", message="no", figures=[], errors=[])
            ),
        ),
        ("point-000000", lambda content: b"[" * 5000),
        ("point-000000", lambda content: content.replace(b"null", b"NaN")),
        ("base-losses", lambda content: content[:-8]),
        ("base-losses", lambda content: content + bytes(8)),
        ("base-losses", lambda content: b"\xff" * len(content)),
        ("base-losses", lambda content: np.full(len(content) // 8, 1e300).tobytes()),
        ("sweep.json", lambda content: b"[]"),
        ("sweep.json", lambda content: b'{"the config": 7}'),
    ],
)
def test_a_kept_file_of_somebody_else_is_made_anew_when_it_is_not_ours(
    tmp_path: Path,
    config: SweptConfig,
    whole: dict[str, bytes],
    kept: Path,
    name: str,
    edit: Callable[[bytes], bytes],
) -> None:
    reseal(kept, name, edit((kept / name).read_bytes().partition(b"\n")[2]))
    swept(config, tmp_path / "run")
    assert contents(tmp_path / "run") == whole


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    ("status", "message", "figures"), [("failed", "", []), ("failed", "no", None)]
)
def test_a_kept_point_that_failed_says_why_and_has_no_figures(
    tmp_path: Path,
    config: SweptConfig,
    whole: dict[str, bytes],
    status: str,
    message: str,
    figures: list[object] | None,
) -> None:
    """None for the figures that it has."""
    target = tmp_path / "run"
    cut_off(config, target, 3)
    kept = work_folder(target)
    record = json.loads((kept / "point-000001").read_bytes().partition(b"\n")[2])
    found = record["figures"] if figures is None else figures
    record |= {"status": status, "message": message, "figures": found}
    if not found:
        record["errors"] = []
    reseal(kept, "point-000001", json.dumps(record).encode())
    swept(config, target)
    assert contents(target) == whole


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize("name", ["sweep.json", "point-000000", "base-losses"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_in_the_place_of_a_kept_one_is_neither_waited_for_nor_followed(
    tmp_path: Path,
    config: SweptConfig,
    whole: dict[str, bytes],
    kept: Path,
    name: str,
    kind: str,
) -> None:
    place, aside = kept / name, tmp_path / "aside"
    place.rename(aside)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to(aside)
    else:
        (place / "deep").mkdir(parents=True)
    data = aside.read_bytes()
    swept(config, tmp_path / "run")
    assert contents(tmp_path / "run") == whole
    assert not kept.exists()
    assert aside.read_bytes() == data


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("kind", ["link", "file", "special file"])
def test_what_is_no_folder_in_the_place_of_the_kept_points_is_refused_and_untouched(
    tmp_path: Path, config: SweptConfig, kind: str, restart: bool
) -> None:
    """Through a link, the files of another folder would be taken for unfinished ones of ours."""
    place, elsewhere = work_folder(tmp_path / "run"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "letter.new").write_text("precious")
    if kind == "link":
        place.symlink_to(elsewhere)
    elif kind == "file":
        place.write_text("precious")
    else:
        os.mkfifo(place)
    with pytest.raises(UsageFault, match=f"is a {kind} and no folder; remove it"):
        swept(config, tmp_path / "run", restart=restart)
    assert disk.kind(place) == kind
    assert contents(elsewhere) == {"letter.new": b"precious"}


@pytest.mark.usefixtures("without_reports")
def test_a_point_that_reads_another_table_keeps_its_own_industries(
    tmp_path: Path, plays: list[object]
) -> None:
    (tmp_path / "more.csv").write_text("industry,value_added_per_year\nships,9000\n")
    (tmp_path / "uses.csv").write_text(
        "industry,material,share,dependence,inventory_days\nships,ndfeb-magnets,0.1,0.2,5\n"
    )
    sweep = """
    method = "grid"
    [sweep.parameters]
    "tables.industries, tables.uses" = [["more.csv", "uses.csv"]]
    """
    config = loaded(tmp_path, sweep, TRIALS)
    whole = swept(config, tmp_path / "whole")
    assert {row.name for row in whole.figures if row.scope == "industry" and row.point == 1} == {
        "automobile",
        "ships",
    }
    with claim(tmp_path / "run", SWEEP_FORMAT) as claimed:
        riskengine.verbs.jobs.sweep_job.open_job(config, claimed).play()
    plays.clear()
    swept(config, tmp_path / "run")
    assert plays == []
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


@pytest.mark.usefixtures("without_reports")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: [f"{STOCK}=50"], "the config"),
        (lambda folder: ["run.trials=61"], "the number of trials"),
        (lambda folder: ["run.seed=9"], "the seed"),
        (lambda folder: ["sweep.method=grid"], "the sweep"),
        (lambda folder: _comment(folder), "the files that it reads"),
    ],
)
def test_a_changed_config_is_refused_with_the_choice_and_nothing_is_lost(
    tmp_path: Path,
    config: SweptConfig,
    change: Callable[[Path], list[str]],
    words: str,
) -> None:
    target = tmp_path / "run"
    cut_off(config, target, 2)
    kept = contents(work_folder(target))
    changed = load_sweep(tmp_path / "swept.toml", change(tmp_path))
    with pytest.raises(UsageFault) as caught:
        swept(changed, target)
    assert f"since then {words} changed" in str(caught.value)
    assert "played: 2 points" in str(caught.value)
    assert "--restart" in str(caught.value)
    assert contents(work_folder(target)) == kept
    swept(changed, target, restart=True)
    swept(changed, tmp_path / "fresh")
    assert contents(target) == contents(tmp_path / "fresh")


@pytest.mark.usefixtures("without_reports")
def test_everything_that_changed_is_listed(tmp_path: Path, config: SweptConfig) -> None:
    target = tmp_path / "run"
    cut_off(config, target, 1)
    words: list[str] = []
    for changes in (["run.trials=61", "run.seed=9"], ["run.trials=61", "run.seed=9", f"{STOCK}=5"]):
        with pytest.raises(UsageFault) as caught:
            swept(load_sweep(tmp_path / "swept.toml", changes), target)
        words.append(str(caught.value).partition("since then ")[2].partition(" changed")[0])
    two, three = words
    first, second = two.split(" and ")
    assert {first, second} == {"the number of trials", "the seed"}
    head, last = three.split(" and ")
    assert {*head.split(", "), last} == {"the config", "the number of trials", "the seed"}
    assert three.count(", ") == 1


def test_the_order_of_keys_does_not_make_another_digest() -> None:
    one, other = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}
    assert digest_of([one]) == digest_of([other])
    assert digest_of([one, 1]) != digest_of([1, one])
    assert digest_of([[1, 2]]) != digest_of([[2, 1]])


def _comment(folder: Path) -> list[str]:
    with (folder / "minimal.toml").open("a") as file:
        file.write("# a remark\n")
    return []


@pytest.mark.usefixtures("without_reports")
def test_another_engine_is_noticed(
    tmp_path: Path, config: SweptConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "run"
    cut_off(config, target, 1)
    monkeypatch.setattr(riskengine.store.work, "engine_digest", lambda: "another")
    with pytest.raises(UsageFault, match="since then the engine changed"):
        swept(config, target)


@pytest.mark.usefixtures("without_reports")
def test_restart_plays_everything_again(
    tmp_path: Path, config: SweptConfig, plays: list[object]
) -> None:
    target = tmp_path / "run"
    cut_off(config, target, 3)
    plays.clear()
    swept(config, target, restart=True)
    assert len(plays) == 3


@pytest.mark.usefixtures("without_reports")
def test_progress_counts_the_points_that_this_process_finishes(
    tmp_path: Path, config: SweptConfig
) -> None:
    cut_off(config, tmp_path / "run", 1)
    with claim(tmp_path / "run", SWEEP_FORMAT) as claimed:
        job = riskengine.verbs.jobs.sweep_job.open_job(config, claimed)
        assert job.remaining == [1, 2]
        seen: list[int] = []
        job.play(seen.append)
    assert seen == [1, 2]


@pytest.mark.usefixtures("without_reports")
def test_a_sweep_is_not_taken_for_the_results_of_a_run(tmp_path: Path, config: SweptConfig) -> None:
    swept(config, tmp_path / "run")
    with pytest.raises(ResultsFault, match="holds the tables of a sweep"):
        load_results(tmp_path / "run")


@pytest.mark.usefixtures("without_reports")
def test_a_second_sweep_into_the_same_folder_is_refused(
    tmp_path: Path, config: SweptConfig
) -> None:
    with (
        claim(tmp_path / "run", SWEEP_FORMAT),
        pytest.raises(UsageFault, match="is in use"),
    ):
        swept(config, tmp_path / "run")


@pytest.mark.usefixtures("without_reports")
def test_a_finished_folder_is_replaced_by_a_new_complete_one(
    tmp_path: Path, config: SweptConfig
) -> None:
    target = tmp_path / "run"
    swept(config, target)
    other = load_sweep(tmp_path / "swept.toml", ["run.seed=9"])
    swept(other, target)
    assert json.loads((target / "manifest.json").read_text("utf-8"))["seed"] == 9


@pytest.mark.usefixtures("without_reports")
def test_a_sweep_and_a_run_do_not_replace_one_another(
    tmp_path: Path, config: SweptConfig, make_losses: Callable[..., object]
) -> None:
    swept(config, tmp_path / "swept")
    losses = make_losses(trials=40)
    with pytest.raises(UsageFault, match="holds the tables of a sweep"):
        save(losses, tmp_path / "swept", PROVENANCE)  # type: ignore[arg-type]
    save(losses, tmp_path / "run", PROVENANCE)  # type: ignore[arg-type]
    with pytest.raises(UsageFault, match="holds the results of a run"):
        swept(config, tmp_path / "run")


@pytest.mark.costly
@pytest.mark.usefixtures("without_reports")
def test_the_threads_cannot_be_seen_in_the_tables(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    for threads in (1, 2, 5):
        swept(config, tmp_path / str(threads), threads=threads)
    assert contents(tmp_path / "1") == contents(tmp_path / "2") == contents(tmp_path / "5")


@pytest.mark.costly
def test_workbook_and_page_are_the_same_bytes_too(tmp_path: Path, config: SweptConfig) -> None:
    for name in ("one", "two"):
        swept(config, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert {"sweep.xlsx", "sweep.html"} <= set(contents(tmp_path / "one"))


@pytest.mark.usefixtures("without_reports")
def test_texts_in_the_tables_cannot_run_as_formulas(tmp_path: Path) -> None:
    path = write_config(tmp_path, TWO_POINTS, TRIALS)
    text = path.read_text("utf-8").replace('"materials.ndfeb', '\'materials."=1+1"')
    text = text.replace('-magnets.stocks.private.days"', ".stocks.private.days'")
    path.write_text(text, encoding="utf-8")
    minimal = tmp_path / "minimal.toml"
    named = minimal.read_text("utf-8").replace("ndfeb-magnets", '"=1+1"')
    minimal.write_text(named, encoding="utf-8")
    swept(load_sweep(path), tmp_path / "run")
    rows = (tmp_path / "run" / "sweep.csv").read_text("utf-8").splitlines()
    names = {row.split(",")[2] for row in rows if row.split(",")[1] == "material"}
    assert names == {"'=1+1"}
    assert os.path.exists(tmp_path / "run" / "points.csv")
