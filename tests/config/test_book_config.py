"""A workbook is a config, whole: the same scenario, sweep, options and faults as in TOML.

The books are written by openpyxl from tables that `table_twin` makes without the package.
"""
# ruff: noqa: E501

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from config.test_bad_inputs import SLIPS
from config.test_every_table import MORE, deep
from random_configs import random_config
from table_twin import PLAN, split
from written_books import sheets_of, write_book

from riskengine.config import (
    has_mitigation,
    has_sweep,
    load,
    load_mitigation,
    load_sweep,
    load_whole,
)
from riskengine.config.layers.assemble import assemble
from riskengine.config.layers.books import SHEETS
from riskengine.config.layers.inline import inline_files
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.errors import ConfigFault, Fault, format_path
from riskengine.play.simulate import simulate

CONFIGS = Path(__file__).parents[2] / "configs"
PARTS = (
    "run",
    "ladder",
    "disputes",
    "triggers",
    "correlation",
    "materials",
    "industries",
    "propagation",
)
Write = Callable[..., Path]
FaultsOf = Callable[..., tuple[Fault, ...]]


def merged(path: Path) -> dict[str, Any]:
    """The document of a config with all of its files in it."""
    assembly = assemble(path, ())
    inline_files(assembly)
    files = ("extends", "parts", "tables")
    return {k: v for k, v in assembly.document.items() if k not in files}


def agree(ours: Any, theirs: Any) -> None:
    """Two scenarios are the same, and in the same order."""
    assert ours.document == theirs.document
    for name in PARTS:
        assert getattr(ours, name) == getattr(theirs, name)
    assert list(ours.materials) == list(theirs.materials)
    assert list(ours.ladder) == list(theirs.ladder)
    assert [list(m.stocks) for m in ours.materials.values()] == [
        list(m.stocks) for m in theirs.materials.values()
    ]


def same_losses(ours: Any, theirs: Any) -> None:
    first, second = (simulate(each, trials=300) for each in (ours, theirs))
    assert np.array_equal(first.total, second.total)
    assert np.array_equal(first.industry_loss, second.industry_loss)


@pytest.mark.costly
@pytest.mark.parametrize(
    "path",
    [path for path in sorted(CONFIGS.glob("*.toml")) if not path.stem.startswith("batch-")],
    ids=lambda path: path.stem,
)
def test_a_shipped_config_as_a_workbook_is_the_same_to_the_bit(path: Path, tmp_path: Path) -> None:
    for named in CONFIGS.glob("mitigation-*-worlds.toml"):
        for file in (
            named,
            named.with_name(named.name.replace("mitigation-", "").replace("-worlds", "-2026")),
        ):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    book = write_book(tmp_path / f"{path.stem}.xlsx", sheets_of(merged(path), Random(path.stem)))

    ours, theirs = load(book), load(path)

    agree(ours, theirs)
    same_losses(ours, theirs)
    assert ours.stem == theirs.stem
    assert ours.files == ((book.name, hashlib.sha256(book.read_bytes()).hexdigest()),)


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", range(20))
def test_a_random_book_is_the_scenario_that_it_was_made_from(number: int, tmp_path: Path) -> None:
    config = random_config(number)
    book = write_book(tmp_path / "b.xlsx", sheets_of(config, Random(number)))
    agree(load(book), load(config))


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", range(20, 220))
def test_two_hundred_random_books_have_the_same_losses(number: int, tmp_path: Path) -> None:
    config = random_config(number)
    book = write_book(tmp_path / "b.xlsx", sheets_of(config, Random(number)))
    ours, theirs = load(book), load(config)
    agree(ours, theirs)
    same_losses(ours, theirs)


