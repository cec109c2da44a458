"""The pages say of every key, column, measure and quantity what the code says."""

from __future__ import annotations

import re

import pytest
from docs.generated import DOCS, SCHEMAS, Place, key_tables, keys_table, places

from riskengine.backtests.suite_schema import SUITE
from riskengine.batches.schema import BATCH_FILE
from riskengine.config.layers.columns import column_node
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Node
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.schema.sweep import MOST_POINTS
from riskengine.config.sweeps.reading import SETTINGS
from riskengine.fits.columns import EPISODE
from riskengine.model.families import FAMILIES

REFERENCE = (DOCS / "config.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "place", [pytest.param(each, id=f"{each.page} {each.name}") for each in places()]
)
def test_a_table_of_a_page_is_the_one_of_the_code(place: Place) -> None:
    found = place.found((DOCS / place.page).read_text("utf-8"))
    assert found is not None, f"docs/{place.page} has no section that begins with the table"
    assert found[1].rstrip("\n") == place.table, "run `make reference`"


@pytest.mark.parametrize("page", sorted({schema.page for schema in SCHEMAS}))
def test_no_table_of_keys_is_typed(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    made = [place.table for place in places() if place.page == page]
    heads = re.findall(r"^\| (?:key|column) \| allowed values \|.*$", text, re.MULTILINE)
    assert len(heads) == sum(" | allowed values | " in table for table in made)
    titles = re.findall(r"^### `\[([^\]]+)\]`$", text, re.MULTILINE)
    names = [place.name for place in places() if place.page == page]
    shapes = {re.sub("[A-Z]+", "*", title) for title in titles}
    assert len(shapes) == len(titles)
    assert shapes == {name for name in names if "." in name or name in _TOP_TABLES}


_TOP_TABLES = {*SCHEMA.keys, *BATCH_FILE.keys}


@pytest.mark.parametrize(
    ("schema", "path", "row"),
    [
        (
            SCHEMA,
            "run",
            "`horizon_days` | a number above 0 and at most 3,650,000 (days) | 365 | length",
        ),
        (
            SCHEMA,
            "materials.*.sources.*",
            "`share` | a number from 0 to 1 (share of demand) | required |",
        ),
        (SCHEMA, "run", '`sampling` | "random" or "sobol" | `"random"` | draws'),
        (SCHEMA, "run", "`importer` | a text in quotes | - | default importer"),
        (
            SCHEMA,
            "materials.*.alternatives.*",
            "`capacity` | a number or a distribution of at least 0 (share of demand); "
            "a bare number at most 1 |",
        ),
        (
            SCHEMA,
            "propagation",
            "`coefficients` | a table with one entry for each industry, each a table with one "
            "entry for each industry: a number of at least 0 (coefficient) |",
        ),
        (
            BATCH_FILE,
            "batch.scenarios.*",
            "`weight` | a number above 0 and at most 1 (share) | - | its chance in the mixture |",
        ),
        (BATCH_FILE, "batch", "`note`, `source` | a text in quotes | - | yours, free text |"),
        (SUITE, "", "`trials` | a whole number from 1 to 9,223,372,036,854,775,807 (trials) | 20"),
        (SUITE, "cases.*", "`as_of` | a date such as 2026-01-08 | required | no input became"),
        (SUITE, "cases.*.gdp", "`known_on` | a date such as 2026-01-08 | - | from when"),
        (
            SUITE,
            "cases.*.outcomes.*",
            '`kind` | "observed" or "published" | `"observed"` | seen, or an estimate',
        ),
        (SETTINGS, "", "`samples` | a whole number from 2 to 20,000 | - | points"),
    ],
)
def test_a_row_reads_as_written_by_hand(schema: KeyedTable, path: str, row: str) -> None:
    assert f"\n| {row}" in keys_table(dict(key_tables(schema))[path], notes=True)


def test_a_column_of_a_table_has_no_quotes() -> None:
    table = keys_table(EPISODE, notes=False, word="column")
    assert "\n| `id` | a text | - | name of the row |" in table
    assert "\n| `start_precision` | day or month or quarter or year | - | how well" in table
    assert "\n| `exposure_years` | a number above 0 (years) | - |" in table


def test_the_page_of_sweeps_has_the_limit_of_points() -> None:
    assert f"at most {MOST_POINTS:,} points" in (DOCS / "sweep.md").read_text("utf-8")


def test_every_family_is_listed_with_all_of_its_parametrisations() -> None:
    distributions = REFERENCE.split("\n## Distributions")[1].split("\n## ")[0]
    for name, family in FAMILIES.items():
        if name == "constant":
            continue
        rows = distributions.split(f"| `{name}` |")[1].split("\n| `")[0]
        for form in family.forms:
            assert ", ".join(f"`{parameter}`" for parameter in form) in rows, (name, form)


def test_every_sheet_is_listed_with_the_columns_that_name_its_rows() -> None:
    page = (DOCS / "workbook-config.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]\w+)` \| .*? \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    named = {sheet: re.findall(r"`(\w+)`", names) for sheet, names, _ in rows}
    assert named == {"Run": ["key"]} | {kind.sheet: list(kind.names) for kind in ROW_KINDS.values()}
    kinds = {kind.sheet: kind for kind in ROW_KINDS.values()}
    for sheet, _, columns in rows[1:]:
        for title in re.findall(r"`([\w.]+)`", columns):
            key = tuple(title.split("."))
            assert isinstance(column_node(kinds[sheet], key), Node), (sheet, title)


def test_every_table_is_listed_with_its_sheet_and_the_columns_that_name_its_rows() -> None:
    section = REFERENCE.split("\n## Tables in CSV or XLSX")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
    listed = {name: (sheet, set(re.findall(r"`(\w+)`", columns))) for name, sheet, columns in rows}
    assert list(listed) == list(ROW_KINDS)
    assert listed == {name: (kind.sheet, set(kind.names)) for name, kind in ROW_KINDS.items()}
