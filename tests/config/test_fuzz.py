"""Whatever is done to a config, it gives a scenario or a ConfigFault, and nothing else."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskengine.config import load
from riskengine.errors import ConfigFault

pytestmark = pytest.mark.exhaustive

WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([10**400, -0.0, 1e308, 5e-324, "35%", "1,5", "\ud800", "\x00", 95, 0.95])
    | st.sampled_from(
        [
            {"exponential": {"mean": 1e-320}},
            {"lognormal": {"mu": 1e308, "sigma": 1e308}},
            {"gamma": {"mean": 5, "cv": 1e-200}},
            {"pareto": {"minimum": 1, "shape": 1e-12}},
            {"weibull": {"median": 1, "p90": 1.0000000000000002}},
            {"loglogistic": {"median": 1e-300, "shape": 1e300}},
            {"beta": {"alpha": 1e300, "beta": 1e-300}},
            {"pert": {"low": 0, "mode": 0, "high": 0}},
            {"triangular": {"low": 0, "mode": 1, "high": 1}, "max": 1e-13},
            {"empirical": {"values": [1, 1, 2], "weights": [0, 0, 5]}},
            {"empirical": {"file": "x.csv", "column": "x"}},
            {"uniform": {"low": -1e308, "high": 1e308}},
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


def tables_of(document: Any) -> list[dict[str, Any]]:
    """Every table of a document."""
    if not isinstance(document, dict):
        return []
    return [document, *(table for value in document.values() for table in tables_of(value))]


@st.composite
def mutated(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with a few values replaced, removed, renamed or added."""
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        table = draw(st.sampled_from(tables_of(changed)))
        if not table:
            continue
        key = draw(st.sampled_from(sorted(table, key=str)))
        action = draw(st.sampled_from(["replace", "remove", "rename", "add"]))
        if action == "remove":
            del table[key]
        elif action == "rename":
            table[draw(st.sampled_from([key[:-1], key + "x", "share", "resolved"]))] = table.pop(
                key
            )
        else:
            table[key if action == "replace" else draw(st.text(max_size=5))] = copy.deepcopy(
                draw(WILD)  # the samples are shared between examples
            )
    return changed


def read_or_refused(source: Any, *overrides: str) -> None:
    """Load a config; what loads survives JSON and loads again to the same."""
    try:
        scenario = load(source, overrides)
    except ConfigFault as error:
        str(error).encode()
        return
    again = load(json.loads(json.dumps(scenario.document, allow_nan=False)))
    assert dataclasses.replace(again, files=scenario.files, stem=scenario.stem) == scenario


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_a_mutated_document_is_read_or_refused(small: str, data: st.DataObject) -> None:
    document = tomllib.loads(small)
    document["run"]["valuation_date"] = "2026-01-08"
    document["propagation"] = {"coefficients": {"chips": {"chips": 0.2}}}

    read_or_refused(data.draw(mutated(document)))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 12), st.binary(max_size=6)), max_size=3)
)
def test_a_mutated_file_is_read_or_refused(
    small: str, tmp_path: Path, edits: list[tuple[int, int, bytes]]
) -> None:
    data = small.encode()
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    path = tmp_path / "small.toml"
    path.write_bytes(data)

    read_or_refused(path)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            ["material", "country", "share", "gallium", "Laos", "0.01", ",", "\n", '"', "{", "}",
             "boycott_cut", ".", "uniform.low", "1", " ", ";", "\r", "갈", "note", "x=", "-", "e5"]
        ),
        max_size=30,
    ).map("".join)
)  # fmt: skip
def test_a_wild_table_is_read_or_refused(small: str, tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    path = tmp_path / "small.toml"
    path.write_text(small + '[tables]\nsources = "t.csv"\n')

    read_or_refused(path)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20) | st.builds("{}={}".format, st.text(max_size=9), st.text(max_size=9)))
def test_any_text_on_the_command_line_is_read_or_refused(text: str) -> None:
    with pytest.raises(ConfigFault):
        load({}, [text])


def test_what_is_refused_prints_nothing(small: str) -> None:
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        read_or_refused(tomllib.loads(small), "run.seed=x")

    assert out.getvalue() + err.getvalue() == ""
