"""The answer of a comparison in sentences: who loses more, on average and in the worst trials."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskengine.figures.comparison import Difference
from riskengine.language.speaking import spoken
from riskengine.model.confidence import detail_level, worst_text
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.tables.changes import relative, signed
from riskengine.reports.tables.numbers import percent, significant, with_unit
from riskengine.reports.xlsx.text import one_line


def answer(comparison: Comparison) -> list[str]:
    """The difference of the mean and of TVaR; none for a figure that a run does not have."""
    return [_told(found, when, one_line(comparison.money)) for when, found in _asked(comparison)]


def _asked(comparison: Comparison) -> Iterator[tuple[str, Difference]]:
    found = comparison.parts("total").get("", {})
    levels = [level for measure, level in found if measure == "tvar" and level is not None]
    wanted: list[tuple[str, tuple[str, float | None]]] = [("on average", ("mean", None))]
    if levels:
        level = detail_level(levels)
        wanted.append((f"in the worst {worst_text(level)}, on average", ("tvar", level)))
    for when, key in wanted:
        if key in found and not math.isnan(found[key].difference):
            yield when, found[key]


def _told(found: Difference, when: str, money: str) -> str:
    change, lower, upper = found.estimate
    has_ends = not (math.isnan(lower) or math.isnan(upper))
    if change == lower == upper == 0.0:
        return f"A and B lose the same {when}."
    size = with_unit(significant(abs(change)), money)
    if found.estimate.holds_zero:
        ends = f"{signed(lower)}{spoken().to}{signed(upper)}"
        return f"What A and B lose {when} cannot be told apart: B - A is {signed(change)} ({ends})."
    word = "less" if change < 0.0 else "more"
    low, high = sorted((abs(lower), abs(upper)))
    ends = f" ({significant(low)}{spoken().to}{significant(high)})" if has_ends else ""
    share = relative(found)
    part = "" if share is None else f", {percent(abs(share))} of A"
    return f"B loses {size} {word} than A {when}{ends}{part}."
