"""The manifest and the files of a results folder, field by field: what is refused, and how."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile_folders import sealed

from riskengine.model.losses import Losses
from riskengine.store import parquet, sheets
from riskengine.store.faults import ResultsFault
from riskengine.store.manifests import STORIES_SHAPE, read_manifest
from riskengine.store.provenance import Provenance
from riskengine.store.results import StoredResults, load_results, save
from riskengine.store.shapes import TEXT, Each, faults, number, or_null, parsed, whole

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.5)
TRIALS, FIRST = 60, 500


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, make_losses: Callable[..., Losses]) -> Path:
    losses = make_losses(trials=TRIALS, first_trial=FIRST)
    return save(losses, tmp_path_factory.mktemp("saved") / "run", PROVENANCE)


@pytest.fixture
def folder(tmp_path: Path, saved: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(saved, tmp_path / "run"))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    place = folder / "manifest.json"
    manifest = json.loads(place.read_text("utf-8"))
    change(manifest)
    place.write_text(json.dumps(manifest), "utf-8")


def refusal(folder: Path, read: Callable[[Any], object] = lambda stored: None) -> str:
    with pytest.raises(ResultsFault) as caught:
        read(load_results(folder))
    return str(caught.value)


KEYS = ["title", "started", "seconds", "versions", "platform", "seed", "first_trial", "trials"]
KEYS += ["horizon_days", "money", "config_files", "overrides", "options", "notices", "files"]


@pytest.mark.parametrize("key", [*KEYS, "config"])
def test_every_field_must_be_there_and_of_its_type(folder: Path, key: str) -> None:
    whole_text = (folder / "manifest.json").read_text("utf-8")
    edit(folder, lambda manifest: manifest.pop(key))
    assert refusal(folder) == f"{folder}/manifest.json is damaged: {key} is missing"
    for wrong in (None, True, [[]], {"a": []}, [7]):
        (folder / "manifest.json").write_text(whole_text, "utf-8")
        edit(folder, lambda manifest, wrong=wrong: manifest.update({key: wrong}))
        said = refusal(folder)
        assert said.startswith(f"{folder}/manifest.json is damaged: {key}") or key == "config"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trials": 0}, "trials is 0 in place of a whole number from 1 to"),
        ({"trials": 2.0}, "trials is 2.0"),
        ({"trials": 2**63}, "trials is 9223372036854775808"),
        ({"trials": 2**63 - 1 - FIRST + 1}, "its last trial is beyond any that can be played"),
        ({"seed": -1}, "seed is -1 in place of a whole number from 0 to 9223372036854775807"),
        ({"seed": 2**63}, "seed is 9223372036854775808"),
        ({"first_trial": -1}, "first_trial is -1"),
        ({"seconds": -0.5}, "seconds is -0.5 in place of a finite number from 0"),
        ({"horizon_days": 10**400}, "horizon_days is 1000"),
        ({"horizon_days": 731.0}, "horizon_days is 731.0, and 730.0 in the config in it"),
        ({"money": "EUR"}, "money is 'EUR', and 'USD million' in the config in it"),
        ({"started": "yesterday"}, 'started is "yesterday" in place of a time such as'),
        ({"keep": "some"}, 'keep is "some" in place of all or tail or none'),
        ({"sampling": {"points": "sobol", "tilt": 0.0}}, "sampling does not go with the config"),
        ({"notices": [{"code": "a"}]}, "notices.0.message is missing"),
        ({"notices": [{"code": 1, "message": ""}]}, "notices.0.code is 1 in place of a text"),
        ({"options": {"threads": [2]}}, "options.threads is [2]"),
        ({"config_files": [{"name": "a", "sha256": "0" * 63}]}, "config_files.0.sha256 is"),
        ({"format_version": 3}, "has format version 3"),
        ({"format": "riskengine sweep"}, "it holds the tables of a sweep"),
        ({"format": "riskengine mitigation"}, "it holds a mitigation study"),
    ],
)
def test_what_no_run_writes_is_refused_with_what_may_stand_there(
    folder: Path, change: dict[str, Any], words: str
) -> None:
    edit(folder, lambda manifest: manifest.update(change))
    assert words in refusal(folder)


@pytest.mark.parametrize(
    "change", [{"trials": TRIALS}, {"seed": 0}, {"seed": 2**63 - 1}, {"seconds": 0}, {"note": [1]}]
)
def test_the_ends_of_a_range_are_in_it_and_further_keys_are_let_pass(
    folder: Path, change: dict[str, Any]
) -> None:
    edit(folder, lambda manifest: manifest.update(change))
    assert load_results(folder).figures()


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "a/b", "a\\b", "C:x", "", ".", "..", ".hidden", "a\0", "x" * 300],
)
def test_a_file_has_the_name_of_a_file_of_the_folder(folder: Path, name: str) -> None:
    about = {"sha256": "0" * 64, "bytes": 6}
    edit(folder, lambda manifest: manifest["files"].update({name: about}))
    assert "the name of a file" in refusal(folder)


READERS: dict[str, Callable[[StoredResults], Any]] = {
    "metrics.csv": StoredResults.figures,
    "curves.csv": StoredResults.curves,
    "percentiles.csv": StoredResults.percentiles,
    "histogram.csv": StoredResults.histogram,
}


@pytest.mark.parametrize("name", ["metrics.csv", "curves.csv", "losses.parquet"])
def test_the_files_of_every_run_must_be_listed(folder: Path, name: str) -> None:
    edit(folder, lambda manifest: manifest["files"].pop(name))
    assert "is damaged: " in refusal(folder)


def test_a_size_is_held_against_the_file_before_it_is_read(folder: Path) -> None:
    edit(folder, lambda manifest: manifest["files"]["metrics.csv"].update(bytes=2**40))
    os.truncate(folder / "metrics.csv", 2**40 - 1)  # a terabyte of nothing
    assert refusal(folder).startswith(f"{folder}/metrics.csv is damaged: it differs")


@pytest.mark.parametrize("name", ["manifest.json", "metrics.csv"])
def test_a_text_larger_than_any_of_ours_is_not_read(folder: Path, name: str) -> None:
    os.truncate(folder / name, 2**26 + 1)
    if name != "manifest.json":
        sealed(folder)
    assert "is damaged: it is larger than 67,108,864 bytes" in refusal(
        folder, lambda s: s.figures()
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting"),
        ('{"seed": NaN}', "NaN is no number that JSON knows"),
        ('{"seed": "\\ud800"}', "no text in UTF-8"),
        ("[" * 50 + "]" * 50, "nested too deep"),
        ("[" * 100_000, "nested too deep"),
        ('{"seed": ' + "9" * 5000 + "}", "integer string conversion"),
    ],
)
def test_what_is_no_json_of_ours_is_a_sentence(folder: Path, text: str, words: str) -> None:
    (folder / "manifest.json").write_text(text, "utf-8")
    said = refusal(folder)
    assert said.startswith(f"{folder}/manifest.json is damaged: ")
    assert words in said


def test_a_config_that_leads_to_files_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    Path("other.toml").write_text("[run]\ntrials = 7\n", "utf-8")
    edit(folder, lambda manifest: manifest["config"].update(extends="other.toml"))
    assert "its config names a file, other.toml, and must not" in refusal(folder)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
@pytest.mark.parametrize("name", ["manifest.json", "metrics.csv", "losses.parquet"])
def test_what_is_no_plain_file_is_named_and_not_waited_for(
    folder: Path, kind: str, name: str
) -> None:
    path = folder / name
    path.rename(folder.parent / "moved")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(folder.parent / "moved")
    else:
        path.mkdir()
    words = "it is a link, which is not followed" if kind == "link" else "it is not a plain file"
    assert refusal(folder) == f"{path} cannot be read: {words}"


def rewritten(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.ParquetFile(folder / name).read(use_threads=False)), folder / name)
    sealed(folder)


def _with(name: str, values: list[float]) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        field = table.schema.field(name)
        return table.set_column(at, field, pa.array(values, field.type))

    return changed


NUMBERS = list(range(FIRST, FIRST + TRIALS))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda table: table.slice(1),
            "it has 59 rows, and manifest.json speaks of trials 500 to 559",
        ),
        (lambda table: pa.concat_tables([table, table]), "it has 120 rows"),
        (lambda table: table.drop_columns(["total"]), 'it has a column "largest_spell" of double'),
        (lambda table: table.select(["trial", "total", "largest_spell"]), "it has no more columns"),
        (
            lambda table: table.append_column("more", table["total"]),
            'it has a column "more" of double',
        ),
        (lambda table: table.rename_columns(["trial", "sum", *table.column_names[2:]]), '"sum"'),
        (lambda table: table.set_column(1, "total", table["total"].cast("float32")), "of float,"),
        (
            lambda table: table.set_column(1, "total", table["total"]),
            '"total" of double, and a run',
        ),
        (_with("total", [*[1.0] * 59, float("nan")]), 'column "total" has a value that no run'),
        (_with("total", [*[1.0] * 59, float("-inf")]), 'column "total" has a value that no run'),
        (_with("total", [-1e200, *[1.0] * 59]), 'column "total" has a value that no run'),
        (_with("trial", NUMBERS[::-1]), "it has other trials than manifest.json"),
        (_with("trial", [*NUMBERS[1:], 560]), "it has other trials than manifest.json"),
        (_with("trial", [499, *NUMBERS[1:]]), "it has other trials than manifest.json"),
        (_with("trial", [500, 500, *NUMBERS[2:]]), "it has other trials than manifest.json"),
    ],
)
def test_rows_that_no_run_of_the_manifest_writes_are_refused(
    folder: Path, change: Callable[[pa.Table], pa.Table], words: str
) -> None:
    rewritten(folder, "losses.parquet", change)
    said = refusal(folder, lambda stored: stored.table("losses.parquet"))
    assert said.startswith(f"{folder}/losses.parquet is damaged: it has ") or "column" in said
    assert words in said


def test_columns_of_any_size_that_a_run_can_write_are_read(folder: Path) -> None:
    rewritten(folder, "losses.parquet", _with("total", [1e150] * TRIALS))
    assert load_results(folder).table("losses.parquet")["total"].to_pylist() == [1e150] * TRIALS


@pytest.mark.parametrize("kept", [[500, 520, 559], []])
def test_a_folder_of_the_worst_trials_may_hold_any_of_them(folder: Path, kept: list[int]) -> None:
    edit(folder, lambda manifest: manifest.update(keep="tail"))
    chosen = pa.array([number - FIRST for number in kept], pa.int64())
    rewritten(folder, "losses.parquet", lambda table: table.take(chosen))
    assert load_results(folder).rows("losses.parquet")["trial"].to_pylist() == kept


def test_rows_that_do_not_fit_into_memory_are_refused_before_they_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 rows of 5 columns of 8 bytes, and as much again to work with, are 4,800 bytes."""
    monkeypatch.setattr(parquet, "memory_bytes", lambda: 4_799)
    said = refusal(folder, lambda stored: stored.table("losses.parquet"))
    assert "its 60 rows take 0.0 GiB of memory, and this machine has 0.0 GiB" in said
    monkeypatch.setattr(parquet, "memory_bytes", lambda: 4_800)
    assert load_results(folder).table("losses.parquet").num_rows == 60


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("metrics.csv", "scope,name", "scope,names", "line 1: its columns are"),
        ("metrics.csv", "total,,all,mean", "total,,all", "line 2: it is not the table"),
        ("metrics.csv", "total,,all,mean,", "total,,all,mean,high", "line 2: could not convert"),
        (
            "metrics.csv",
            "total,,all,mean,",
            "total,,all,mean,1",
            "line 2: mean has no level, and 1.0 stands there",
        ),
        ("metrics.csv", "total,,all,var,0.9,", "total,,all,var,,", "var has a level, and None"),
        (
            "metrics.csv",
            "total,,all,var,0.9,",
            "total,,all,var,0.98,",
            "0.98 is no confidence level of the config",
        ),
        ("metrics.csv", "total,,all,mean", "total,,all,median", 'no measure "median" of total'),
        ("metrics.csv", "total,,all,mean", "total,,all,cut_days", 'measure "cut_days" of total'),
        ("metrics.csv", "total,,output,mean", "total,,input,mean", 'no component "input" of mean'),
        ("metrics.csv", "total,,all,sd", "total,,output,sd", 'no component "output" of sd'),
        ("metrics.csv", "total,,all,mean,,", "total,,all,mean,,1e9", "could not convert"),
        ("metrics.csv", "total,,all,mean,,", "total,,all,mean,,inf,1\ntotal,,all,mean,,", "cells"),
        ("metrics.csv", "total,,all,mean,", "total,x,all,mean,", 'line 2: there is no total "x"'),
        ("metrics.csv", "industry,chips", "industry,ships", 'there is no industry "ships"'),
        ("metrics.csv", "total,,all,mean", "sum,,all,mean", 'line 2: there is no sum ""'),
        ("metrics.csv", "total,,all,mean", '"total,,all,mean', "line"),
        ("curves.csv", "AEP,", "AEP,-", "line 2: its return period or probability"),
        ("percentiles.csv", "0.05,", "1.05,", "line 3: its probability or loss"),
        ("percentiles.csv", "0.05,", "0.05,1e160,1,1\n0.05,", "line 3: 1e+160 is no figure"),
        ("histogram.csv", "0.0,0.0,", "0.0,0.0,-", "line 2: no bin holds such a number"),
        ("histogram.csv", "0.0,0.0,", "0.0,0.0,1.5", "line 2: invalid literal"),
        ("histogram.csv", "0.0,0.0,", "1.0,0.0,", "its upper end 0 is below its lower end 1"),
    ],
)
def test_figures_that_no_run_writes_are_refused_by_line(
    folder: Path, name: str, old: str, new: str, words: str
) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    sealed(folder)
    read = READERS[name]
    said = refusal(folder, read)
    assert said.startswith(f"{folder}/{name} is damaged: ")
    assert words in said


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("metrics.csv", {}, ""),
        ("metrics.csv", {"value": "1e160"}, "1e+160 is no figure of a run"),
        ("metrics.csv", {"lower": "-1e160"}, "1e+160 is no figure of a run"),
        ("metrics.csv", {"scope": "industry", "name": "ships"}, 'no industry "ships"'),
        ("curves.csv", {}, ""),
        ("curves.csv", {"loss": "1e160"}, "1e+160 is no figure of a run"),
        ("curves.csv", {"scope": "industry", "name": "ships"}, 'no industry "ships"'),
        ("curves.csv", {"probability": "0"}, "return period or probability is not above 0"),
        ("curves.csv", {"return_period": "0"}, "return period or probability is not above 0"),
    ],
)
def test_the_last_row_of_figures_is_held_against_the_scenario_too(
    folder: Path, name: str, change: dict[str, str], words: str
) -> None:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows.append(rows[0] | change)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sealed(folder)
    read = READERS[name]
    if words:
        assert f"line {len(rows) + 1}: " in (said := refusal(folder, read))
        assert words in said
    else:
        assert len(read(load_results(folder))) == len(rows)


