"""Write anew what the shipped cases show: `python -m tests.pinned.regenerate "the reason"`.

Prints the differences, and enters the reason in the changelog. Figures that moved have a reason of
their own with the golden results.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from pathlib import Path

from tests.pinned.commands import ROOT, SHOWN, shown

CHANGELOG = ROOT / "CHANGELOG.md"
ENTRIES = "## What the shipped cases show\n\n"
MOST_LINES = 40  #: of the differences of one text


def main(arguments: list[str]) -> int:
    """Regenerate all texts; 2 when the reason is missing and something changed."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = dict(shown(Path(folder)))
    before = {path.name: path.read_text("utf-8") for path in SHOWN.glob("*.txt")}
    changed = [name for name in {**before, **fresh} if before.get(name) != fresh.get(name)]
    if not changed:
        print("nothing changed")
        return 0
    for name in changed:
        texts = (before.get(name, ""), fresh.get(name, ""))
        difference = difflib.unified_diff(*(text.splitlines() for text in texts), name, name, n=0)
        print(*list(difference)[:MOST_LINES], sep="\n")
    if not arguments:
        print('say why: make shown REASON="..."', file=sys.stderr)
        return 2
    for name in changed:
        if name in fresh:
            (SHOWN / name).write_text(fresh[name], "utf-8")
        else:
            (SHOWN / name).unlink()
    log = CHANGELOG.read_text("utf-8")
    entry = f"- {arguments[0]} ({len(changed)} texts)\n"
    CHANGELOG.write_text(log.replace(ENTRIES, ENTRIES + entry, 1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
