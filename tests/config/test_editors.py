"""The JSON Schema of a config, judged by a validator of others."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from random_configs import random_config

from riskengine.config import load
from riskengine.config.editors import config_schema
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Map, Node, NumberOrTable, Shorthand
from riskengine.store.documents import to_json

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(
    path
    for path in CONFIGS.rglob("*.toml")
    if path not in (CONFIGS / "backtests" / "history.toml", CONFIGS / "batch-2026.toml")
)
SCHEMA_TEXT = json.loads(to_json(config_schema()))
VALIDATOR = Draft202012Validator(SCHEMA_TEXT)


def as_editors_see(value: Any) -> Any:
    """A document of TOML as JSON: dates are texts."""
    if isinstance(value, dict):
        return {key: as_editors_see(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_editors_see(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def underlined(document: dict[str, Any]) -> list[str]:
    """The dotted paths at which the validator finds something wrong."""
    found = VALIDATOR.iter_errors(as_editors_see(document))
    return [".".join(map(str, error.absolute_path)) for error in found]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA_TEXT)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_shipped_config_is_underlined(path: Path) -> None:
    assert underlined(tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.costly
def test_no_config_of_many_kinds_is_underlined() -> None:
    for number in range(20):
        assert underlined(random_config(number)) == []
        assert underlined(load(random_config(number)).document) == []


Change = Callable[[dict[str, Any]], None]


def put(path: str, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        *above, key = path.split(".")
        for part in above:
            document = document[part]
        document[key] = value

    return change


def drop(path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        *above, key = path.split(".")
        for part in above:
            document = document[part]
        del document[key]

    return change


MISTAKES = {
    "a key that is no key": ("run.trails", put("run.trails", 5)),
    "a share in percent": ("materials.gallium.coverage", put("materials.gallium.coverage", 95)),
    "a number as a text": ("run.horizon_days", put("run.horizon_days", "730")),
    "a fraction of a trial": ("run.trials", put("run.trials", 1000.5)),
    "no trials": ("run.trials", put("run.trials", 0)),
    "a negative rate": ("disputes.china-korea.rate_per_year",
                        put("disputes.china-korea.rate_per_year", -0.1)),
    "a choice that is none": ("run.sampling", put("run.sampling", "even")),
    "a list in place of a table": ("materials", put("materials", [{"share": 1}])),
    "an unknown family": ("ladder.ban.sojourn", put("ladder.ban.sojourn", {"lognorm": {"mu": 1}})),
    "two families": (
        "ladder.ban.sojourn",
        put("ladder.ban.sojourn", {"exponential": {"mean": 3}, "uniform": {"low": 1, "high": 2}}),
    ),
    "parameters of two forms": (
        "ladder.ban.sojourn",
        put("ladder.ban.sojourn", {"lognormal": {"mean": 3, "p90": 5}}),
    ),
    "half a distribution": ("ladder.ban.sojourn",
                            put("ladder.ban.sojourn", {"lognormal": {"median": 3}})),
    "a required key left out": ("industries.chips", drop("industries.chips.value_added_per_year")),
    "a source without a share": ("materials.gallium.sources.China",
                                 drop("materials.gallium.sources.China.share")),
    "a date that is none": ("run.valuation_date", put("run.valuation_date", "January 2026")),
    "a method that is none": ("sweep.method", put("sweep", {"method": "girls", "parameters": {}})),
    "a sweep over a bare number": (
        "sweep.parameters.run.horizon_days",
        put("sweep", {"method": "grid", "parameters": {"run.horizon_days": 3}}),
    ),
    "an option with an unknown key": (
        "mitigation",
        put("mitigation", {"measure": "mean", "options": {"a": {"price": 3}}}),
    ),
}  # fmt: skip


def small() -> dict[str, Any]:
    return {
        "run": {"trials": 1000, "importer": "Korea"},
        "ladder": {"ban": {"sojourn": {"exponential": {"mean": 90}}, "next": {"resolved": 1}}},
        "disputes": {
            "china-korea": {"coercer": "China", "target": "Korea", "entry": {"ban": 1}},
        },
        "materials": {"gallium": {"cut": {"ban": 1}, "sources": {"China": {"share": 0.9}}}},
        "industries": {"chips": {"value_added_per_year": 5}},
    }


def test_the_config_that_mistakes_are_made_in_is_right() -> None:
    assert underlined(small()) == []
    load(small())


@pytest.mark.parametrize("name", MISTAKES)
def test_a_typical_mistake_is_underlined_where_it_stands(name: str) -> None:
    place, make = MISTAKES[name]
    document = small()
    make(document)
    found = underlined(document)
    assert any(at and (at.startswith(place) or place.startswith(at)) for at in found)


def test_a_file_that_others_complete_need_not_be_whole() -> None:
    partial: dict[str, Any] = small()
    del partial["industries"]["chips"]["value_added_per_year"]
    partial["ladder"]["ban"]["sojourn"] = {"max": 300}
    assert underlined(partial) != []
    assert underlined({"extends": "whole.toml", **partial}) == []


def test_a_note_may_stand_in_any_table_and_collection() -> None:
    document = small()
    document["materials"]["note"] = "all of them"
    document["materials"]["gallium"]["cut"]["source"] = "a paper"
    document["ladder"]["ban"]["sojourn"]["note"] = "fitted"
    assert underlined(document) == []
    load(document)


def described(node: Node, schema: dict[str, Any]) -> Iterator[tuple[Node, dict[str, Any]]]:
    """Every key of the registry beside its place in the schema."""
    yield node, schema
    if isinstance(node, Map):
        yield from described(node.of, schema["additionalProperties"])
    elif isinstance(node, KeyedTable) and not isinstance(node, Shorthand | NumberOrTable):
        for key, child in node.keys.items():
            below = schema["properties"][key]
            yield from described(
                child, below["anyOf"][0] if "anyOf" in below and key == "mitigation" else below
            )


def test_every_meaning_and_unit_of_the_registry_is_in_the_schema() -> None:
    pairs = list(described(SCHEMA, SCHEMA_TEXT))
    assert len(pairs) > 100
    for node, schema in pairs:
        words = schema.get("description", "")
        assert node.meaning[1:] in words
        unit = getattr(node, "unit", "")
        assert not unit or f"({unit})" in words
