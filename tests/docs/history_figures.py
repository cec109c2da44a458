"""What docs/backtest.md says of the shipped suite, by name."""

from __future__ import annotations

from docs.kept import Row, rows

from riskengine.reports.tables.numbers import significant


def history_figures() -> dict[str, str]:
    """Every text of these."""
    return {**_inside(), **_naive()}


def _inside() -> dict[str, str]:
    """How many outcomes lie inside the intervals."""
    every = [row for row in rows("history-summary") if row["group"] == "all"]
    two, half, one = (
        next(row for row in every if (row["known"], row["interval"]) == key)
        for key in (("two-sided", "0.9"), ("two-sided", "0.5"), ("one-sided", "0.9"))
    )
    texts = {"history-two": two["outcomes"], "history-two-inside": two["inside"]}
    texts |= {"history-one": one["outcomes"], "history-one-inside": one["inside"]}
    texts["history-two-half"] = half["inside"]
    for name, row in (("two", two), ("two-half", half)):
        texts[f"history-{name}-expected"] = f"{float(row['expected']) * int(row['outcomes']):.0f}"
    for end, column in (("low", "lower"), ("high", "upper")):
        texts[f"history-two-{end}"] = f"{100.0 * float(two[column]):.0f}"
    return texts


def _naive() -> dict[str, str]:
    """The scores of the model beside those of the naive forecasts."""
    wanted = {
        "constant": ("all", "all", "constant duration"),
        "constant-two": ("all", "two-sided", "constant duration"),
        "today": ("all", "all", "today's level"),
        "today-industries": ("industries and losses", "all", "today's level"),
    }
    found = {(r["group"], r["known"], r["forecaster"]): r for r in rows("history-skill")}
    texts = {}
    for name, key in wanted.items():
        row = found[key]
        texts |= {f"{name}-crps": _score(row, "crps_naive"), f"{name}-model": _score(row, "crps")}
        texts[f"{name}-interval"] = _score(row, "interval_score_naive")
        texts[f"{name}-model-interval"] = _score(row, "interval_score")
        texts |= {f"{name}-of": row["outcomes"], f"{name}-better": row["better"]}
        texts[f"{name}-decided"] = row["decided"]
    return texts


def _score(row: Row, column: str) -> str:
    return significant(float(row[column]))
