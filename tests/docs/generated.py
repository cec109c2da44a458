"""The tables in the pages that follow from the code: keys, measures, quantities, columns.

`make reference` (`python -m tests.docs.generated`) writes them anew.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.result_files import all_sections
from docs.written import TEMPLATES, rendered

from riskengine.backtests.quantities import documented as quantities
from riskengine.backtests.suite_schema import SUITE
from riskengine.batches.schema import BATCH_FILE
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    KNOWN_ON,
    Day,
    KeyedTable,
    Map,
    Node,
    Spread,
    Text,
    allowed,
)
from riskengine.config.sweeps.reading import SETTINGS
from riskengine.figures.wording import documented as measures
from riskengine.fits.columns import EPISODE

DOCS = Path(__file__).parents[2] / "docs"
FILES = DOCS / "reference" / "files.md"
HEAD = ["allowed values", "default", "meaning"]


class Schema(NamedTuple):
    """The keys of one kind of file, and the page that lists them."""

    page: str
    root: KeyedTable
    top: str = ""  #: heading of the keys at the top of the file; none if they say nothing
    notes: bool = True  #: whether each table ends with the notes that it may have
    word: str = "key"


SCHEMAS = (
    Schema("config.md", SCHEMA, "The top of the file", notes=False),  # they stand above the tables
    Schema("sweep.md", KeyedTable(keys={"sweep": SETTINGS}), notes=False),
    Schema("batch.md", BATCH_FILE),
    Schema("backtest.md", SUITE, "The top of a suite"),
    Schema("calibrate.md", EPISODE, "Columns with a meaning", word="column"),
)


class Place(NamedTuple):
    """A table of a page: what it must be, and the pattern of what stands there."""

    page: str
    name: str
    table: str
    pattern: str  #: its first group is the table

    def found(self, text: str) -> re.Match[str] | None:
        return re.search(self.pattern, text, re.MULTILINE)


def places() -> Iterator[Place]:
    """Every table that follows from the code."""
    for schema in SCHEMAS:
        for path, table in key_tables(schema.root):
            if path or schema.top:
                title = _heading(path) if path else re.escape(schema.top)
                rows = keys_table(table, notes=schema.notes, word=schema.word)
                yield Place(schema.page, path or schema.top, rows, _below(f"### {title}"))
    yield Place(
        "results.md", "measures", written(measures()), r"^(\| measure \| of \|.*\n(?:\|.*\n)+)"
    )
    yield Place(
        "backtest.md", "quantities", written(quantities()), _below("### What an outcome can be")
    )


def key_tables(node: KeyedTable, path: str = "") -> Iterator[tuple[str, KeyedTable]]:
    """Every table of known keys with its path; `*` stands for a name of the user's own."""
    yield path, node
    for key, child in node.keys.items():
        below = f"{path}.{key}" if path else key
        if isinstance(child, KeyedTable):
            yield from key_tables(child, below)
        elif isinstance(child, Map) and isinstance(child.of, KeyedTable):
            yield from key_tables(child.of, f"{below}.*")


def written(rows: list[list[str]]) -> str:
    """Rows as a table of Markdown, the first as its head."""
    head, *rest = rows
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rest))


def keys_table(table: KeyedTable, *, notes: bool, word: str = "key") -> str:
    """The table of the keys of a table: range and unit, default, meaning."""
    rows = [_row(key, node) for key, node in table.keys.items()]
    if word == "column":  # of a table, where texts stand without quotes
        rows = [[cell.replace(" in quotes", "").replace('"', "") for cell in row] for row in rows]
    if notes:
        texts = "`, `".join(key for key in table.annotations if key != KNOWN_ON)
        rows += [_row(texts, Text(meaning="yours, free text"))] if texts else []
        if KNOWN_ON in table.annotations:
            rows.append(_row(KNOWN_ON, Day(meaning="from when the values were known")))
    return written([[word, *HEAD], *rows])


def files_page() -> str:
    """The page of all files and columns."""
    return rendered((TEMPLATES / FILES.name).read_text("utf-8"), all_sections())


def _row(key: str, node: Node) -> list[str]:
    return [f"`{key}`", _values(node), _default(node), node.meaning]


def _values(node: Node) -> str:
    words = allowed(node)
    if isinstance(node, Map) and not isinstance(node.of, KeyedTable):
        each = ", each" if isinstance(node.of, Map) else ":"
        return f"{words}{each} {_values(node.of)}"
    if isinstance(node, Spread) and node.number_high < min(node.high, math.inf):
        return f"{words}; a bare number at most {node.number_high:g}"
    return words


def _default(node: Node) -> str:
    if node.required:
        return "required"
    default = getattr(node, "default", None)
    if default is None:
        return "-"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return f'`"{default}"`' if isinstance(default, str) else f"{default:.15g}"


def _heading(path: str) -> str:
    names = re.escape(path).replace(r"\*", "[A-Z]+")
    return rf"`\[{names}\]`"


def _below(heading: str) -> str:
    return rf"^{heading}\n+((?:^\|.*\n)+)"


def main() -> None:
    """Write all of them in their places."""
    for place in places():
        path = DOCS / place.page
        text = path.read_text("utf-8")
        found = place.found(text)
        if found is None:
            raise SystemExit(f"docs/{place.page} has no section that begins with {place.name}")
        path.write_text(f"{text[: found.start(1)]}{place.table}\n{text[found.end(1) :]}", "utf-8")
    FILES.write_text(files_page(), "utf-8")


if __name__ == "__main__":
    main()
