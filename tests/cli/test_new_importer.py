"""`riskengine new --importer` and `--update-trade`: what is written, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import riskengine
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.economies.trade import ABOUT, TABLES, read_trade
from riskengine.errors import UsageFault
from riskengine.model.scenario import Scenario
from tests.economies.flows import flows, plain_tables, write_years


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trade tables made of random flows."""
    folder = tmp_path_factory.mktemp("trade")
    riskengine.update_trade(folder / "mine", write_years(folder, flows()))
    return folder / "mine"


def call(*arguments: str) -> int:
    return exit_code(root, ["new", *arguments])


def values(scenario: Scenario) -> Scenario:
    return replace(scenario, document={}, stem="", files=(), sheets=(), origin=None)


def test_the_answer_counts_rows_by_status_and_names_what_is_borrowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("my germany", "--importer", "Germany") == 0
    said = capsys.readouterr().out
    assert "rows by status: " in said
    assert "borrowed" in said
    assert "To replace: " in said
    assert said.splitlines()[-1] == "  riskengine run 'my germany/germany.toml'"
    assert sorted(os.listdir("my germany")) == ["concentration", "germany.toml", "tables"]
    reports = ["concentration.html", "concentration.xlsx"]
    assert sorted(os.listdir("my germany/concentration")) == reports
    page = Path("my germany/concentration/concentration.html").read_text("utf-8")
    assert "imports of Germany, tungsten-powders" in page


def test_the_list_stands_on_top_of_the_config() -> None:
    assert call("mine", "--importer", "DEU") == 0
    text = Path("mine/germany.toml").read_text("utf-8")
    top = text[: text.index("extends = ")]
    assert all(line.startswith("#") for line in top.splitlines() if line)
    assert "What is assumed, borrowed or missing" in top
    assert top.count("To replace:") >= 8
    assert "propagation.file=tables/propagation.csv" in top


def test_the_switch_that_the_config_tells_passes_losses_on() -> None:
    assert call("mine", "--importer", "Germany") == 0
    switch = "industries.suppliers={value_added_per_year=0}"
    with_it = riskengine.load(
        "mine/germany.toml", ["propagation.file=tables/propagation.csv", switch]
    )
    assert not riskengine.load("mine/germany.toml").propagation
    assert set(with_it.propagation) == set(with_it.industries) - {"suppliers"}