@pytest.fixture
def whole(small: str) -> dict[str, Any]:
    """A config that uses every sheet, and every kind of cell."""
    found: dict[str, Any] = deep(tomllib.loads(small), tomllib.loads(MORE))
    found["note"] = "of the config"
    found["run"]["note"] = "of the run"
    found["run"]["levels"] = [0.5, 0.99]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_book_with_every_sheet_is_the_config_for_every_verb(
    whole: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    sheets = sheets_of(whole, Random(seed))
    assert set(sheets) == set(SHEETS)
    book = write_book(tmp_path / "b.xlsx", sheets)

    assert has_sweep(book)
    assert has_mitigation(book)
    agree(load(book), load(whole))
    ours, theirs = load_whole(book), load_whole(whole)
    assert ours.swept is not None
    assert theirs.swept is not None
    assert ours.mitigation is not None
    assert theirs.mitigation is not None
    assert ours.swept.sweep == theirs.swept.sweep
    assert ours.swept.base == theirs.swept.base
    assert ours.mitigation.mitigation == theirs.mitigation.mitigation
    agree(ours.mitigation.base, theirs.mitigation.base)


#: Slips that a cell cannot make, or that a heading makes: why they are not compared word by word
OTHERWISE = {
    "a cell does not tell 1000.0 from 1000": ["trials = 1000.0", "ramp_steps = 4.0", "seed = 9223372036854774784.0"],
    "a number may be written as a text": ['trials = "1000"', 'sojourn = "150"'],
    "a number in a column of texts is a text": ["money = 5", "[tables]\nsources = 5\n[correlation]"],
    "no cell holds them: their texts are met": [
        "horizon_days = inf", "horizon_days = nan", "spend_per_year = 1e400", "priority = inf",
    ],
    "a list is read where a list may stand": ["sojourn = [150]"],
    "a date is no text": ["lead_from = 2026-01-01"],
    "the sheet is there as well": ['[tables]\nsources = "a.csv"\n[correlation]'],
    "no table says it": ["run = 5\n[runs]", "China = 0.90"],
}  # fmt: skip
EXPLAINED = [slip for slips in OTHERWISE.values() for slip in slips]
#: Slips that stand in a heading, where the table says which columns it has
HEADINGS = [
    "sojourn = { normal = { mean = 1, sd = 1 } }", "sojourn = { constant = { value = 1 } }", "rate = 0.12",
    "inventory_days = { across = 30, clases = 5 }",
    "inventory_days = { lognormal = { median = 30, p90 = 90 } }", "durations = 0.7", "China = { shares = 0.9 }", "build_rate = { uniform = { low = 0, high = 1 } }",
]  # fmt: skip
COMPARED = [(old, new) for old, new, _, _ in SLIPS if new not in EXPLAINED and new not in HEADINGS]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("old", "new"), COMPARED, ids=[new for _, new in COMPARED])
def test_what_toml_meets_is_met_in_a_book_in_the_same_words_at_a_cell(
    small: str, write: Write, faults: FaultsOf, tmp_path: Path, old: str, new: str
) -> None:
    text = small.replace(old, new, 1)
    sheets = sheets_of(tomllib.loads(text), Random(len(new)))
    book = write_book(tmp_path / "b.xlsx", sheets)

    ours, theirs = faults(book), faults(write(text))

    said = [(f.path, f.found, f.allowed, f.hint) for f in theirs]
    assert sorted((f.path, f.found, f.allowed, f.hint) for f in ours) == sorted(said)
    for fault in ours:
        assert fault.cell
        assert fault.file.startswith(f"{book}#")
        assert fault.file.partition("#")[2] in sheets
        _is_at_its_cell(fault, sheets)


