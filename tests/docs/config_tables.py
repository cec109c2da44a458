"""The tables of `docs/config.md` and `docs/results.md` that follow from the code.

`python -m tests.docs.config_tables` writes them anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Map, Node, Spread, allowed
from riskengine.figures.wording import documented

DOCS = Path(__file__).parents[2] / "docs"
TOP = "The top of the file"
HEAD = ["key", "allowed values", "default", "meaning"]


def tables(node: KeyedTable = SCHEMA, path: str = "") -> Iterator[tuple[str, KeyedTable]]:
    """Every table of known keys with its path; `*` stands for a name of the user's own."""
    yield path or TOP, node
    for key, child in node.keys.items():
        below = f"{path}.{key}" if path else key
        if isinstance(child, KeyedTable):
            yield from tables(child, below)
        elif isinstance(child, Map) and isinstance(child.of, KeyedTable):
            yield from tables(child.of, f"{below}.*")


def written(rows: list[list[str]]) -> str:
    """Rows as a table of Markdown, the first as its head."""
    head, *rest = rows
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rest))


def keys_table(table: KeyedTable) -> str:
    """The table of the keys of a table: range and unit, default, meaning."""
    rows = [
        [f"`{key}`", _values(node), _default(node), node.meaning]
        for key, node in table.keys.items()
    ]
    return written([HEAD, *rows])


def measures_table() -> str:
    """The table of the measures of the catalogue."""
    return written(documented())


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


def section(page: str, path: str) -> tuple[int, int] | None:
    """Where the keys of a table of the schema stand in the page; None if nowhere."""
    names = re.escape(path).replace(r"\*", "[A-Z]+")
    title = TOP if path == TOP else rf"`\[{names}\]`"
    found = re.search(rf"^### {title}\n+((?:^\|.*\n)+)", page, re.MULTILINE)
    return None if found is None else (found.start(1), found.end(1))


def measures(page: str) -> tuple[int, int]:
    """Where the table of measures stands in the page."""
    start = page.index("| measure | of |")
    return start, page.index("\n\n", start) + 1


def main() -> None:
    """Write all of them in their places."""
    page = (DOCS / "config.md").read_text("utf-8")
    for path, table in tables():
        place = section(page, path)
        if place is None:
            raise SystemExit(f"docs/config.md has no section [{path}] that begins with a table")
        page = f"{page[: place[0]]}{keys_table(table)}\n{page[place[1] :]}"
    (DOCS / "config.md").write_text(page, "utf-8")
    page = (DOCS / "results.md").read_text("utf-8")
    start, end = measures(page)
    page = f"{page[:start]}{measures_table()}\n{page[end:]}"
    (DOCS / "results.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
