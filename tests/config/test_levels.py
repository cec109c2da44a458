"""`run.levels`: a rising list of confidence levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from riskengine.config import load
from riskengine.errors import Fault


def _with(small: str, levels: str) -> str:
    return small.replace("seed = 7\n", f"seed = 7\nlevels = {levels}\n")


def test_levels_are_read_as_they_stand(small: str, write: Callable[..., Any]) -> None:
    path = write(_with(small, "[0.000001, 0.5, 0.9, 0.999, 0.999999]"))
    assert load(path).run.levels == (0.000001, 0.5, 0.9, 0.999, 0.999999)
    assert load(path, ["run.levels=[0.975]"]).run.levels == (0.975,)


def test_without_them_there_are_four_and_the_manifest_says_so(
    small: str, write: Callable[..., Any]
) -> None:
    scenario = load(write(small))
    assert scenario.run.levels == (0.9, 0.95, 0.99, 0.995)
    assert scenario.document["run"]["levels"] == [0.9, 0.95, 0.99, 0.995]


def test_a_resolved_config_gives_the_same_levels_again(
    small: str, write: Callable[..., Any]
) -> None:
    scenario = load(write(_with(small, "[0.8, 0.999]")))
    assert load(scenario.document).run.levels == (0.8, 0.999)


def test_the_config_of_an_older_folder_has_the_usual_levels(
    small: str, write: Callable[..., Any]
) -> None:
    document = load(write(small)).document
    del document["run"]["levels"]
    assert load(document).run.levels == (0.9, 0.95, 0.99, 0.995)


@pytest.mark.parametrize(
    ("given", "found", "hint"),
    [
        ("0.99", "is 0.99", "write [0.99]"),
        ("[]", "is an empty list", "leave it out for the usual ones"),
        ('"0.99"', 'is the text "0.99"', ""),
        ("[0.99, 0.99]", "holds 0.99 after 0.99", ""),
        ("[0.99, 0.95]", "holds 0.95 after 0.99", ""),
        ("[0, 0.9]", "holds 0", ""),
        ("[0.0000005, 0.9]", "holds 5e-07", ""),
        ("[0.9, 1]", "holds 1", ""),
        ("[0.9, 1.0]", "holds 1.0", ""),
        ("[0.9999995]", "holds 0.9999995", ""),
        ("[0.9123456]", "holds 0.9123456", ""),
        ("[90, 99]", "holds 90", "did you mean 0.9?"),
        ("[99.9]", "holds 99.9", "did you mean 0.999?"),
        ("[0.9, nan]", "holds nan", ""),
        ("[0.9, inf]", "holds inf", ""),
        ("[0.9, true]", "holds true", "true and false are no numbers"),
        ('["99 %"]', 'holds the text "99 %"', "write 0.99"),
        ("[-0.9]", "holds -0.9", ""),
        (str([0.5 + k / 100 for k in range(21)]), "holds 21 numbers", ""),
    ],
)
def test_another_list_is_refused(
    small: str,
    write: Callable[..., Any],
    faults: Callable[..., tuple[Fault, ...]],
    given: str,
    found: str,
    hint: str,
) -> None:
    (fault,) = faults(write(_with(small, given)))
    assert (fault.path, fault.found, fault.hint) == (("run", "levels"), found, hint)
    assert "1 to 20 rising numbers above 0 and below 1, of at most 6 decimals" in fault.allowed


def test_twenty_are_allowed(small: str, write: Callable[..., Any]) -> None:
    levels = [round(0.02 + k / 25, 2) for k in range(20)]
    assert load(write(_with(small, str(levels)))).run.levels == tuple(levels)
