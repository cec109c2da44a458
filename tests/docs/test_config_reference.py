"""docs/config.md says of every key what the schema says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.config_tables import keys_table, section, tables

from riskengine.config.layers.columns import column_node
from riskengine.config.schema.kinds import KeyedTable, Node
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.model.families import FAMILIES

REFERENCE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "table"), [pytest.param(*each, id=each[0]) for each in tables()])
def test_a_table_has_the_keys_ranges_units_defaults_and_meanings_of_the_schema(
    path: str, table: KeyedTable
) -> None:
    place = section(REFERENCE, path)
    assert place is not None, "docs/config.md has no section that begins with the table"
    assert REFERENCE[slice(*place)].rstrip("\n") == keys_table(table), "run `make reference`"


@pytest.mark.parametrize(
    ("path", "key", "words"),
    [
        ("run", "horizon_days", "a number above 0 and at most 3,650,000 (days) | 365 | length"),
        ("materials.*.sources.*", "share", "a number from 0 to 1 (share of demand) | required |"),
        ("run", "sampling", '"random" or "sobol" | `"random"` | draws'),
        ("run", "importer", "a text in quotes | - | default importer"),
        (
            "materials.*.alternatives.*",
            "capacity",
            "a number or a distribution of at least 0 (share of demand); a bare number at most 1 |",
        ),
        (
            "propagation",
            "coefficients",
            "a table with one entry for each industry, each a table with one entry for each "
            "industry: a number of at least 0 (coefficient) |",
        ),
    ],
)
def test_a_row_reads_as_written_by_hand(path: str, key: str, words: str) -> None:
    assert f"\n| `{key}` | {words}" in keys_table(dict(tables())[path])


def test_every_family_is_listed_with_all_of_its_parametrisations() -> None:
    distributions = REFERENCE.split("\n## Distributions")[1].split("\n## ")[0]
    for name, family in FAMILIES.items():
        if name == "constant":
            continue
        rows = distributions.split(f"| `{name}` |")[1].split("\n| `")[0]
        for form in family.forms:
            assert ", ".join(f"`{parameter}`" for parameter in form) in rows, (name, form)


def test_every_sheet_is_listed_with_the_columns_that_name_its_rows() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workbook-config.md").read_text(encoding="utf-8")
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
