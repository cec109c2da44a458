"""Names of scenarios, which are names of folders too: on any system, beside the batch's files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from riskengine.config.layers.assemble import is_reserved
from riskengine.errors import Fault
from riskengine.model.faults.tree import Path, look_alikes
from riskengine.model.spelling import folded

MOST_SCENARIOS = 1_000

#: files in the folder of a batch
BATCH_CSV, BATCH_PARQUET, SCENARIOS_CSV = "batch.csv", "batch.parquet", "scenarios.csv"
REFERENCE_CSV, PREVIOUS_CSV, CHANGES_CSV = "reference.csv", "previous.csv", "changes.csv"
BATCH_WORKBOOK, BATCH_PAGE = "batch.xlsx", "batch.html"
BATCH_FILES = (
    BATCH_CSV,
    BATCH_PARQUET,
    SCENARIOS_CSV,
    REFERENCE_CSV,
    PREVIOUS_CSV,
    CHANGES_CSV,
    BATCH_WORKBOOK,
    BATCH_PAGE,
)
_TAKEN = frozenset(folded(name) for name in (*BATCH_FILES, "manifest.json"))
_MOST_BYTES = 120
_ALLOWED = (
    "a name that a folder can have on any computer: letters, digits, spaces, -, _ and dots, with a "
    f"letter or digit first and last, at most {_MOST_BYTES} bytes"
)


def name_faults(named: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """What is wrong with names of scenarios: no folder can have them, or two look alike."""
    named = list(named)
    for path, name in named:
        found = fault_of_folder(name)
        if found:
            yield Fault(path=path, found=found, allowed=_ALLOWED)
    yield from look_alikes(named)


def fault_of_folder(name: str) -> str:
    """Why a scenario cannot have a name, or an empty text.

    >>> fault_of_folder("korea-2026"), fault_of_folder("../korea")
    ('', 'cannot be the name of a folder: it holds "/"')
    """
    wrong = next((c for c in name if not (_is_letter(c) or c in " -_.")), "")
    if wrong:
        shown = f'"{wrong}"' if wrong.isprintable() else f"U+{ord(wrong):04X}"
        return f"cannot be the name of a folder: it holds {shown}"
    if not (name and _is_letter(name[0]) and _is_letter(name[-1])):
        return "cannot be the name of a folder: it begins or ends with a sign"
    if len(name.encode()) > _MOST_BYTES:
        return f"cannot be the name of a folder: it has {len(name.encode()):,} bytes"
    if is_reserved(name):
        return "cannot be the name of a folder: Windows keeps it for a device"
    if folded(name) in _TAKEN:
        return "is the name of a file of the batch"
    return ""


def _is_letter(character: str) -> bool:
    """Whether a character is a letter, a mark on one, or a digit."""
    return unicodedata.category(character)[0] in "LMN"