@pytest.mark.whole
@pytest.mark.parametrize("importer", ["Germany", "Vietnam"])
def test_a_workbook_has_the_same_scenario_and_the_list(importer: str) -> None:
    assert call("text", "--importer", importer) == 0
    assert call("book", "--importer", importer, "--xlsx") == 0
    (config,) = Path("text").glob("*.toml")
    (book,) = Path("book").glob("*.xlsx")
    assert values(riskengine.load(book)) == values(riskengine.load(config))
    assert not list(Path("book").glob("*.toml"))
    left = {p.relative_to("book").as_posix() for p in Path("book").rglob("*") if p.is_file()}
    passed = {"tables/propagation.csv"} if importer == "Germany" else set()
    reports = {f"concentration/concentration.{ending}" for ending in ("html", "xlsx")}
    assert left == {book.name} | passed | reports


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--importer", "Narnia"], 'no economy "Narnia"'),
        (["--importer", "Palau"], "imports nothing"),
        (["--importer", "Germany", "--coercer", "Nauru"], "sells Germany nothing"),
        (["--importer", "Germany", "--like", "mars"], "There are: korea, japan"),
        (["--importer", "Germany", "--materials", ","], "--materials names materials"),
        (["--importer", "Germany", "--trade", "."], "holds no trade tables"),
        (["--importer", "Germany", "--case", "company"], "choose one"),
        (["--importer", "Germany", "--update-trade", "x.csv"], "choose one"),
        (["--coercer", "China"], "use with --importer"),
        (["--trade", "t", "--case", "company"], "use with --importer"),
        (["x.csv"], "unexpected extra argument"),
        (["--update-trade"], "no file of the trade database"),
        (["--update-trade", "none.csv"], "there is no file none.csv"),
        (["--update-trade", "--xlsx", "none.csv"], "no workbook"),
    ],
)
def test_what_makes_no_sense_ends_with_code_2_and_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("mine", *arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not Path("mine").exists()


@pytest.mark.costly
def test_trade_tables_of_a_newer_edition_are_used(
    trade: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("mine", "--importer", "Korea", "--trade", str(trade)) == 0
    read = riskengine.load("mine/korea.toml")
    wanted = plain_tables(flows())
    for material, commodity in (
        ("light-rare-earths", "rare-earths-without-cerium"),
        ("ndfeb-magnets", "permanent-magnets"),
    ):
        sources = read.materials[material].sources
        _, _, mean, _, low, high = wanted["shares"]["KOR", commodity, "CHN"]
        # A share that moved is that of the highest year; any other the mean.
        expected = high if high - low > 0.3 else mean
        assert sources["China"].share == pytest.approx(expected, abs=1e-4)
        assert read.materials[material].spend_per_year == pytest.approx(
            wanted["totals"]["KOR", commodity][1], rel=5e-4
        )
    assert "your files" in Path("mine/korea.toml").read_text("utf-8")
    # There is no trade under its code in these files, so it is borrowed.
    assert "anode-graphite" in capsys.readouterr().out
    assert read.materials["anode-graphite"].sources["China"].share == 0.86


def test_the_answer_of_an_update_says_what_is_missing(
    trade: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write_years(Path(), flows())
    assert call("mine", "--update-trade", *files) == 0
    said = capsys.readouterr().out
    assert "trade tables of 2022, 2023, 2024, 8 economies, 6 commodities, 4 customs codes" in said
    assert "810411" in said
    assert said.splitlines()[-1] == "  riskengine new germany --importer Germany --trade mine"
    assert sorted(os.listdir("mine")) == sorted([ABOUT, *(f"{name}.parquet" for name in TABLES)])


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_damaged_table_of_a_trade_folder_is_refused(trade: Path, name: str) -> None:
    shutil.copytree(trade, "mine")
    path = Path("mine", f"{name}.parquet")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UsageFault, match="cannot be read as a trade table"):
        read_trade("mine")
    other = next(each for each in sorted(TABLES) if each != name)
    shutil.copy(trade / f"{other}.parquet", path)
    with pytest.raises(UsageFault, match="not a table that --update-trade writes"):
        read_trade("mine")
    path.unlink()
    with pytest.raises(UsageFault, match="cannot be read as a trade table"):
        read_trade("mine")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "riskengine-trade-0"},
        {"years": []},
        {"years": ["2024"]},
        {"years": [True]},
        {"years": None},
        {"edition": 7},
        {"edition": "x" * 1000},
    ],
)
def test_a_trade_folder_of_somebody_else_is_refused(trade: Path, change: dict) -> None:
    shutil.copytree(trade, "mine")
    about = json.loads((trade / ABOUT).read_text("utf-8"))
    Path("mine", ABOUT).write_text(json.dumps({**about, **change}), "utf-8")
    with pytest.raises(UsageFault, match="not the file that --update-trade writes"):
        read_trade("mine")


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 50_000, '"riskengine-trade-1"', "\x00"])
def test_a_file_that_is_no_description_is_refused(trade: Path, text: str) -> None:
    shutil.copytree(trade, "mine")
    Path("mine", ABOUT).write_text(text, "utf-8")
    with pytest.raises(UsageFault):
        read_trade("mine")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("import_shares", "exporter", "=cmd|' /c calc'!A1"),
        ("import_shares", "exporter", "CHN\n[run]"),
        ("import_shares", "commodity", "Rare Earths"),
        ("import_shares", "share_of_tonnes", float("inf")),
        ("import_shares", "share_of_tonnes", -0.5),
        ("import_shares", "share_of_value", 1.5),
        ("import_shares", "share_of_value", None),
        ("import_totals", "usd_million_per_year", None),
        ("import_totals", "usd_million_per_year", float("inf")),
        ("import_totals", "quality", "ok\x1b[2J"),
        ("yearly_shares", "share_of_tonnes", 2.0),
        ("customs_codes", "hs_code", "=1+1"),
        ("customs_codes", "commodities", "a, b"),
    ],
)
def test_a_table_with_other_values_is_refused_before_anything_is_written(
    trade: Path, table: str, column: str, value: object
) -> None:
    from riskengine.economies.tables import parquet_bytes, read_table

    shutil.copytree(trade, "hostile")
    path = Path("hostile", f"{table}.parquet")
    frame = read_table(str(path))
    frame[column] = frame[column].mask(frame[column].notna(), value)
    path.write_bytes(parquet_bytes(frame))
    with pytest.raises(UsageFault, match="is not a table that"):
        riskengine.new_for("mine", "KOR", trade="hostile")
    assert not Path("mine").exists()


def test_a_text_of_somebody_elses_edition_stays_a_comment(trade: Path) -> None:
    shutil.copytree(trade, "theirs")
    about = json.loads((trade / ABOUT).read_text("utf-8"))
    text = "x\n[run]\ntrials = 1\r\u2028\x85\x00\x1b[2J"
    Path("theirs", ABOUT).write_text(json.dumps({**about, "edition": text}), "utf-8")
    made = riskengine.new_for("mine", "Korea", trade="theirs")
    assert riskengine.load(made.config).run.trials == 100_000
    assert made.config.read_text("utf-8").replace("\n", "").isprintable()
