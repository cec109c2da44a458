"""How the shipped tables are made: what a struck sector passes on, by summing rounds by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from riskengine.economies.building import passed_on_rows
from riskengine.economies.tables import parquet_bytes


def test_rounds_of_purchases_sum_to_what_is_passed_on() -> None:
    given = {
        ("cars", "steel"): 0.3,
        ("cars", "power"): 0.1,
        ("cars", "cars"): 0.5,
        ("steel", "power"): 0.2,
        ("steel", "cars"): 0.9,
        ("power", "steel"): 0.05,
        ("power", "power"): 0.1,
    }
    frame = pd.DataFrame(
        [{"from_sector": f, "to_sector": t, "coefficient": c} for (f, t), c in given.items()]
    )
    (row,) = passed_on_rows(frame, ["cars"])

    lost, whole = {"steel": 0.3, "power": 0.1}, 0.0
    for _ in range(200):  # round by round; nothing comes back to cars
        whole += sum(lost.values())
        lost = {
            to: sum(lost[by] * given.get((by, to), 0) for by in lost) for to in ("steel", "power")
        }
    assert row["sector"] == "cars"
    assert row["first_round"] == 0.4
    assert row["all_rounds"] == pytest.approx(whole, abs=5e-5)


def test_the_same_frame_is_the_same_bytes() -> None:
    frame = pd.DataFrame({"economy": ["KOR", "JPN"], "share": [0.25, None]})
    assert parquet_bytes(frame) == parquet_bytes(frame.copy())
