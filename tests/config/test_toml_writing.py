"""Documents as TOML, read back by the standard library's parser."""

from __future__ import annotations

import random
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest
from random_configs import random_config

from riskengine.config.toml.writing import LONGEST_LINE, document_lines

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = ["희토류", "rare earths", 'a "quoted" name', "back\\slash", "a.b", "tab\there", "=1+1", "🜂",
         "\u2028", "del\x7f"]  # fmt: skip


def read_back(document: dict[str, Any]) -> dict[str, Any]:
    return tomllib.loads("\n".join(document_lines(document)))


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_document_reads_back_equal(path: Path) -> None:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert read_back(document) == document


def test_random_documents_read_back_equal_with_their_names_in_order() -> None:
    for number in range(30):
        document = random_config(number)
        found = read_back(document)
        assert found == document
        for collection in ("ladder", "materials", "industries", "disputes"):
            assert list(found[collection]) == list(document[collection])
        for name, material in document["materials"].items():
            for part in ("sources", "alternatives", "stocks"):
                assert list(found["materials"][name][part]) == list(material[part])


@pytest.mark.parametrize("name", NAMES)
def test_any_name_reads_back(name: str) -> None:
    document = {"materials": {name: {"note": name, "sources": {name: {"share": 0.5}}}}}
    assert read_back(document) == document


def test_every_number_reads_back_to_the_same_double() -> None:
    drawn = random.Random(1)
    numbers = [5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e22, 123456789012345678.0, 2**63 - 1]
    while len(numbers) < 2_000:
        number = struct.unpack("<d", drawn.randbytes(8))[0]
        if abs(number) < float("inf"):
            numbers.append(number)
    document = {"run": {"thresholds": numbers}}
    found = read_back(document)["run"]["thresholds"]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in numbers]


def test_members_of_a_collection_keep_their_order_where_only_some_fit_on_a_line() -> None:
    long = {"days": 5, "note": "x" * LONGEST_LINE}
    tiers = {"b": long, "a": {"days": 1}, "c": long}
    document = {"materials": {"tin": {"stocks": tiers}}}
    assert list(read_back(document)["materials"]["tin"]["stocks"]) == ["b", "a", "c"]


def test_an_empty_table_is_written() -> None:
    document: dict[str, Any] = {"materials": {"tin": {}}, "run": {}}
    assert read_back(document) == document


def test_short_tables_stand_on_one_line() -> None:
    document = {"ladder": {"ban": {"sojourn": 5, "next": {"resolved": 1.0}}}}
    assert document_lines(document) == [
        "[ladder.ban]", "sojourn = 5", "next = { resolved = 1.0 }", "",
    ]  # fmt: skip
