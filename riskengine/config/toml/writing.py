"""A document as the text of a TOML file, laid out by the schema as a person would write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Free, KeyedTable, Map, Node, Shorthand, node_below
from riskengine.config.toml.one_line import toml_text
from riskengine.errors import format_path

LONGEST_LINE = 110  #: characters of a table that stands on one line with its key


def document_lines(document: Mapping[str, Any]) -> list[str]:
    """A document as lines of TOML, from which an equal document can be read.

    Values of the top come first, then every table under its heading. Short tables stand on one
    line. Names of a collection keep their order; keys of other tables may change theirs.

    >>> document_lines({"run": {"trials": 5}, "ladder": {"ban": {"next": {"resolved": 1.0}}}})
    ['[run]', 'trials = 5', '', '[ladder.ban]', 'next = { resolved = 1.0 }', '']
    """
    return list(_lines((), SCHEMA, document))


def _lines(path: tuple[str, ...], node: Node | None, table: Mapping[str, Any]) -> Iterator[str]:
    """A table as TOML: its values, then its tables, each under a heading of its own."""
    below = _sections(path, node, table)
    values = {key: value for key, value in table.items() if key not in below}
    if path and (values or not below):
        yield f"[{format_path(path)}]"
    for key, value in values.items():
        yield _line(key, value)
    if values or (path and not below):
        yield ""
    for key, value in below.items():
        yield from _lines((*path, key), node_below(node, key), value)


def _line(key: str, value: Any) -> str:
    return f"{format_path((key,))} = {toml_text(value)}"


def _sections(path: tuple[str, ...], node: Node | None, table: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a table that need a heading of their own, in their order.

    Members of a collection have headings all or none: their order may count, and headings come
    last.
    """
    tables = {key: value for key, value in table.items() if _is_table(node, key, value)}
    if not path:
        return tables
    if isinstance(node, Map):
        fit = all(_is_short(node.of, key, value) for key, value in tables.items())
        return {} if fit and len(path) > 1 else tables
    return {
        key: value
        for key, value in tables.items()
        if not _is_short(node_below(node, key), key, value)
    }


def _is_table(node: Node | None, key: str, value: Any) -> bool:
    """Whether a value is a table of the schema, and not a distribution or a value of any kind."""
    if not isinstance(value, Mapping):
        return False
    if isinstance(node, Free):
        return key in node.whole
    below = node_below(node, key)
    return isinstance(below, KeyedTable | Map | Free) and not isinstance(below, Shorthand)


def _is_short(node: Node | None, key: str, value: Mapping[str, Any]) -> bool:
    """Whether a table reads well on one line: it is short, and holds no tables of tables."""
    inside = [name for name, held in value.items() if _is_table(node, name, held)]
    return not inside and len(_line(key, value)) <= LONGEST_LINE
