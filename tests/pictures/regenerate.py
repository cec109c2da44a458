"""Make all pictures of the docs anew: `make pictures`, or `python -m tests.pictures.regenerate`.

Names of pictures as arguments make only these; `screens` makes those of Chromium and LibreOffice.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.pictures.screens import taken
from tests.pictures.subjects import DRAWN, HOME, ROOT, Subjects

SCREENS = "screens"


def main(arguments: list[str]) -> int:
    """Write the pictures; 2 for a name that is none of them."""
    wanted = arguments or [*DRAWN, SCREENS]
    if unknown := set(wanted) - {*DRAWN, SCREENS}:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join((*DRAWN, SCREENS))}")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        subjects = Subjects(Path(folder))
        for name in DRAWN:
            if name in wanted:
                _tell(HOME / f"{name}.svg", subjects.drawn(name))
        if SCREENS in wanted:
            for place, missing in taken(subjects):
                shown = place.relative_to(ROOT)
                print(f"{shown}: LEFT OUT, it stays as it was: {missing}" if missing else shown)
    return 0


def _tell(place: Path, drawn: str) -> None:
    before = place.read_text("utf-8") if place.exists() else ""
    place.write_text(drawn, "utf-8")
    print(f"{place.relative_to(ROOT)}{'' if drawn == before else ': changed'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
