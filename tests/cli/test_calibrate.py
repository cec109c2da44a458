"""`riskengine calibrate`: a table in, a folder out, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from calibrate_worlds import HISTORY

from riskengine.cli import root
from riskengine.cli.exits import exit_code

pytestmark = pytest.mark.whole

FILES = ["fit.csv", "fit.html", "fit.toml", "fit.xlsx", "manifest.json"]
SMALL = "duration_days,censored,kind\n" + "".join(
    f"{days},{open_},{kind}\n"
    for days, open_, kind in [
        (10, 0, "ban"), (20, 0, "ban"), (35, 0, "ban"), (60, 0, "ban"), (90, 1, "ban"),
        (200, 0, "ban"), (15, 0, "quota"), (400, 1, "quota"), (50, 1, "other"),
    ]
)  # fmt: skip


def call(*arguments: str) -> int:
    return exit_code(root, ["calibrate", *arguments])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("small.csv").write_text(SMALL, encoding="utf-8")
    return tmp_path


def rows(name: str = "results/small-fit/fit.csv") -> list[dict[str, str]]:
    with Path(name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_the_folder_is_named_after_the_table_and_holds_everything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(str(HISTORY), "--quantity", "flow") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    place = Path("results/episodes-fit")
    assert sorted(path.name for path in place.iterdir()) == FILES
    assert "Time the flow was near zero, days" in shown.out
    assert "Onsets come in bunches" in shown.out
    results, opened, extended = shown.out.splitlines()[-3:]
    assert results == "Results: results/episodes-fit"
    assert opened.startswith("Open first: results/episodes-fit/fit.xlsx (or fit.html")
    assert extended == "A config can extend: results/episodes-fit/fit.toml"
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(HISTORY.read_bytes()).hexdigest()
    assert manifest["input"] == {"name": "episodes.csv", "sha256": digest}
    assert manifest["options"]["quantity"] == "flow"
    assert manifest["cut_off"] == "2026-01-08"
    for name, about in manifest["files"].items():
        data = (place / name).read_bytes()
        assert about == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert digest in (place / "fit.toml").read_text(encoding="utf-8")


def test_every_form_has_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("small.csv", "--by", "kind", "--json") == 0
    shown = capsys.readouterr()
    found: dict[str, Any] = json.loads(shown.out)
    assert found["schema_version"] == 1
    table = rows()
    assert list(table[0]) == [
        "group", "quantity", "family", "parameter", "value", "lower", "upper", "n", "censored",
        "loglik", "aicc",
    ]  # fmt: skip
    assert len(table) == len(found["figures"])
    for row, figure in zip(table, found["figures"], strict=True):
        assert row["parameter"] == figure["parameter"]
        assert (float(row["value"]) if row["value"] else None) == figure["value"]
    best = next(row for row in table if row["family"] != "kaplan-meier")
    assert best["group"] == "all"
    sheet = openpyxl.load_workbook("results/small-fit/fit.xlsx")["Fits"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    first = next(row for row in cells if row[4] == best["family"])
    assert first[9] == pytest.approx(float(best["value"]))
    assert first[2:4] == [9, pytest.approx(3 / 9)]


def test_the_same_call_writes_the_same_bytes() -> None:
    def written() -> dict[str, bytes]:
        place = Path("results/small-fit")
        return {p.name: p.read_bytes() for p in place.iterdir() if p.name != "manifest.json"}

    assert call("small.csv", "--quiet") == 0
    before = written()
    assert call("small.csv", "--quiet") == 0
    assert written() == before
    assert call("small.csv", "--quiet", "--seed", "2") == 0
    assert written()["fit.csv"] != before["fit.csv"]


def test_all_parameters_are_named_as_in_a_config() -> None:
    assert call("small.csv", "--quiet") == 0
    named: dict[str, set[str]] = {}
    for row in rows():
        named.setdefault(row["family"], set()).add(row["parameter"])
    assert {"mu", "sigma", "median"} <= named["lognormal"]
    assert {"shape", "scale"} <= named["weibull"]
    assert {"mean", "rate"} <= named["exponential"]
    assert {"shape", "scale", "mean", "cv"} <= named["gamma"]
    assert {"median", "shape", "scale"} <= named["loglogistic"]


def test_a_family_may_be_forced_and_a_folder_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("small.csv", "--family", "weibull", "--out", "deep/er", "--quiet") == 0
    assert capsys.readouterr().out == "deep/er\n"
    assert {row["family"] for row in rows("deep/er/fit.csv")} == {"kaplan-meier", "weibull"}


def test_excel_csv_has_a_byte_order_mark() -> None:
    assert call("small.csv", "--quiet", "--excel-csv") == 0
    assert Path("results/small-fit/fit.csv").read_bytes().startswith(b"\xef\xbb\xbfgroup")


def test_what_was_known_on_a_date_is_less(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(str(HISTORY), "--as-of", "2015-06-30", "--family", "lognormal") == 0
    assert "As known on 2015-06-30" in capsys.readouterr().out
    text = Path("results/episodes-fit/fit.toml").read_text(encoding="utf-8")
    assert "# As known on 2015-06-30." in text
    assert tomllib.loads(text) == {}
    everything = rows("results/episodes-fit/fit.csv")
    assert {int(row["n"]) for row in everything if row["quantity"] == "sojourn"} == {13}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.csv"], "there is no file"),
        (["small.csv", "--by", "knd"], 'did you mean "kind"?'),
        (["small.csv", "--by", "kind,"], "--by names columns"),
        (["small.csv", "--as-of", "2020-01-01"], "has no dates"),
        (["small.csv", "--as-of", "2020"], "is no day"),
        (["small.csv", "--as-of", "tomorrow"], "write a date"),
        (["small.csv", "--as-of", "2999-01-01"], "lies in the future"),
        (["small.csv", "--family", "normal"], "'normal' is not one of"),
        (["small.csv", "--quiet", "--json"], "choose one"),
        (["bad.csv"], "bad.csv!A2: duration_days: is -3"),
        (["open.csv"], "none of its 2 episodes has ended"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    Path("bad.csv").write_text("duration_days,censored\n-3,0\n", encoding="utf-8")
    Path("open.csv").write_text("duration_days,censored\n3,1\n9,1\n", encoding="utf-8")
    before = sorted(Path().rglob("*"))
    assert call(*arguments) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""
    assert sorted(Path().rglob("*")) == before


def test_a_place_for_something_else_is_told_before_anything_is_fitted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("open.csv").write_text("duration_days,censored\n3,1\n9,1\n", encoding="utf-8")
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear", encoding="utf-8")
    assert call("open.csv", "--out", "mine") == 2
    assert "left alone" in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear", encoding="utf-8")
    assert call("small.csv", "--out", "mine") == 2
    assert "left alone" in capsys.readouterr().err
    Path("run").mkdir()
    Path("run/manifest.json").write_text('{"format": "riskengine results", "files": {}}')
    assert call("small.csv", "--out", "run") == 2
    assert "holds the results of a run" in capsys.readouterr().err
    assert call("small.csv", "--out", "fit", "--quiet") == 0
    assert exit_code(root, ["report", "fit"]) != 0
    assert "is not a results folder" in capsys.readouterr().err


def test_groups_that_cannot_be_fitted_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("small.csv", "--by", "kind") == 0
    shown = capsys.readouterr().out
    assert "Time in force, other: not fitted, because its one episode has not ended" in shown
    assert "Time in force, quota: only 1 episode ended, fewer than 5." in shown


def test_a_korean_table_keeps_its_names_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = "=cmd|'/c calc'!A1<script>"
    text = SMALL.replace("ban", "갈륨").replace("quota", nasty)
    Path("한국.csv").write_text(text, encoding="utf-8")
    assert call("한국.csv", "--by", "kind") == 0
    assert "갈륨" in capsys.readouterr().out
    place = Path("results/한국-fit")
    groups = {row["group"] for row in rows(str(place / "fit.csv"))}
    assert groups == {"all", "갈륨", f"'{nasty}", "other"}
    page = (place / "fit.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "갈륨" in page
    sheet = openpyxl.load_workbook(place / "fit.xlsx")["Summary"]
    assert any(cell.value == nasty and cell.data_type == "s" for row in sheet for cell in row)
