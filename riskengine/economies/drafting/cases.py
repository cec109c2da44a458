"""The shipped cases that a draft borrows from: their rows, and the sectors of their industries."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from riskengine.config.sources.shipped import by_name, case_files
from riskengine.economies.drafting.wording import Row
from riskengine.errors import RunFault, UsageFault
from riskengine.model.spelling import Speller, legible


@dataclass(frozen=True, kw_only=True)
class LikeCase:
    """A shipped case of one economy."""

    name: str  #: as `--like` takes it, and the beginning of the names of its tables
    shipped: str
    economy: str
    #: The sector of each industry in the world input-output tables
    sectors: Mapping[str, str]
    #: The part of the value added of a sector that industries of the case make up; else all of it
    covered: Mapping[str, float]

    def rows(self, table: str) -> list[Row]:
        """Copies of the rows of one of its tables, such as `uses`."""
        return [dict(row) for row in self._tables[table]]

    @cached_property
    def _tables(self) -> Mapping[str, list[Row]]:
        case = by_name(self.shipped)
        assert case is not None  # noqa: S101  (a test names every case)
        try:
            files = case_files(case)
        except OSError as error:
            raise RunFault(f"this riskengine has lost its cases: {error}") from error
        ending = len(".csv")
        return {
            name.rpartition("-")[2][:-ending]: list(
                csv.DictReader(io.StringIO(text.decode("utf-8"), newline=""))
            )
            for name, text in files.items()
            if name.startswith(f"tables/{self.name}-")
        }

    def parts(self) -> dict[str, float]:
        """The part of the value added of its sector that each industry makes up."""
        added = {
            row["industry"]: float(row["value_added_per_year"]) for row in self.rows("industries")
        }
        sums: dict[str, float] = {}
        for industry, sector in self.sectors.items():
            sums[sector] = sums.get(sector, 0.0) + added[industry]
        return {
            industry: self.covered.get(sector, 1.0) * added[industry] / sums[sector]
            for industry, sector in self.sectors.items()
        }


_TRANSPORT, _ELECTRICAL = "transport-equipment", "electrical-and-optical"
_METALS, _MACHINERY = "basic-and-fabricated-metals", "machinery"

CASES = (
    LikeCase(
        name="korea",
        shipped="korea-2026",
        economy="KOR",
        sectors={
            "automobile": _TRANSPORT,
            "other-transport": _TRANSPORT,
            "semiconductors": _ELECTRICAL,
            "display": _ELECTRICAL,
            "consumer-electronics": _ELECTRICAL,
            "batteries": _ELECTRICAL,
            "electrical-equipment": _ELECTRICAL,
            "machinery-and-robots": _MACHINERY,
            "fabricated-metal": _METALS,
            "primary-metals": _METALS,
            "chemicals": "chemicals",
            "oil-refining": "coke-petroleum",
        },
        # 0.15 of electronics, which is 80.7 / 0.65 = 124.2 of 124.2 + 35.1, is in no industry.
        covered={_ELECTRICAL: 0.883},
    ),
    LikeCase(
        name="japan",
        shipped="japan-2026",
        economy="JPN",
        sectors={
            "transport-equipment": _TRANSPORT,
            "chemicals": "chemicals",
            "production-machinery": _MACHINERY,
            "electrical-machinery": _ELECTRICAL,
            "electronic-parts": _ELECTRICAL,
            "iron-and-steel": _METALS,
        },
        # Of 55.3 + 40.0 / 0.6 in electricals; 0.65 of basic metals, 84.1 of 84.1 + 48.3 in metals.
        covered={_MACHINERY: 0.5, _ELECTRICAL: 0.782, _METALS: 0.413},
    ),
)


def find_like(name: str | None, economy: str) -> LikeCase:
    """The case with a name; without one the case of the economy itself, or the first.

    Raises
    ------
    UsageFault
        If there is none.
    """
    if name is None:
        return next((case for case in CASES if case.economy == economy), CASES[0])
    found = next((case for case in CASES if name.casefold() in (case.name, case.shipped)), None)
    if found is not None:
        return found
    names = [case.name for case in CASES]
    hint = Speller().suggest(name, names)
    raise UsageFault(
        f'--like "{legible(name[:100])}": no case to borrow from has this name.'
        + (f" D{hint[1:]}" if hint else "")
        + f" There are: {', '.join(names)}."
    )
