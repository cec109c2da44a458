"""`run.thresholds`: a rising list of losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from riskengine.config import load
from riskengine.errors import Fault


def _with(small: str, thresholds: str) -> str:
    return small.replace("seed = 7\n", f"seed = 7\nthresholds = {thresholds}\n")


def test_thresholds_are_read_as_they_stand(small: str, write: Callable[..., Any]) -> None:
    path = write(_with(small, "[0, 10, 1_000.5, 1e300]"))
    assert load(path).run.thresholds == (0.0, 10.0, 1000.5, 1e300)
    assert load(path, ["run.thresholds=[3]"]).run.thresholds == (3.0,)


def test_without_them_there_are_none(small: str, write: Callable[..., Any]) -> None:
    assert load(write(small)).run.thresholds == ()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("5", "is 5"),
        ("[]", "is an empty list"),
        ('"5"', 'is the text "5"'),
        ("[5, 5]", "holds 5 after 5"),
        ("[5, 4.5]", "holds 4.5 after 5"),
        ("[-1]", "holds -1"),
        ("[1, nan]", "holds nan"),
        ("[1, inf]", "holds inf"),
        ("[1, true]", "holds true"),
        ('[1, "2"]', 'holds the text "2"'),
        ("[[1]]", "holds a list"),
        (f"[1{'0' * 400}]", "holds a whole number of more than 20 digits"),
        (str(list(range(21))), "holds 21 numbers"),
    ],
)
def test_another_list_is_refused(
    small: str,
    write: Callable[..., Any],
    faults: Callable[..., tuple[Fault, ...]],
    given: str,
    found: str,
) -> None:
    (fault,) = faults(write(_with(small, given)))
    assert (fault.path, fault.found) == (("run", "thresholds"), found)
    assert "1 to 20 rising numbers of at least 0" in fault.allowed


def test_twenty_are_allowed(small: str, write: Callable[..., Any]) -> None:
    numbers = [math.ldexp(1.0, k) for k in range(20)]
    assert load(write(_with(small, str(numbers)))).run.thresholds == tuple(numbers)