def test_a_table_of_more_figures_than_any_run_has_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = len((folder / "metrics.csv").read_text("utf-8").splitlines()) - 1
    monkeypatch.setattr(sheets, "_MOST_ROWS", rows)
    assert len(load_results(folder).figures()) == rows
    monkeypatch.setattr(sheets, "_MOST_ROWS", rows - 1)
    assert "it is not the table that was written" in refusal(folder, lambda s: s.figures())


def test_a_fan_is_held_against_the_scenario(folder: Path) -> None:
    head = "material,quantity,day,mean,p50,p75,p90,p95,p99\n"
    for row, words in [
        ("gallium,lost,730.0,0.5,0,0,0,0,1", ""),
        ("gallium,lost,0,0.5,0,0,0,0,1", ""),
        ("gallium,lost,730.5,0.5,0,0,0,0,1", "line 2: day 730.5 is not within the horizon"),
        ("gallium,lost,-1,0.5,0,0,0,0,1", "line 2: day -1 is not within the horizon"),
        ("gallium,lost,1,,0,0,0,0,1", "line 2: a number is missing"),
        ("gallium,lost,1,1e160,0,0,0,0,1", "line 2: 1e+160 is no figure of a run"),
        ("tin,lost,1,0.5,0,0,0,0,1", 'line 2: there is no material "tin"'),
    ]:
        data = (head + row + "\n").encode()
        (folder / "timeline.csv").write_bytes(data)
        about = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        edit(
            folder, lambda manifest, about=about: manifest["files"].update({"timeline.csv": about})
        )
        if words:
            assert words in refusal(folder, lambda stored: stored.fan())
        else:
            assert load_results(folder).fan()[0].mean == 0.5


