"""Stocks and alternatives: those of the case that could hold anywhere, the others named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskengine.economies.drafting.request import DraftRequest
from riskengine.economies.drafting.wording import Remark, Row, listed

PUBLIC = "public"  #: the tier of the state
SUPPLIER = "supplier"  #: the kind of alternatives that are contracts and plants of one buyer


@dataclass(frozen=True, kw_only=True)
class Reserves:
    """Stocks and alternatives of a draft."""

    stocks: list[Row]
    alternatives: list[Row]
    remarks: list[Remark]


def reserved(request: DraftRequest, materials: Sequence[str]) -> Reserves:
    """Stocks and alternatives of some materials."""
    stocks = [row for row in request.case.rows("stocks") if row["material"] in materials]
    others = [row for row in request.case.rows("alternatives") if row["material"] in materials]
    if request.is_own:
        remark = Remark(
            f"stocks and alternatives: the rows of {request.case.shipped}, mostly assumptions",
            "what the state and firms say that they hold, and signed contracts; stocks.csv and "
            "alternatives.csv",
        )
        return Reserves(stocks=stocks, alternatives=others, remarks=[remark])
    anywhere = [row for row in others if row["kind"] != SUPPLIER]
    return Reserves(
        stocks=[_stock(request, row) for row in stocks],
        alternatives=[request.taken(row) for row in anywhere],
        remarks=list(_remarks(request, stocks, others)),
    )


def _stock(request: DraftRequest, row: Row) -> Row:
    if row["tier"] != PUBLIC:
        return request.taken(row)
    return request.told(
        {**row, "days": "0"},
        "assumption",
        "",
        f"No public stock of {request.importer.name} is known to the tables, so none is assumed; "
        f"a row to be changed. release_lag_days and max_release: those of {request.case.shipped}.",
    )


def _remarks(request: DraftRequest, stocks: list[Row], others: list[Row]) -> list[Remark]:
    case, found = request.case.shipped, []
    if stocks:
        found.append(
            Remark(
                f"stocks: public ones are 0, those of traders are borrowed from {case}",
                "days of normal demand that the state and traders hold, in stocks.csv",
            )
        )
    left = [
        f"{row['alternative']} ({row['material']})" for row in others if row["kind"] == SUPPLIER
    ]
    if others:
        told = f"; left out are its other suppliers: {listed(left)}" if left else ""
        found.append(
            Remark(
                f"alternatives: recycling, leakage and substitution are borrowed from {case}{told}",
                "contracts and plants of your own as shares of your demand, in alternatives.csv. "
                "Without them losses are too high rather than too low",
            )
        )
    return found
