"""What is asked for: whose scenario, cut off by whom, of what, like which case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from riskengine.economies.drafting.cases import LikeCase
from riskengine.economies.drafting.wording import ANNOTATIONS, Row
from riskengine.economies.names import Economy, find_economy, has_name
from riskengine.economies.tables import UNION
from riskengine.economies.trade import Trade

BORROWED = "borrowed"
DERIVED = "derived"


@dataclass(frozen=True, kw_only=True)
class DraftRequest:
    """A scenario that is asked for, and the tables that it is made from."""

    importer: Economy
    coercer: Economy
    case: LikeCase
    trade: Trade
    materials: Sequence[str] | None = None  #: None: all of the case that the coercer sells

    @property
    def is_own(self) -> bool:
        """Whether the case is that of the importer: nothing of it is borrowed then."""
        return self.case.economy == self.importer.code

    @property
    def by_china(self) -> bool:
        """Whether the shipped politics are about the coercer."""
        return self.coercer.code == "CHN"

    @cached_property
    def shares(self) -> dict[str, list[dict[str, Any]]]:
        """The exporters of each commodity."""
        return self.trade.shares(self.importer.code)

    @cached_property
    def totals(self) -> dict[str, dict[str, Any]]:
        """The imports of each commodity."""
        return self.trade.totals(self.importer.code)

    @cached_property
    def yearly(self) -> dict[tuple[str, str], dict[int, float]]:
        """Shares of single years, where the trade tables have them."""
        return self.trade.yearly(self.importer.code)

    def is_home(self, country: str) -> bool:
        """Whether a country is the importer, or a member of it: what it makes cannot be cut off."""
        if self.importer.code == UNION:
            return has_name(country) and find_economy(country).in_union
        return country == self.importer.name

    def taken(self, row: Row, note: str = "") -> Row:
        """A row of the case as it stands in the draft: its own, or marked as borrowed.

        Parameters
        ----------
        row : dict
            A row of the case, its values changed or not.
        note : str
            What was changed; it comes before the note of the case.
        """
        own = row.get("note", "")
        if self.is_own:
            return {**row, "note": f"{note} {own}".strip()}
        said = f"{note} Borrowed from {self.case.shipped}: {own}".strip()
        return {**row, "status": BORROWED, "note": said}

    def told(self, row: Row, status: str, source: str, note: str) -> Row:
        """A row with its annotations."""
        return {**row, **dict(zip(ANNOTATIONS, (status, source, note), strict=True))}