def test_a_shape_reads_like_the_document() -> None:
    shape = {"a": whole(1, 3), "b?": [or_null(number(0.0, 0.5))], "c": Each({"d": TEXT})}
    sound = {"a": 1, "c": {"x": {"d": ""}, "y": {"d": "", "more": 7}}}
    assert list(faults(sound, shape)) == []
    assert list(faults(sound | {"a": 3, "b": [None, 0, 0.5]}, shape)) == []
    wrong = {"a": 4, "b": [0.6, "x", True], "c": {"x": {}, "y": {"d": 1}}}
    assert list(faults(wrong, shape)) == [
        "a is 4 in place of a whole number from 1 to 3",
        "b.0 is 0.6 in place of a finite number from 0 to 0.5, or null",
        'b.1 is "x" in place of a finite number from 0 to 0.5, or null',
        "b.2 is true in place of a finite number from 0 to 0.5, or null",
        "c.x.d is missing",
        "c.y.d is 1 in place of a text",
    ]
    assert list(faults([], shape)) == ["the whole is [] in place of a table"]
    assert list(faults({"a": 1, "b": {}, "c": []}, shape)) == [
        "b is {} in place of a list",
        "c is [] in place of a table",
    ]


@pytest.mark.parametrize(
    ("field", "ends", "beyond"),
    [
        ("seconds", [0, 1e12], [-1e-9, 1.0001e12]),
        ("files.metrics.csv.bytes", [2**62], [-1, 2**62 + 1]),
        ("sampling.replicates", [1, 1_000_000], [0, 1_000_001]),
        ("sampling.onset_probability", [0, 1], [-1e-9, 1.0001]),
    ],
)
def test_a_number_of_a_manifest_may_be_either_end_of_its_range_and_nothing_beyond(
    folder: Path, field: str, ends: list[float], beyond: list[float]
) -> None:
    def change(manifest: dict[str, Any], value: float) -> None:
        if field.startswith("sampling"):
            manifest["config"]["run"]["sampling"] = "sobol"
            manifest["sampling"] = {"points": "sobol", "tilt": 0.0, field.split(".")[1]: value}
        elif field.startswith("files"):
            manifest["files"]["metrics.csv"]["bytes"] = value
        else:
            manifest[field] = value

    for value in ends:
        edit(folder, partial(change, value=value))
        assert read_manifest(folder)[0]["trials"] == TRIALS
    for value in beyond:
        edit(folder, partial(change, value=value))
        with pytest.raises(ResultsFault, match=re.escape(f"{json.dumps(value)} in place of")):
            read_manifest(folder)


