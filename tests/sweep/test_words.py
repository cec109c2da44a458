"""Settings and figures of a sweep in words."""

from __future__ import annotations

import pytest

from riskengine.sweeps.series import SeriesKey, listed
from riskengine.sweeps.settings import parameter_spans, paths_in, setting_words, value_words
from riskengine.sweeps.tables import PointRow, Setting


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        (True, "true"),
        (False, "false"),
        (30.0, "30"),
        (-2.0, "-2"),
        (7, "7"),
        (0.1, "0.1"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1000000000000000.0"),
        (-1e15, "-1000000000000000.0"),
        ("sum", "sum"),
    ],
)
def test_a_value_is_written_as_a_config_would_have_it(value: Setting, words: str) -> None:
    assert value_words(value) == words


def test_settings_of_several_paths_are_listed() -> None:
    points = [
        PointRow(point=0, status="done", message="", settings=(1.0, "x", None)),
        PointRow(point=1, status="done", message="", settings=(2.5, "y", True)),
    ]
    assert setting_words(points, slice(1, 3)) == ["x, none", "y, true"]


@pytest.mark.parametrize(
    ("parameter", "paths"),
    [
        ("a.b", ["a.b"]),
        ('a.b, c."d, e"', ["a.b", 'c."d, e"']),
        ("a.'x, \"y', b", ["a.'x, \"y'", "b"]),
        (r'"a\", b", c', [r'"a\", b"', "c"]),
        (r'"a\\", b', [r'"a\\"', "b"]),
        (r"'a\', b", [r"'a\'", "b"]),
    ],
)
def test_a_comma_inside_of_quotes_parts_no_paths(parameter: str, paths: list[str]) -> None:
    assert paths_in(parameter) == paths


def test_parameters_stand_one_after_the_other() -> None:
    assert parameter_spans(["a", "b, c", "d"], 4) == [slice(0, 1), slice(1, 3), slice(3, 4)]
    with pytest.raises(ValueError, match="with 4 paths cannot have 3"):
        parameter_spans(["a", "b, c", "d"], 3)


def test_six_of_many_names_are_listed() -> None:
    assert listed(list("abcdef")) == "a, b, c, d, e, f"
    assert listed(list("abcdefg")) == "a, b, c, d, e, f and 1 more"


def test_a_figure_is_named_with_its_level_and_industry() -> None:
    assert SeriesKey("total", "", "var", 0.995).words == "VaR 99.5 %"
    assert SeriesKey("industry", "chips", "prob_loss", None).words == "chance of any loss of chips"
    assert SeriesKey("total", "", "other", None).words == "other"
