"""What differs between two configs, and values written as TOML that reads the same again."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from riskengine.config.differences import InputDifference, input_differences
from riskengine.config.toml.one_line import one_line, toml_text


def test_inputs_that_are_the_same_in_another_order_do_not_differ() -> None:
    a = {"run": {"title": "x", "horizon_days": 730}, "materials": {"ga": {"coverage": 1}}}
    b = {"materials": {"ga": {"coverage": 1.0}}, "run": {"horizon_days": 730.0, "title": "x"}}
    assert input_differences(a, b) == []


def test_a_value_that_differs_is_named_by_its_path() -> None:
    a = {"materials": {"rare earths": {"stocks": {"public": {"days": 30}}}}}
    b = {"materials": {"rare earths": {"stocks": {"public": {"days": {"uniform": [1, 2]}}}}}}
    (found,) = input_differences(a, b)
    assert found == InputDifference(
        path='materials."rare earths".stocks.public.days',
        change="changed",
        a="30",
        b="{ uniform = [1, 2] }",
    )


def test_what_one_config_alone_has_is_one_line() -> None:
    stock = {"days": 30, "max_release": 0.5}
    a: dict[str, Any] = {"stocks": {}}
    b = {"stocks": {"public": stock}}
    text = "{ days = 30, max_release = 0.5 }"
    assert input_differences(a, b) == [
        InputDifference(path="stocks.public", change="added", a="", b=text)
    ]
    assert input_differences(b, a) == [
        InputDifference(path="stocks.public", change="removed", a=text, b="")
    ]


def test_distributions_of_two_families_differ_as_a_whole_and_of_one_by_parameter() -> None:
    a = {"lag": {"exponential": {"mean": 27}}}
    longer = {"lag": {"exponential": {"mean": 40}}}
    other = {"lag": {"weibull": {"shape": 2, "scale": 40}}}
    assert [d.path for d in input_differences(a, longer)] == ["lag.exponential.mean"]
    assert [d.path for d in input_differences(a, other)] == ["lag"]


@pytest.mark.parametrize(
    ("a", "b"), [(True, 1), (0, False), ([1, 2], [2, 1]), ([1], [1, 1]), ("1", 1), (None, 0)]
)
def test_values_that_look_alike_are_told_apart(a: Any, b: Any) -> None:
    assert len(input_differences({"x": a}, {"x": b})) == 1


def test_trials_and_seed_are_no_inputs() -> None:
    assert input_differences({"run": {"trials": 5, "seed": 1}}, {"run": {"trials": 6}}) == []


@pytest.mark.parametrize(
    "value",
    [
        "plain", 'a "quoted" \\ path', "tab\t, bell\a and DEL\x7f", "x" * 200, "가륨", -0.0, 1e-7,
        float("inf"), 9_223_372_036_854_775_807, True, date(2026, 1, 8), [], {},
        {"pert": {"low": 9, "rare earths": [0.5, True, "x"], "": [[1], []]}},
    ],
)  # fmt: skip
def test_a_value_written_as_toml_is_read_as_the_same(value: Any) -> None:
    again = tomllib.loads(f"x = {toml_text(value)}")["x"]
    assert (again, type(again), str(again)) == (value, type(value), str(value))
    assert "\n" not in toml_text(value)


def test_a_value_for_people_is_cut_where_it_is_long() -> None:
    assert one_line({"a": "x" * 99}) == '{ a = "' + "x" * 60 + '..." }'
