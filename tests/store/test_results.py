"""What a results folder holds, and that it comes back as it was."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from riskengine.errors import RunFault
from riskengine.figures.curves import curves
from riskengine.figures.distribution import histogram, percentiles
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import Figure, figures
from riskengine.figures.sums import SumEvidence
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import prepare
from riskengine.play.stream import Stream
from riskengine.store import disk
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import claim
from riskengine.store.parquet import write_columns
from riskengine.store.provenance import Provenance, Stopwatch
from riskengine.store.results import StoredResults, load_results, save, write_stream
from riskengine.store.sheets import read_rows
from riskengine.store.streams import TrialFiles

PROVENANCE = Provenance(
    started="2026-01-08T00:00:00+00:00",
    seconds=1.5,
    overrides=("run.trials=300",),
    options={"threads": 2},
)
FILES = [
    "curves.csv",
    "histogram.csv",
    "industries.parquet",
    "losses.parquet",
    "materials.parquet",
    "metrics.csv",
    "percentiles.csv",
    "survival.parquet",
]


@pytest.fixture
def losses(make_losses: Callable[..., Losses]) -> Losses:
    return make_losses(trials=300, first_trial=500)


@pytest.fixture
def folder(tmp_path: Path, losses: Losses) -> Path:
    return save(losses, tmp_path / "run", PROVENANCE)


def same(left: Any, right: Any) -> bool:
    """Equal field by field, to the bit, where nan equals nan."""
    return repr(left) == repr(right)


def test_a_results_folder_holds_the_files_of_the_contract(folder: Path) -> None:
    assert sorted(os.listdir(folder)) == sorted([*FILES, "manifest.json"])


def test_a_file_that_is_made_of_results_lies_among_them_and_not_in_the_manifest(
    tmp_path: Path, losses: Losses
) -> None:
    listed: list[str] = []

    def workbook(stored: StoredResults) -> bytes:
        told = dict(stored.manifest["files"]["losses.parquet"])  # another thread may write it yet
        data = (stored.folder / "losses.parquet").read_bytes()
        assert told == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        listed.extend(stored.manifest["files"])
        return f"of {stored.table('losses.parquet').num_rows} trials".encode()

    folder = save(losses, tmp_path / "run", PROVENANCE, derived={"risk.xlsx": workbook})
    assert (folder / "risk.xlsx").read_bytes() == b"of 300 trials"
    assert listed == list(load_results(folder).manifest["files"])
    assert "risk.xlsx" not in listed


def test_trials_written_while_they_are_played_are_those_that_are_saved_at_once(
    tmp_path: Path, make_scenario: Callable[..., Scenario]
) -> None:
    plan = prepare(make_scenario(), trials=300, first_trial=500, threads=1)

    def play(rows: TrialFiles) -> SumEvidence:
        stream = Stream(plan)
        stream.play(300, rows.add)
        return stream.evidence()

    def workbook(stored: StoredResults) -> bytes:
        kept = json.loads((stored.folder / "manifest.json").read_text(encoding="utf-8"))["keep"]
        return f"of {stored.table('losses.parquet').num_rows} trials, {kept}".encode()

    for name, derived in (("with", {"risk.xlsx": workbook}), ("without", None)):
        with claim(tmp_path / name) as claimed:
            evidence, summary = write_stream(
                claimed,
                play,
                lambda: PROVENANCE,
                keep="all",
                further=lambda run: {"notes.txt": f"{run.trials} trials".encode()},
                derived=derived,
            )
        assert (evidence.first_trial, evidence.trials) == (500, 300)
        assert same(summary.figures, load_results(tmp_path / name).figures())

    streamed, plain = tmp_path / "with", save(plan.play(), tmp_path / "plain", PROVENANCE)
    assert (streamed / "risk.xlsx").read_bytes() == b"of 300 trials, all"
    assert sorted(os.listdir(tmp_path / "without")) == sorted(
        [*FILES, "manifest.json", "notes.txt"]
    )
    assert sorted(load_results(streamed).manifest["files"]) == sorted([*FILES, "notes.txt"])
    for name in FILES:
        if name.endswith(".parquet"):
            assert pq.read_table(streamed / name).equals(pq.read_table(plain / name)), name


def test_the_manifest_says_where_the_results_come_from(folder: Path, losses: Losses) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format_version"] == 2
    assert (manifest["seed"], manifest["first_trial"], manifest["trials"]) == (7, 500, 300)
    assert manifest["horizon_days"] == 730.0
    assert manifest["started"] == "2026-01-08T00:00:00+00:00"
    assert manifest["seconds"] == 1.5
    assert manifest["overrides"] == ["run.trials=300"]
    assert manifest["options"] == {"threads": 2}
    assert manifest["config"] == losses.scenario.document
    assert manifest["config_files"] == [{"name": "by-hand.toml", "sha256": "0" * 64}]
    assert {"riskengine", "numpy", "numba", "python"} <= set(manifest["versions"])
    assert manifest["platform"]
    assert {notice["code"] for notice in manifest["notices"]} >= {"thin-tail", "curve-truncated"}


def test_the_manifest_knows_size_and_hash_of_every_other_file(folder: Path) -> None:
    files = load_results(folder).manifest["files"]
    assert sorted(files) == FILES
    for name, about in files.items():
        data = (folder / name).read_bytes()
        assert about == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_figures_read_back_are_the_same_doubles(folder: Path, losses: Losses) -> None:
    assert same(load_results(folder).figures(), figures(RowEvidence(losses)))


def test_curves_read_back_are_the_same_doubles(folder: Path, losses: Losses) -> None:
    assert same(load_results(folder).curves(), curves(RowEvidence(losses)))


def test_the_distribution_read_back_has_the_same_doubles(folder: Path, losses: Losses) -> None:
    stored, evidence = load_results(folder), RowEvidence(losses)
    assert same(stored.percentiles(), percentiles(evidence))
    assert same(stored.histogram(), histogram(evidence))
    assert {type(row.trials) for row in stored.histogram()} == {int}


def test_losses_parquet_has_the_columns_of_the_contract(folder: Path, losses: Losses) -> None:
    table = load_results(folder).table("losses.parquet")
    assert table.column_names == [
        "trial",
        "total",
        "largest_spell",
        "industry:chips",
        "industry:motors",
    ]
    assert table["trial"].to_pylist() == list(range(500, 800))
    assert np.array_equal(table["total"].to_numpy(), losses.total)
    assert np.array_equal(table["industry:motors"].to_numpy(), losses.industry_loss[:, 1])


def test_materials_parquet_has_the_columns_of_the_contract(folder: Path, losses: Losses) -> None:
    table = load_results(folder).table("materials.parquet")
    kinds = ("loss", "cut_days", "cut_weighted_days", "shortage_days", "deepest_level")
    assert table.column_names == [
        "trial",
        *(f"{kind}:{name}" for kind in kinds for name in ("gallium", "rare earths")),
    ]
    deepest = table["deepest_level:gallium"]
    assert str(deepest.type) == "int64"
    assert deepest.null_count == 0
    assert np.array_equal(deepest.to_numpy(), losses.deepest_level[:, 0])


def test_industries_parquet_has_a_null_where_no_loss_ever_began(
    folder: Path, losses: Losses
) -> None:
    table = load_results(folder).table("industries.parquet")
    first = table["first_loss_day:chips"]
    assert first.null_count == np.isnan(losses.first_loss_day[:, 0]).sum() > 0
    assert np.array_equal(first.to_numpy(), losses.first_loss_day[:, 0], equal_nan=True)
    kinds = (
        "output",
        "rerouting",
        "price",
        "indirect",
        "loss_days",
        "stopped_days",
        "first_loss_day",
    )
    assert table.column_names == [
        "trial",
        *(f"{kind}:{name}" for kind in kinds for name in ("chips", "motors")),
    ]


def test_every_parquet_column_names_its_unit(folder: Path) -> None:
    schema = pq.read_schema(folder / "materials.parquet")
    assert schema.field("loss:gallium").metadata[b"unit"] == b"USD million"
    assert schema.field("cut_days:gallium").metadata[b"unit"] == b"days"
    assert b'["licensing", "full-ban"]' in schema.field("deepest_level:gallium").metadata[b"note"]


def test_the_same_losses_give_the_same_bytes(tmp_path: Path, folder: Path, losses: Losses) -> None:
    again = save(losses, tmp_path / "again", PROVENANCE)
    for name in [*FILES, "manifest.json"]:
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_losses_of_several_row_groups_come_back_whole(
    tmp_path: Path, make_losses: Callable[..., Losses]
) -> None:
    many = make_losses(trials=140_000)
    stored = load_results(save(many, tmp_path / "many", PROVENANCE))
    assert np.array_equal(stored.table("losses.parquet")["total"].to_numpy(), many.total)


def test_a_disk_that_takes_a_few_bytes_at_a_time_gets_them_all(
    tmp_path: Path, losses: Losses, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowOs:
        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def write(self, descriptor: int, data: memoryview) -> int:
            return os.write(descriptor, data[:1000])

    monkeypatch.setattr(disk, "os", SlowOs())
    again = save(losses, tmp_path / "again", PROVENANCE)
    load_results(again)
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_a_run_without_industries_and_materials_is_stored_too(
    tmp_path: Path,
    make_scenario: Callable[..., Scenario],
    make_losses: Callable[..., Losses],
) -> None:
    bare = make_losses(make_scenario(materials={}, industries={}), trials=20)
    folder = save(bare, tmp_path / "bare", PROVENANCE)
    assert pq.read_schema(folder / "industries.parquet").names == ["trial"]
    rows = read_rows(Figure, (folder / "metrics.csv").read_bytes())
    assert {figure.value for figure in rows if figure.measure == "var"} == {0.0}


def test_any_flipped_bit_is_noticed_and_the_file_named(folder: Path) -> None:
    flips = random.Random(1)
    for name in FILES:
        path = folder / name
        sound = path.read_bytes()
        for _ in range(10):
            damaged = bytearray(sound)
            damaged[flips.randrange(len(sound))] ^= 1 << flips.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises(ResultsFault, match=name):
                load_results(folder)
        path.write_bytes(sound)
    load_results(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ResultsFault, match=name):
        load_results(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "riskengine results"}', "[" * 9999])
def test_a_damaged_manifest_is_a_sentence(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ResultsFault):
        load_results(folder)


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = {"sha256": hashlib.sha256(b"secret").hexdigest(), "bytes": 6}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ResultsFault, match="damaged"):
        load_results(folder)


def test_a_link_in_a_results_folder_is_not_followed(tmp_path: Path, folder: Path) -> None:
    moved = tmp_path / "moved.csv"
    (folder / "metrics.csv").rename(moved)
    (folder / "metrics.csv").symlink_to(moved)
    with pytest.raises(ResultsFault, match=r"metrics\.csv"):
        load_results(folder)


def test_results_of_a_later_format_are_refused(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(
        text.replace('"format_version": 2', '"format_version": 3')
    )
    with pytest.raises(ResultsFault, match="format version 3"):
        load_results(folder)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_a_loss_that_cannot_be_stops_the_run_and_names_the_trial(
    tmp_path: Path, losses: Losses, bad: float
) -> None:
    broken = losses.industry_loss.copy()
    broken[42, 1] = bad
    with pytest.raises(RunFault, match="trial 542"):
        save(replace(losses, industry_loss=broken), tmp_path / "run", PROVENANCE)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("failure", [OSError(28, "No space left"), ValueError("pyarrow says no")])
def test_a_failure_while_trials_are_written_beside_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, losses: Losses, failure: Exception
) -> None:
    """The other thread fails at its third file, and a workbook is never begun."""
    made: list[int] = []

    def fail(file: disk.NewFile, columns: Any) -> None:
        made.append(threading.get_ident())
        if len(made) == 3:
            raise failure
        write_columns(file, columns)

    monkeypatch.setattr("riskengine.store.results.write_columns", fail)
    with pytest.raises(RunFault if isinstance(failure, OSError) else ValueError):
        save(losses, tmp_path / "run", PROVENANCE, derived={"risk.xlsx": lambda _: b"begun"})
    assert len(made) == 3
    assert threading.get_ident() not in made
    assert [name for name in os.listdir(tmp_path) if not name.endswith(".lock")] == []


def test_an_interrupt_while_trials_are_written_beside_waits_for_them_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, losses: Losses
) -> None:
    """Ctrl-C reaches the thread that computes figures; the other is in the middle of a file."""
    begun, interrupted = threading.Event(), threading.Event()

    def slow(file: disk.NewFile, columns: Any) -> None:
        begun.set()
        assert interrupted.wait(60.0)
        write_columns(file, columns)

    def figures_interrupted(_: Losses) -> None:
        assert begun.wait(60.0)
        interrupted.set()
        raise KeyboardInterrupt

    monkeypatch.setattr("riskengine.store.results.write_columns", slow)
    monkeypatch.setattr("riskengine.store.results.summarise", figures_interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(losses, tmp_path / "run", PROVENANCE)
    assert [name for name in os.listdir(tmp_path) if not name.endswith(".lock")] == []
    assert [each for each in threading.enumerate() if each.name.startswith("rows")] == []


@pytest.mark.parametrize("kind", ["loss_days", "first_loss_day"])
def test_columns_of_one_kind_are_those_of_the_whole_file(folder: Path, kind: str) -> None:
    stored = load_results(folder)
    every = stored.series("industries.parquet")
    some = stored.series("industries.parquet", kind)
    assert list(some) == ["trial", *(name for name in every if name.startswith(f"{kind}:"))]
    assert len(some) > 2
    for name, values in some.items():
        assert values.tobytes() == every[name].tobytes()


def test_dates_of_a_config_are_kept_as_iso_text(
    tmp_path: Path,
    make_scenario: Callable[..., Scenario],
    make_losses: Callable[..., Losses],
) -> None:
    day = datetime(2026, 1, 8, tzinfo=UTC).date()
    document = copy.deepcopy(make_scenario().document)
    document["run"]["valuation_date"] = day
    folder = save(make_losses(make_scenario(document=document)), tmp_path / "run", PROVENANCE)
    assert load_results(folder).manifest["config"]["run"]["valuation_date"] == "2026-01-08"


def test_a_stopwatch_gives_utc_and_seconds_that_do_not_go_backwards() -> None:
    provenance = Stopwatch.start().stop(("a=1",), {"threads": 1})
    assert datetime.fromisoformat(provenance.started).utcoffset() == UTC.utcoffset(None)
    assert provenance.seconds >= 0.0
    assert (provenance.overrides, provenance.options) == (("a=1",), {"threads": 1})
    assert (Stopwatch.start().stop().overrides, Stopwatch.start().stop().options) == ((), {})
