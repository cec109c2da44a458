"""References from a workbook to its own sheets: `#Uses-low` stands beside the table it replaces."""

from __future__ import annotations

from typing import Any

from riskengine.config.toml.positions import read_key

_Path = tuple[str, ...]

_FILE = ("propagation", "file")


def place_references(data: dict[str, Any], book: str) -> set[str]:
    """Put the name of a workbook before references to its own sheets, in place.

    Parameters
    ----------
    data : dict
        What a sheet of the workbook says.
    book : str
        The name of the workbook, with or without its folder.

    Returns
    -------
    set of str
        The sheets that are named.
    """
    named: set[str] = set()
    _place(data, (), book.rpartition("/")[2], named)
    return named


def _place(table: dict[str, Any], path: _Path, book: str, named: set[str]) -> None:
    for key, value in table.items():
        below = (*path, key)
        if isinstance(value, dict):
            _place(value, below, book, named)
        elif _may_name_file(below) and isinstance(value, str | list):
            table[key] = _placed(value, book, named)


def _placed(value: Any, book: str, named: set[str]) -> Any:
    if isinstance(value, list):
        return [_placed(item, book, named) for item in value]
    if isinstance(value, str) and value.startswith("#"):
        named.add(value[1:])
        return book + value
    return value


def _may_name_file(path: _Path) -> bool:
    """Whether the value of a path of a document is, or lists, a file with rows."""
    if path[0] == "tables" or path[-1] == "file":
        return True
    is_varied = path[:2] == ("sweep", "parameters") and len(path) == 3
    is_set = path[:2] == ("mitigation", "options") and path[3:4] == ("set",) and len(path) == 5
    return (is_varied or is_set) and any(map(_is_file, _paths(path[-1])))


def _is_file(path: _Path) -> bool:
    return path[:1] == ("tables",) or path == _FILE


def _paths(name: str) -> list[_Path]:
    """The dotted paths in a name that commas join, as far as it is well formed."""
    paths: list[_Path] = []
    at = 0
    while at <= len(name):
        path, end = read_key(name, at)
        paths.append(path)
        if not path or name[end : end + 1] != ",":
            break
        at = end + 1
    return paths
