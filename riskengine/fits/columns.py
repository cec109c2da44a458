"""The columns of a table of episodes that have a meaning; any other one can define groups."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.config.schema.kinds import Day, Integer, KeyedTable, Number, Text
from riskengine.config.schema.scalars import quoted, show
from riskengine.config.sources.grids import CellError, is_filled
from riskengine.config.sources.names import normal
from riskengine.fits.dates import PRECISIONS
from riskengine.model.spelling import Speller

START, END, CENSORED, DURATION = "start_date", "end_date", "censored", "duration_days"
START_PRECISION, END_PRECISION, PRECISION = "start_precision", "end_precision", "date_precision"
NEAR_ZERO, RECOVERED = "near_zero_flow_days", "flow_recovered_by_days"
ID, CLUSTER, PARENT, EXPOSURE = "id", "cluster", "escalated_from", "exposure_years"
INSTRUMENT = "instrument"


def _duration(meaning: str, unit: str = "days") -> Number:
    return Number(meaning=meaning, unit=unit, low_open=True)


_PRECISION = f"how well that date is known; `{PRECISION}` serves for both"

#: The columns that have a meaning. Which of them a table needs depends on the others (`NEEDED`).
EPISODE = KeyedTable(
    keys={
        START: Day(meaning="its begin; 2023-08 where only the month is known, 2023 the year"),
        END: Day(meaning="its end, in the same ways; empty while in force"),
        CENSORED: Integer(
            meaning="1: still in force when the table was closed; 0: it ended",
            high=1,
            required=True,
        ),
        DURATION: _duration("in place of dates, or in addition to them as a check"),
        START_PRECISION: Text(meaning=_PRECISION, choices=PRECISIONS),
        END_PRECISION: Text(meaning=_PRECISION, choices=PRECISIONS),
        PRECISION: Text(meaning="how well both dates are known", choices=PRECISIONS),
        NEAR_ZERO: _duration("from the start: how long the flow was near zero"),
        RECOVERED: _duration("from the start: when the flow was back to normal"),
        ID: Text(meaning="name of the row"),
        PARENT: Text(meaning="name of the row that it came out of"),
        CLUSTER: Text(
            meaning="political event that it belongs to; without this column each is its own event"
        ),
        EXPOSURE: _duration("for how long its kind was watched, where there are no dates", "years"),
    },
    annotations=(),
)
KNOWN = frozenset(EPISODE.keys)
OPTIONAL = KNOWN - {CENSORED}  #: columns where NA, - and the like mean an unknown value
DAYS = {name: node for name, node in EPISODE.keys.items() if isinstance(node, Number)}

NEEDED = f"{START}, {END} and {CENSORED}; or {DURATION} and {CENSORED}"
_MATERIALS = ("materials", "material")
_SLIPPED = 4  #: letters by which the lengths of two such headings may differ
_ALIKE = 0.9  #: similarity from which one heading is a misspelling: `clusters`, `enddate`


@dataclass(frozen=True, slots=True)
class ColumnPlaces:
    """The position of each column."""

    places: Mapping[str, int]  #: heading -> number of the column, from 0
    faults: Sequence[CellError]

    def has(self, name: str) -> bool:
        return name in self.places


def read_header(cells: Sequence[Any]) -> ColumnPlaces:
    """The headings of a table, and what is wrong with them."""
    places: dict[str, int] = {}
    faults: list[CellError] = []
    for number, cell in enumerate(cells):
        if not is_filled(cell):
            continue
        if not isinstance(cell, str):
            faults.append(CellError(1, number, f"is {show(cell)}", "the name of a column"))
            continue
        name = normal(cell.strip())
        if name in places:
            faults.append(CellError(1, number, f'names the column "{name}" twice', "once"))
        else:
            places[name] = number
    slips = _slips(places)
    meant = {*places, *(known for _, known in slips)}
    faults += [
        CellError(
            1, places[name], f"the heading {quoted(name)} is not known",
            "the documented headings, and others that do not look like them",
            f'did you mean "{known}"?',
        )
        for name, known in slips
    ]  # fmt: skip
    return ColumnPlaces(places, [*faults, *_missing(meant)])


def _slips(places: Mapping[str, int]) -> list[tuple[str, str]]:
    """Headings that would be read as groups but nearly match a heading with a meaning."""
    found = []
    for name in places:
        if name in KNOWN:
            continue
        near = {known: _likeness(name, known) for known in KNOWN}
        known = max(sorted(near), key=near.__getitem__)
        if near[known] == 1.0 or (near[known] >= _ALIKE and known not in places):
            found.append((name, known))
    return found


def _likeness(name: str, known: str) -> float:
    """Similarity of two headings, from 0 to 1; case and signs between words do not count."""
    folded = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", name).casefold()).strip("_")
    if abs(len(folded) - len(known)) > _SLIPPED:
        return 0.0
    from difflib import SequenceMatcher

    return SequenceMatcher(None, folded, known, autojunk=False).ratio()


def _missing(places: Collection[str]) -> list[CellError]:
    """Faults for the columns that the table lacks; the nearest heading may be a misspelling."""
    missing = [] if CENSORED in places else [CENSORED]
    if START in places:
        missing += [] if END in places or DURATION in places else [END]
    elif DURATION not in places:
        missing.append(START if END in places else DURATION)
    if PARENT in places and ID not in places:
        missing.append(ID)
    if any(name in places for name in (NEAR_ZERO, RECOVERED)) and not (
        START in places or DURATION in places
    ):
        missing.append(START)
    speller = Speller()
    return [
        CellError(
            1, 0, f'there is no column "{name}"', NEEDED,
            speller.suggest(name, sorted(n for n in places if n not in KNOWN)),
        )
        for name in dict.fromkeys(missing)
    ]  # fmt: skip


def group_column(name: str, headings: Sequence[str]) -> str:
    """The heading that `--by` means: the name itself, or `materials` for `material`, say."""
    if name in _MATERIALS and name not in headings:
        return next((other for other in _MATERIALS if other in headings), name)
    return name


def group_names(cell: str, column: str) -> list[str]:
    """The groups that one cell puts an episode into.

    Several values are separated by `;`. In the column of materials a comma outside brackets
    separates as well, because that is how lists of materials are written.

    >>> group_names("gallium, germanium", "materials")
    ['gallium', 'germanium']
    >>> group_names("Taiwan, Hong Kong", "target")
    ['Taiwan, Hong Kong']
    """
    parts = [""]
    depth = 0
    for character in cell:
        depth += {"(": 1, ")": -1}.get(character, 0)
        is_end = character == ";" or (character == "," and depth <= 0 and column in _MATERIALS)
        if is_end:
            parts.append("")
        else:
            parts[-1] += character
    names = [part.strip() for part in parts if part.strip()]
    return list(dict.fromkeys(names)) or ["(not given)"]
