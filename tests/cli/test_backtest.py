"""`riskengine backtest`: a suite in, a folder with tables, workbook and page out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from backtest.suite_worlds import CONFIG, SUITE, write_suite

from riskengine.cli import root
from riskengine.cli.exits import exit_code

pytestmark = pytest.mark.whole

FILES = ["backtest.csv", "backtest.html", "backtest.xlsx", "copies.csv", "manifest.json",
         "scores.csv", "skill.csv", "summary.csv"]  # fmt: skip


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    write_suite(tmp_path / "suites")
    return "suites"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_suite_is_played_into_a_folder(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("backtest", suite) == 0
    shown = capsys.readouterr()
    folder = Path("results/two-stops-backtest")
    assert names(folder) == FILES
    assert shown.err == ""
    assert "What was seen, beside what the model predicted on the day" in shown.out
    assert "Estimates that others published, beside ours" in shown.out
    *_, results, opened = shown.out.splitlines()
    assert results == f"Results: {folder}"
    assert opened.startswith(f"Open first: {folder}/backtest.xlsx")
    assert (folder / "backtest.xlsx").is_file()
    scores = rows(folder / "backtest.csv")
    assert [row["name"] for row in scores] == ["back", "loss", "cut", "bank"]
    back, loss, cut, bank = scores
    assert (back["case"], back["as_of"], back["outcome"]) == ("stop", "2010-09-21", "90.0")
    assert (loss["outcome"], loss["outcome_low"], loss["outcome_high"]) == ("", "100.0", "")
    assert loss["outcome_text"] == "none seen in 100 days"
    # A threat in a config whose dispute never starts by itself: nothing is cut in any trial.
    assert (cut["chance_none"], cut["inside_50"], cut["percentile"]) == ("1.0", "yes", "0.5")
    assert bank["kind"] == "published"
    summary = rows(folder / "summary.csv")
    assert [
        [row[k] for k in ("group", "known", "interval", "outcomes")] for row in summary[:4]
    ] == [
        ["all", "two-sided", "0.5", "2"],
        ["all", "two-sided", "0.9", "2"],
        ["all", "one-sided", "0.5", "1"],
        ["all", "one-sided", "0.9", "1"],
    ]
    assert [row["known"] for row in scores] == ["two-sided", "one-sided", "two-sided", "two-sided"]
    # Of one-sided outcomes no share is expected.
    assert {(row["lower"], row["upper"], row["expected"]) for row in summary[2:4]} == {("", "", "")}


def with_history(suite: str) -> None:
    """The suite with a table of past episodes, and with a stock of 90 days: an outcome."""
    text = SUITE.replace("seed = 3\n", 'seed = 3\nhistory = "tables/past.csv"\n')
    write_suite(Path(suite), text, CONFIG.replace("inventory_days = 30", "inventory_days = 90"))
    Path(suite, "tables", "past.csv").write_text(
        "start_date,end_date,censored,near_zero_flow_days,flow_recovered_by_days\n"
        "2001-01-01,2001-03-01,0,40,60\n2011-01-01,2011-03-01,0,4,6\n",
        encoding="utf-8",
    )


def test_naive_forecasts_and_copies_are_in_every_form_of_the_answer(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_history(suite)
    assert call("backtest", suite, "--out", "bt") == 0
    shown = capsys.readouterr().out
    assert "The model beside naive forecasts" in shown
    assert "Against constant duration (CRPS 15 days) the model has" in shown
    assert "These assumptions equal an outcome of the suite" in shown
    ratings = {(r["name"], r["forecaster"]): r for r in rows(Path("bt/scores.csv"))}
    constant = ratings["back", "constant duration"]
    # Back after 60 days as the one past episode, and in truth after 90; a threat is one.
    assert [constant[k] for k in ("forecast", "crps", "known")] == ["60.0", "30.0", "two-sided"]
    assert float(constant["interval_score"]) == pytest.approx(600.0)
    assert ratings["cut", "constant duration"]["crps"] == "0.0"
    assert ratings["loss", "today's level"]["forecast"] == ""
    skill = {tuple(r[k] for k in ("group", "known", "forecaster")): r
             for r in rows(Path("bt/skill.csv"))}  # fmt: skip
    whole = skill["all", "all", "constant duration"]
    model = float(ratings["back", "model"]["crps"]) / 2
    assert (whole["outcomes"], whole["crps_naive"]) == ("2", "15.0")
    assert float(whole["crps_skill"]) == pytest.approx(1 - model / 15.0)
    copies = rows(Path("bt/copies.csv"))
    assert [(c["case"], c["assumption"], c["value"]) for c in copies] == [
        (case, "industries.motors.uses.metal.inventory_days", "90.0")
        for case in ("stop", "threat", "estimate")
    ]
    page = Path("bt/backtest.html").read_text(encoding="utf-8")
    for words in (
        "Beside naive forecasts",
        "Against constant duration (CRPS 15 days)",
        "Scores of every outcome",
        "Assumptions that equal an outcome",
        "inventory_days",
    ):
        assert words in page
    book = openpyxl.load_workbook("bt/backtest.xlsx")
    cells = {sheet.title: [c.value for row in sheet.iter_rows() for c in row] for sheet in book}
    numbers = [cell for cell in cells["Scores"] if isinstance(cell, float | int)]
    for wanted in (float(whole["crps"]), 600.0):
        assert any(number == pytest.approx(wanted) for number in numbers)
    assert "industries.motors.uses.metal.inventory_days" in cells["Copies"]
    assert any("Against constant duration" in str(cell) for cell in cells["Summary"])
    manifest = json.loads(Path("bt/manifest.json").read_text(encoding="utf-8"))
    assert manifest["history"]["name"] == "past.csv"
    capsys.readouterr()
    assert call("backtest", suite, "--out", "bt", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    naive = [each for each in found["scores"] if each["forecaster"] == "constant duration"]
    assert [each["crps"] for each in naive] == [30.0, 0.0]
    assert {each["assumption"] for each in found["copies"]} == {
        "industries.motors.uses.metal.inventory_days"
    }
    assert found["skill"][0]["group"] == "all"


def test_a_suite_of_estimates_alone_has_nothing_to_score(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("backtest", suite, "--case", "estimate", "--out", "bt") == 0
    shown = capsys.readouterr().out
    assert "there is no calibration to speak of" in shown
    assert "naive" not in shown
    assert rows(Path("bt/scores.csv")) == rows(Path("bt/skill.csv")) == []
    page = Path("bt/backtest.html").read_text(encoding="utf-8")
    assert "there is nothing to score" in page
    assert "No assumption equals an outcome" in page


def test_the_manifest_says_what_was_played(suite: str) -> None:
    assert call("backtest", suite, "--trials", "1_00", "--seed", "9", "--out", "bt", "--quiet") == 0
    manifest: dict[str, Any] = json.loads(Path("bt/manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == "riskengine backtest"
    assert (manifest["trials"], manifest["seed"]) == (100, 9)
    assert manifest["overrides"] == ["run.trials=1_00", "run.seed=9"]
    assert manifest["suite"]["name"] == "two-stops.toml"
    assert sorted(manifest["files"]) == [name for name in FILES if name != "manifest.json"]
    stop = manifest["cases"]["stop"]
    assert stop["what_happened"] == [
        'disputes.china-japan.active={ level = "stop", materials = ["metal"] }'
    ]
    assert stop["config"]["disputes"]["china-japan"]["active"]["level"] == "stop"
    assert [file["name"] for file in stop["config_files"]] == ["one.toml", "tables/sources.csv"]


def test_the_same_suite_gives_the_same_tables_whatever_the_threads(suite: str) -> None:
    for out, threads in (("a", "1"), ("b", "2")):
        assert call("backtest", suite, "--out", out, "--threads", threads, "--quiet") == 0
    for name in ("backtest.csv", "summary.csv", "scores.csv", "skill.csv", "copies.csv"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_json_is_one_document_without_infinities(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert call("backtest", suite, "--case", "stop", "--json") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out, parse_constant=refuse)
    assert found["schema_version"] == 1
    assert [each["name"] for each in found["outcomes"]] == ["back", "loss"]
    assert found["outcomes"][1]["outcome_high"] is None
    assert [each["outcomes"] for each in found["calibration"][:4]] == [1, 1, 1, 1]
    assert found["calibration"][2]["expected"] is None


def test_quiet_prints_the_folder_alone(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("backtest", f"{suite}/two-stops.toml", "--out", "bt", "--quiet") == 0
    assert capsys.readouterr().out == "bt\n"
    assert call("backtest", suite, "--quiet", "--json") == 2


def test_excel_csv_opens_by_a_double_click(suite: str) -> None:
    assert call("backtest", suite, "--out", "bt", "--quiet", "--excel-csv") == 0
    data = Path("bt/backtest.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data


def test_hindsight_is_refused_and_nothing_is_written(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Path(suite, "tables", "sources.csv")
    table.write_text(table.read_text().replace("2010-06-30", "2010-10-21"), encoding="utf-8")
    assert call("backtest", suite) == 2
    shown = capsys.readouterr()
    assert "tables/sources.csv!D2" in shown.err
    assert "hindsight, for the case is as of 2010-09-21" in shown.err
    assert "nothing was run" in shown.err
    assert not Path("results").exists()


def test_a_bad_suite_or_command_line_ends_with_2(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("backtest", suite, "--case", "thread") == 2
    assert 'did you mean "threat"?' in capsys.readouterr().err
    assert call("backtest", "nowhere") == 2
    assert call("backtest", suite, "--trials", "many") == 2
    assert "--set run.trials=many" in capsys.readouterr().err
    write_suite(Path(suite), SUITE.replace("normal_day", "normal_dya"))
    assert call("backtest", suite) == 2
    assert 'did you mean "material:metal:normal_day"?' in capsys.readouterr().err
    assert not Path("results").exists()


def test_a_folder_of_a_back_test_is_replaced_whole_and_no_other_folder_is(
    suite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    assert call("backtest", suite, "--case", "threat", "--out", "bt", "--quiet") == 0
    options = json.loads(Path("bt/manifest.json").read_text(encoding="utf-8"))["options"]
    assert options["cases"] == "threat"
    assert [row["case"] for row in rows(Path("bt/backtest.csv"))] == ["threat"]
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    assert call("backtest", suite, "--out", "mine") == 2
    assert names(Path("mine")) == ["notes.txt"]
    assert call("report", "bt") != 0
    assert "not a results folder" in capsys.readouterr().err


def test_a_failed_write_leaves_the_old_folder_as_it_was(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from riskengine.store import disk

    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    before = Path("bt/backtest.csv").read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "sync_folder", full)
    assert call("backtest", suite, "--seed", "4", "--out", "bt", "--quiet") == 1
    assert Path("bt/backtest.csv").read_bytes() == before
    assert names(Path()) == [".bt.lock", "bt", "suites"]


def test_the_workbook_holds_every_outcome_as_figures_and_texts(suite: str) -> None:
    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    book = openpyxl.load_workbook("bt/backtest.xlsx")
    assert book.sheetnames == [
        "Summary", "Outcomes", "Published", "Scores", "Cases", "Copies", "About",
    ]  # fmt: skip
    sheet = book["Outcomes"]
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header = next(row for row in table if row[0] == "Case")
    back = next(row for row in table if row[1] == "Day on which the flow is near normal again")
    scores = rows(Path("bt/backtest.csv"))
    assert back[header.index("Median")] == float(scores[0]["median"])
    assert back[header.index("Percentile")] == float(scores[0]["percentile"])
    loss = next(row for row in table if row[1] == "Day of the first lost output")
    seen = (loss[header.index("Seen, at least")], loss[header.index("Seen, at most")])
    assert seen == (100.0, None)  # none seen in 100 days
    assert (loss[header.index("90 %, high")], scores[1]["high_90"]) == ("none", "")
    cells = [str(cell.value) for row in book["Cases"].iter_rows() for cell in row]
    assert any(cell.endswith("is at the level stop and covers metal.") for cell in cells)


def test_the_histogram_of_percentiles_draws_the_shares_of_outcomes(suite: str) -> None:
    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    sheet = openpyxl.load_workbook("bt/backtest.xlsx")["Summary"]
    (share,) = (
        cell for row in sheet.iter_rows() for cell in row if cell.value == "Share of outcomes"
    )
    (series,) = sheet._charts[0].series
    column = f"${share.column_letter}$"
    assert series.val.numRef.f == f"'Summary'!{column}{share.row + 1}:{column}{share.row + 4}"


def test_names_and_texts_of_a_suite_stay_text_everywhere(suite: str) -> None:
    nasty = "<script>alert(1)</script>"
    changed = SUITE.replace("Two stops", nasty).replace("It was carried out.", f"=1+1 {nasty}")
    changed = changed.replace("value = 0\n", "value = 300\n")
    changed = changed.replace("[cases.threat", f'[cases."{nasty}"')
    write_suite(Path(suite), changed, CONFIG)
    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    page = Path("bt/backtest.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    score = next(row for row in rows(Path("bt/backtest.csv")) if row["name"] == "cut")
    assert score["miss"].startswith("'=1+1")
    book = openpyxl.load_workbook("bt/backtest.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_page_shows_every_kind_of_figure_the_misses_and_the_percentiles(suite: str) -> None:
    write_suite(Path(suite), SUITE.replace("value = 0\n", "value = 300\n"))
    assert call("backtest", suite, "--out", "bt", "--quiet") == 0
    page = Path("bt/backtest.html").read_text(encoding="utf-8")
    for heading in ("Day on which the flow is near normal again", "Day of the first lost output",
                    "Days with any supply cut", "Total loss as a share"):  # fmt: skip
        assert f"<h3>{heading}" in page
    # Four kinds of figure and the percentiles, each for a desk and for a phone.
    assert page.count("<svg") == 2 * 5
    assert "It was carried out." in page
    assert "is at the level stop and covers metal." in page
    assert "active={" not in page
    assert "http:" not in page.replace("http://www.w3.org", "")
