"""Write the outputs in the pages anew: `python -m tests.docs.regenerate [PAGE]...`.

Runs what the pages show and puts what it prints in its place. Read the difference before you
commit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.outputs import agree, renewed
from docs.pages import ROOT, pages, steps
from docs.playing import played


def main(names: list[str]) -> int:
    """Renew the named pages, or all; 2 if an output cannot be placed."""
    unplaced = 0
    for page in names or [page for page in pages() if steps(page)]:
        lines = (ROOT / page).read_text("utf-8").splitlines()
        with tempfile.TemporaryDirectory() as folder:
            done = played(page, Path(folder))
        for step, given, _ in reversed(done):
            if step.shown is None or agree(step.shown, given):
                continue
            fresh = renewed(step.shown, given)
            print(f"{page}:{step.line}: {step.code.splitlines()[0]}")
            if fresh is None:
                unplaced += 1
                print("  cannot be placed; it prints", *given, sep="\n    ")
            else:
                lines[step.line - 1 : step.line - 1 + len(step.shown)] = fresh
        (ROOT / page).write_text("\n".join(lines) + "\n", "utf-8")
    return 2 if unplaced else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