def _is_at_its_cell(fault: Fault, sheets: dict[str, Any]) -> None:
    """The row shows what the path names, and a value stands under the heading of its key."""
    rows = sheets[fault.file.partition("#")[2]]
    column = sum(
        (ord(c) - 64) * 26**n for n, c in enumerate(reversed(fault.cell.rstrip("0123456789")))
    )
    row = int(fault.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    cells = [str(cell) for cell in rows[row - 1] if cell is not None]
    heading = str(rows[0][column - 1]).replace('"', "")
    if heading in ("key", "value"):
        assert fault.path[-1] in cells[0] or fault.path[-1] == "run"
        return
    naming = {name for forms in PLAN.values() for form in forms for name in form[1]}
    if rows[row - 1][column - 1] is not None and heading not in naming:
        assert heading.split(".")[0] in fault.path or heading == "coefficient"


@pytest.mark.parametrize("new", HEADINGS)
def test_an_unknown_key_in_a_heading_is_met_there(
    small: str, faults: FaultsOf, tmp_path: Path, new: str
) -> None:
    old = next(old for old, other, _, _ in SLIPS if other == new)
    hints = {f.hint for f in faults(tomllib.loads(small.replace(old, new, 1)))}
    sheets = sheets_of(tomllib.loads(small.replace(old, new, 1)), Random(len(new)))
    met = [
        f
        for f in faults(write_book(tmp_path / "b.xlsx", sheets))
        if f.cell.endswith("1") and "is not known" in f.found
    ]
    assert met
    assert {f.hint for f in met} <= hints or new.startswith("sojourn")


def test_a_book_without_materials_says_which_sheet_is_to_have_them(
    small: str, faults: FaultsOf, tmp_path: Path
) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    sheets["Material"] = sheets.pop("Materials")
    found = faults(write_book(tmp_path / "b.xlsx", sheets))
    assert [f.hint for f in found if f.found == 'the sheet "Material" is not known'] == [
        'did you mean "Materials"?'
    ]
    undeclared = [f for f in found if "is declared nowhere" in f.found]
    assert {f.path for f in undeclared} == {("materials", "gallium")}
    assert {f.allowed for f in undeclared} == {"a row in the sheet Materials"}


def test_a_material_may_stand_on_the_sheet_of_settings_alone(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    heading, *rows = sheets.pop("Materials")
    for name, *values in (
        sorted(zip(heading, row, strict=True), key=lambda c: c[0] != "material") for row in rows
    ):
        sheets["Run"] += [
            [f"materials.{name[1]}.{key}", cell, None, None]
            for key, cell in values
            if cell is not None
        ]
    (tmp_path / "small.toml").write_text(small, "utf-8")
    agree(load(write_book(tmp_path / "b.xlsx", sheets)), load(tmp_path / "small.toml"))


def test_a_message_about_a_heading_shows_headings_without_their_units(
    small: str, faults: FaultsOf, tmp_path: Path
) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(3))
    at = sheets["Uses"][0].index("dependence")
    sheets["Uses"][0][at] = "dependance\nshare of output"
    (fault,) = [f for f in faults(write_book(tmp_path / "b.xlsx", sheets)) if "column" in f.found]
    assert "dependance" in fault.text.split(",")
    assert "share of output" not in fault.text


def test_every_slip_is_either_compared_or_explained() -> None:
    known = {new for _, new, _, _ in SLIPS}
    assert set(HEADINGS) <= known
    assert set(EXPLAINED) <= known


def test_a_book_extends_toml_and_toml_extends_a_book(
    small: str, write: Write, tmp_path: Path
) -> None:
    write(small)
    book = tmp_path / "more.xlsx"
    write_book(
        book,
        {
            "Run": [["key", "value"], ["extends", "small.toml"], ["trials", 50]],
            "Stocks": [
                ["material", "tier", "days"],
                ["gallium", "public", 90],
                ["gallium", "own", 5],
            ],
        },
    )
    top = write('extends = "more.xlsx"\n[run]\nseed = 11\n', "top.toml")

    for source in (book, top):
        stocks = load(source).materials["gallium"].stocks
        assert {name: tier.days.parameters for name, tier in stocks.items()} == {
            "public": (90.0,),
            "own": (5.0,),
        }
        assert stocks["public"].release_lag_days == 14.0
        assert load(source).run.trials == 50
    assert [name for name, _ in load(top).files] == ["top.toml", "more.xlsx", "small.toml"]
    higher = tmp_path / "higher.xlsx"
    write_book(higher, {"Run": [["key", "value"], ["extends", "top.toml"], ["title", "High"]]})
    assert (load(higher).run.title, load(higher).run.seed, load(higher).run.trials) == (
        "High",
        11,
        50,
    )


def test_what_a_book_extends_must_not_extend_the_book(
    write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write('extends = "b.xlsx"\n', "a.toml")
    book = write_book(tmp_path / "b.xlsx", {"Run": [["key", "value"], ["extends", "a.toml"]]})
    met = [f for f in faults(book) if f.path == ("extends",)]
    assert [f.found for f in met] == ["extends itself: b.xlsx -> a.toml -> b.xlsx"]


def test_values_are_set_over_a_book_and_kept_with_the_scenario(small: str, tmp_path: Path) -> None:
    book = write_book(tmp_path / "b.xlsx", sheets_of(tomllib.loads(small), Random(1)))
    scenario = load(book, ["materials.gallium.coverage=0.5"])
    book.unlink()

    again = scenario.with_values({"run.trials": 5, "ladder.licensing.sojourn": 30})

    assert again.materials["gallium"].coverage == 0.5
    assert (again.run.trials, again.ladder["licensing"].sojourn.parameters) == (5, (30.0,))
    with pytest.raises(ConfigFault, match=r"--set materials\.gallium\.coverage=95"):
        scenario.with_values({"materials.gallium.coverage": 95})


def test_a_sweep_over_tables_names_other_versions_of_a_sheet(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(2))
    heading, *rows = sheets["Stocks"]
    days = heading.index("days")
    sheets["Stocks-none"] = [heading]
    sheets["Stocks-large"] = [heading, *([*row[:days], 600, *row[days + 1 :]] for row in rows)]
    sheets["Run"].append(["sweep.method", "one-at-a-time", None, None])
    sheets["Sweep"] = [["path", "values"], ["tables.stocks", '["#Stocks-none", "#Stocks-large"]']]
    folder = tmp_path / "below"
    folder.mkdir()
    swept = load_sweep(write_book(folder / "b.xlsx", sheets))

    assert swept.base == ("b.xlsx#Stocks",)
    assert swept.scenario.materials["gallium"].stocks["public"].days.parameters == (60.0,)
    none, large = (swept.at([f"b.xlsx#Stocks-{name}"]) for name in ("none", "large"))
    assert none.materials["gallium"].stocks == {}
    assert large.materials["gallium"].stocks["public"].days.parameters == (600.0,)
    above = tmp_path / "above.toml"
    above.write_text('extends = "below/b.xlsx"\n', encoding="utf-8")
    assert load_sweep(above).at(["b.xlsx#Stocks-none"]).materials["gallium"].stocks == {}


def test_an_option_may_set_another_version_of_a_sheet(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(2))
    sheets["Stocks-none"] = [sheets["Stocks"][0]]
    sheets["Run"].append(["mitigation.measure", "mean", None, None])
    sheets["Mitigation"] = [
        ["option", 'set."tables.stocks"', "cost", "note"], ["without", "#Stocks-none", 1, "why"],
    ]  # fmt: skip
    config = load_mitigation(write_book(tmp_path / "b.xlsx", sheets))
    assert config.scenario([0]).materials["gallium"].stocks == {}
    assert config.mitigation.options[0].note == "why"


def test_worlds_may_stand_in_a_book(small: str, write: Write, tmp_path: Path) -> None:
    write(small)
    worlds = {
        "Run": [
            ["key", "value"],
            ["extends", "small.toml"],
            ["trials", 77],
            ["sweep.method", "latin-hypercube"],
            ["sweep.samples", 4],
        ],
        "Sweep": [["path", "low", "high"], ["materials.gallium.coverage", 0.5, 0.75]],
    }
    write_book(tmp_path / "worlds.xlsx", worlds)
    path = write(
        'extends = "small.toml"\n[mitigation]\nmeasure = "mean"\nworlds = "worlds.xlsx"\n'
        '[mitigation.options.a]\nset = { "materials.gallium.stocks.public.days" = 90 }\ncost = 1\n',
        "m.toml",
    )
    found = load_mitigation(path).worlds
    assert found is not None
    assert (found.trials, found.paths) == (77, (("materials", "gallium", "coverage"),))


def test_a_book_has_the_base_of_worlds_in_toml_whatever_the_order_of_its_columns(
    small: str, write: Write, tmp_path: Path
) -> None:
    text = small.replace("resolved = 0.6, full-ban = 0.4", "full-ban = 0.4, resolved = 0.6")
    write(
        f'{text}[sweep]\nmethod = "latin-hypercube"\nsamples = 4\n[sweep.parameters]\n'
        '"run.horizon_days" = { low = 300, high = 365 }\n',
        "worlds.toml",
    )
    sheets = sheets_of(tomllib.loads(small), Random(2))
    sheets["Run"] += [
        ["mitigation.measure", "mean", None, None], ["mitigation.worlds", "worlds.toml", None, None],
    ]  # fmt: skip
    sheets["Mitigation"] = [
        ["option", 'set."materials.gallium.stocks.public.days"', "cost"],
        ["a", 90, 1],
    ]
    assert load_mitigation(write_book(tmp_path / "b.xlsx", sheets)).worlds is not None

    levels = sheets["Ladder"]
    levels[1], levels[2] = levels[2], levels[1]
    with pytest.raises(ConfigFault, match="another base than the mitigation has: ladder differs"):
        load_mitigation(write_book(tmp_path / "b.xlsx", sheets))


def test_samples_may_stand_on_a_sheet_of_the_book(small: str, tmp_path: Path) -> None:
    sheets = sheets_of(tomllib.loads(small), Random(2))
    sheets["Lead times"] = [["case", "days"], ["a", 100], ["b", 250.5]]
    heading, row = sheets["Alternatives"]
    kept = [n for n, name in enumerate(heading) if not name.startswith("lead_time")]
    sheets["Alternatives"] = [
        [*(heading[n] for n in kept), "lead_time.empirical.file", "lead_time.empirical.column"],
        [*(row[n] for n in kept), "#Lead times", "days"],
    ]
    scenario = load(write_book(tmp_path / "b.xlsx", sheets))
    lead = scenario.document["materials"]["gallium"]["alternatives"]["recycling"]["lead_time"]
    assert lead == {"empirical": {"values": [100, 250.5]}}


def test_propagation_may_stand_in_a_file_beside_the_book(
    small: str, write: Write, tmp_path: Path
) -> None:
    write("from,to,coefficient\nchips,chips,0.25\n", "p.csv")
    sheets = sheets_of(tomllib.loads(small), Random(2))
    sheets["Run"].append(["propagation.file", "p.csv", None, None])
    assert load(write_book(tmp_path / "b.xlsx", sheets)).propagation == {"chips": {"chips": 0.25}}


def test_a_table_may_stand_in_a_file_beside_the_book(
    small: str, write: Write, tmp_path: Path
) -> None:
    write("material,tier,days\ngallium,own,7\n", "s.csv")
    sheets = sheets_of(tomllib.loads(small), Random(2))
    del sheets["Stocks"]
    sheets["Run"].append(["tables.stocks", "s.csv", None, None])
    assert list(load(write_book(tmp_path / "b.xlsx", sheets)).materials["gallium"].stocks) == [
        "own"
    ]


def test_a_link_to_a_book_elsewhere_is_read_like_the_book(small: str, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    book = write_book(folders[0] / "b.xlsx", sheets_of(tomllib.loads(small), Random(1)))
    (folders[1] / "link.xlsx").symlink_to(book)
    agree(load(folders[1] / "link.xlsx"), load(book))


def test_the_twin_has_the_sheets_of_the_registry(whole: dict[str, Any]) -> None:
    tables, _ = split(whole, Random(0))
    assert [ROW_KINDS[table].sheet for table in tables] == list(SHEETS[1:])
    assert format_path(("run",)) == "run"