DAYS, AMOUNTS = ([0, 3_650_000], [-1e-9, 3_650_001]), ([-1e150, 1e150], [-1.0001e150, 1.0001e150])


@pytest.mark.parametrize(
    ("path", "ends", "beyond"),
    [
        ("trial", [0, 2**63 - 1], [-1, 2**63, 1.0]),
        ("horizon_days", [1e-9, 3_650_000], [0, 9e-10, 3_650_001]),
        ("events.0.day", *DAYS),
        ("events.0.date", [None, "2026-01-08"], [5]),
        ("steps.visits.0.start_day", *DAYS),
        ("steps.visits.0.end_day", *DAYS),
        ("steps.supply.0.day", *DAYS),
        ("steps.supply.0.stock_days", *AMOUNTS),
        ("steps.output.0.day", *DAYS),
        ("steps.output.0.loss", *AMOUNTS),
        ("losses.total", *AMOUNTS),
        ("losses.industries.0.loss_days", *DAYS),
        ("losses.industries.0.first_loss_day", [None, 0, 3_650_000], [-1e-9, 3_650_001]),
        ("losses.industries.0.indirect", *AMOUNTS),
        ("losses.materials.0.loss", *AMOUNTS),
    ],
)
def test_a_number_of_a_story_may_be_either_end_of_its_range_and_nothing_beyond(
    path: str, ends: list[object], beyond: list[object]
) -> None:
    amounts = dict.fromkeys(("lost", "rerouted", "released", "short", "stock_days"), 0.5)
    parts = dict.fromkeys(("output", "rerouting", "price", "indirect", "loss"), 0.5)
    days = dict.fromkeys(("loss_days", "stopped_days", "first_loss_day"), 0.5)
    visit = {"dispute": "d", "material": "m", "level": "l", "start_day": 0.5, "end_day": 0.5}
    story: dict[str, Any] = {
        "at": "var99", "trial": 7, "money": "EUR", "horizon_days": 365.0,
        "events": [{"day": 0.5, "date": None, "kind": "k", "text": "t", "names": ["n"]}],
        "steps": {
            "visits": [visit],
            "supply": [{"material": "m", "day": 0.5, **amounts}],
            "output": [{"industry": "i", "day": 0.5, "loss": 0.5}],
        },
        "losses": {
            "total": 0.5, "industries": [{"industry": "i", **days, **parts}],
            "materials": [{"material": "m", "loss": 0.5}],
        },
    }  # fmt: skip
    document = {"stories": [story]}
    assert list(faults(document, STORIES_SHAPE)) == []
    *above, key = path.split(".")
    held: Any = story
    for name in above:
        held = held[int(name)] if name.isdigit() else held[name]
    for value in ends:
        held[key] = value
        assert list(faults(document, STORIES_SHAPE)) == []
    for value in beyond:
        held[key] = value
        (said,) = faults(document, STORIES_SHAPE)
        assert said.startswith(f"stories.0.{path} is {json.dumps(value)} in place of ")


def test_a_long_value_is_cut_in_a_message() -> None:
    (said,) = faults({"a": "x" * 58}, {"a": whole(1, 2)})
    assert said == f'a is "{"x" * 58}" in place of a whole number from 1 to 2'
    (said,) = faults({"a": "x" * 59}, {"a": whole(1, 2)})
    assert said == f'a is "{"x" * 59}... in place of a whole number from 1 to 2'


@pytest.mark.parametrize(("depth", "is_read"), [(40, True), (41, False)])
def test_a_document_is_read_down_to_a_depth_that_ours_never_reach(
    depth: int, is_read: bool
) -> None:
    data = ("[" * depth + "]" * depth).encode()
    if is_read:
        assert np.array(parsed(data, [Each(TEXT)] if depth == 0 else _anything())) is not None
    else:
        with pytest.raises(ValueError, match="nested too deep"):
            parsed(data, _anything())


def _anything() -> Any:
    from riskengine.store.shapes import Value

    return Value("anything", lambda found: True)
