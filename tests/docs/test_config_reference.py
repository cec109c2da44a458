"""docs/config.md says of every key what the schema says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskengine.config.layers.columns import column_node
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Map, Node, Spread, allowed
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.model.families import FAMILIES

REFERENCE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
TOP = "The top of the file"


def _sections() -> dict[str, dict[str, list[str]]]:
    """The cells of the row of each key, by table and key."""
    found: dict[str, dict[str, list[str]]] = {}
    for section in REFERENCE.split("\n### ")[1:]:
        heading, _, body = section.split("\n## ")[0].partition("\n")
        rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", body, re.MULTILINE)
        found[heading.strip("`")] = {key: rest.split(" | ") for key, rest in rows}
    return found


SECTIONS = _sections()


def _tables(node: KeyedTable, path: str = "") -> Iterator[tuple[str, KeyedTable]]:
    """Every table of known keys; names of the user's own are one capital word."""
    yield path or TOP, node
    for key, child in node.keys.items():
        below = f"{path}.{key}" if path else key
        if isinstance(child, KeyedTable):
            yield from _tables(child, below)
        elif isinstance(child, Map) and isinstance(child.of, KeyedTable):
            yield from _tables(child.of, f"{below}.*")


def _heading(path: str) -> str:
    if path == TOP:
        return TOP
    pattern = re.escape(path).replace(r"\*", "[A-Z]+")
    return next((h for h in SECTIONS if re.fullmatch(rf"\[{pattern}\]", h)), "")


def _default(node: Node) -> str:
    if node.required:
        return "required"
    default = getattr(node, "default", None)
    if default is None:
        return "-"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return f'`"{default}"`' if isinstance(default, str) else f"{default:.15g}"


@pytest.mark.parametrize(
    ("path", "table"), [pytest.param(path, table, id=path) for path, table in _tables(SCHEMA)]
)
def test_a_table_is_described_with_exactly_its_keys(path: str, table: KeyedTable) -> None:
    assert list(SECTIONS.get(_heading(path), {})) == list(table.keys)


@pytest.mark.parametrize(
    ("path", "key", "node"),
    [
        pytest.param(path, key, node, id=f"{path}.{key}")
        for path, table in _tables(SCHEMA)
        for key, node in table.keys.items()
    ],
)
def test_a_key_has_the_kind_range_unit_and_default_of_the_schema(
    path: str, key: str, node: Node
) -> None:
    kind, default, meaning = SECTIONS[_heading(path)][key]
    assert kind.startswith(allowed(node))
    assert default == _default(node)
    assert meaning == node.meaning


def test_a_bare_number_held_to_a_narrower_range_is_said_to_be() -> None:
    for path, table in _tables(SCHEMA):
        for key, node in table.keys.items():
            if isinstance(node, Spread) and node.number_high < node.high:
                limit = f"a bare number at most {node.number_high:g}"
                assert limit in SECTIONS[_heading(path)][key][0]


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
