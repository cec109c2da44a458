"""Write the golden results anew: `python -m tests.golden.regenerate "the reason"`.

Prints how far the means moved, and enters the reason in the changelog; the golden tests fail until
both are committed together.
"""

from __future__ import annotations

import json
import sys

from tests.golden.digests import (
    CONFIGS,
    HERE,
    ROOT,
    changelog_mark,
    digests,
    golden,
    largest_changes,
    stored,
)

CHANGELOG = ROOT / "CHANGELOG.md"
ENTRIES = "writes the line.\n\n"


def main(arguments: list[str]) -> int:
    """Regenerate all goldens; 2 when the reason is missing and something changed."""
    fresh = {config.stem: golden(config) for config in CONFIGS}
    changed = [c for c in CONFIGS if digests(stored(c)) != digests(fresh[c.stem])]
    if not changed:
        print("no figure changed")
        return 0
    for config in changed:
        print(config.stem, *largest_changes(stored(config), fresh[config.stem]), sep="\n  ")
    if not arguments:
        print('say why: make golden REASON="..."', file=sys.stderr)
        return 2
    for config in changed:
        text = json.dumps(fresh[config.stem], indent=1, ensure_ascii=False)
        (HERE / f"{config.stem}.json").write_text(text + "\n", "utf-8")
    names = ", ".join(config.stem for config in changed)
    entry = f"- {arguments[0]} ({names}; {changelog_mark(fresh)})\n"
    log = CHANGELOG.read_text("utf-8")
    CHANGELOG.write_text(log.replace(ENTRIES, ENTRIES + entry, 1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
